"""Legal moves of a quote (TMF648). Data only.

inProgress: it is being worked out; pending: its price waits for somebody who may grant it; approved: the client has it
and may accept or decline (rejected). One that does not say for whom it is stands rejected from the start. TMF648 has no
state for a quote that ran out of time: it is cancelled, and the reason says so.
"""

from abonent.kit.states import machine

QUOTE = machine(
    initial="inProgress pending approved rejected",
    inProgress="pending approved rejected cancelled",
    pending="approved rejected cancelled",
    approved="accepted rejected cancelled",
    accepted="",
    rejected="",
    cancelled="",
)
OPEN = frozenset({"inProgress", "pending", "approved"})
