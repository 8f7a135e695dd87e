"""Legal moves of appointments (TMF646) and work orders (TMF697). Data only.

TMF697 takes the life cycle of orders over. `acknowledged` is a work order with a crew and a slot, `pending` one that
waits for a slot; so two moves stand here that are not drawn there: a visit that found nobody sends the order from
inProgress or acknowledged to pending, and a new slot brings it back (pending -> acknowledged).

An appointment that nobody could keep as it was posted is `failed` from the start: TMF646 has no state for what was
refused.
"""

from abonent.kit.states import machine

APPOINTMENT_STATUS = machine(
    "status",
    initial="initialized confirmed failed",
    initialized="confirmed cancelled completed failed",
    confirmed="cancelled completed failed",
    cancelled="",
    completed="",
    failed="",
)

WORK_ORDER_STATE = machine(
    initial="acknowledged pending rejected",
    acknowledged="inProgress pending held rejected cancelled failed",
    pending="acknowledged inProgress held assessingCancellation cancelled failed",
    held="acknowledged inProgress pending assessingCancellation cancelled failed",
    inProgress="pending held assessingCancellation completed failed partial",
    assessingCancellation="inProgress pending held pendingCancellation",
    pendingCancellation="cancelled",
    rejected="",
    cancelled="",
    completed="",
    failed="",
    partial="",
)

# A request to cancel: decided as it is posted, or at the date it asks for.
CANCEL_WORK_ORDER_STATE = machine(
    initial="accepted inProgress done terminatedWithError",
    accepted="inProgress done terminatedWithError",
    inProgress="done terminatedWithError",
    done="",
    terminatedWithError="",
)

SEARCH_STATUS = machine(
    "status",
    initial="inProgress done rejected terminatedWithError",
    inProgress="done rejected terminatedWithError",
    done="",
    rejected="",
    terminatedWithError="",
)
