"""Legal moves, every pair of states of every machine, against tables written down here independently of the code.

Orders: the TMF622 life cycle, and three moves out of acknowledged that come from eTOM's order status flow.
"""

import pytest

from abonent.domain.inventory import states as inventory
from abonent.domain.order_handling import states as orders
from abonent.kit.errors import IllegalMove
from abonent.kit.states import StateMachine, machine

TMF622 = {
    ("acknowledged", "inProgress"),
    ("acknowledged", "pending"),
    ("inProgress", "pending"),
    ("inProgress", "held"),
    ("inProgress", "assessingCancellation"),
    ("inProgress", "completed"),
    ("inProgress", "failed"),
    ("inProgress", "partial"),
    ("pending", "inProgress"),
    ("pending", "assessingCancellation"),
    ("pending", "cancelled"),
    ("held", "inProgress"),
    ("held", "assessingCancellation"),
    ("held", "cancelled"),
    ("assessingCancellation", "inProgress"),
    ("assessingCancellation", "pending"),
    ("assessingCancellation", "held"),
    ("assessingCancellation", "pendingCancellation"),
    ("pendingCancellation", "cancelled"),
}
ETOM = {("acknowledged", "rejected"), ("acknowledged", "held"), ("acknowledged", "cancelled")}
ORDER_STATES = {
    *("acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "completed", "failed"),
    *("partial", "assessingCancellation", "pendingCancellation"),
}
ORDER_START = {"acknowledged", "held", "rejected"}
TASK_MOVES = {
    *(("pending", to) for to in ("ready", "cancelled", "skipped")),
    *(("ready", to) for to in ("inProgress", "completed", "failed", "cancelled", "skipped")),
    *(("inProgress", to) for to in ("completed", "failed", "cancelled")),
    *(("failed", to) for to in ("ready", "skipped", "cancelled")),
    ("completed", "pending"),
    ("ready", "pending"),
}
TASK_STATES = {"pending", "ready", "inProgress", "completed", "failed", "skipped", "cancelled"}
PRODUCT_MOVES = {
    *(("created", to) for to in ("pendingActive", "active", "cancelled", "aborted")),
    *(("pendingActive", to) for to in ("active", "cancelled", "aborted")),
    *(("active", to) for to in ("suspended", "pendingTerminate", "terminated")),
    *(("suspended", to) for to in ("active", "pendingTerminate", "terminated")),
    *(("pendingTerminate", to) for to in ("active", "terminated")),
}
PRODUCT_STATES = {
    *("created", "pendingActive", "cancelled", "active", "pendingTerminate", "terminated", "suspended"),
    "aborted",
}
SERVICE_ORDERED = ["feasibilityChecked", "designed", "reserved", "inactive", "active", "terminated"]
# A service only ever goes forward in this list, save that an active one may become inactive again.
SERVICE_MOVES = {
    (old, new)
    for place, old in enumerate(SERVICE_ORDERED)
    for new in SERVICE_ORDERED[place + 1 :]
} | {("active", "inactive")}  # fmt: skip

MACHINES = {
    "product order": (orders.PRODUCT_ORDER, ORDER_STATES, TMF622 | ETOM, ORDER_START),
    "product order item": (
        orders.PRODUCT_ORDER_ITEM,
        ORDER_STATES - {"partial"},
        {(old, new) for old, new in TMF622 | ETOM if new != "partial"},
        ORDER_START,
    ),
    "service order": (orders.SERVICE_ORDER, ORDER_STATES, TMF622 | ETOM, ORDER_START),
    "task": (orders.TASK, TASK_STATES, TASK_MOVES, {"pending", "ready"}),
    "product": (inventory.PRODUCT_STATUS, PRODUCT_STATES, PRODUCT_MOVES, PRODUCT_STATES),
    "service": (inventory.SERVICE_STATE, set(SERVICE_ORDERED), SERVICE_MOVES, set(SERVICE_ORDERED)),
}


def allows(machine: StateMachine, old: str | None, new: str) -> bool:
    try:
        return machine.check("it", old, new)
    except IllegalMove:
        return False


@pytest.mark.parametrize("name", MACHINES)
def test_exactly_the_drawn_moves_are_legal(name: str) -> None:
    machine, states, moves, start = MACHINES[name]
    assert machine.states == states
    assert {(a, b) for a in states for b in states if allows(machine, a, b)} == moves
    assert {new for new in states if allows(machine, None, new)} == start
    assert machine.final == states - {old for old, _ in moves}


@pytest.mark.parametrize("name", MACHINES)
def test_staying_is_no_move_and_no_error(name: str) -> None:
    machine, states, _, _ = MACHINES[name]
    assert not any(machine.check("it", state, state) for state in states)


def test_a_state_nobody_knows_leads_nowhere() -> None:
    assert not allows(orders.PRODUCT_ORDER, "acknowledged", "draft")
    assert not allows(orders.PRODUCT_ORDER, "draft", "acknowledged")
    assert not allows(orders.PRODUCT_ORDER, None, "draft")


def test_the_refusal_says_where_one_may_go() -> None:
    with pytest.raises(IllegalMove) as refused:
        orders.PRODUCT_ORDER.check("productOrder O-1", "held", "completed")
    assert refused.value.code == "illegalStateTransition"
    assert refused.value.facts["legal"] == "assessingCancellation, cancelled, inProgress"
    assert "productOrder O-1" in str(refused.value)


def test_a_machine_reads_its_words() -> None:
    doors = machine("position", initial="shut", shut="open locked", open="shut", locked="shut")
    assert doors.attribute == "position"
    assert doors.may("shut", "locked") and not doors.may("open", "locked")
    assert doors.final == frozenset()
