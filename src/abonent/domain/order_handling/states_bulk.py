"""Legal moves of a bulk order and of its lines. Data only."""

from abonent.kit.states import machine

BULK_ORDER = machine(
    initial="checking",
    checking="checked cancelled",
    checked="placing cancelled",
    placing="done",
    done="",
    cancelled="",
)
# What becomes of a placed line's order is the order's own state.
BULK_ORDER_LINE = machine(
    initial="unchecked",
    unchecked="wrong waiting cancelled",
    wrong="",
    waiting="placing cancelled",
    placing="placed refused",
    placed="",
    refused="",
    cancelled="",
)
