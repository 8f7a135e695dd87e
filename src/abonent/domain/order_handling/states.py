"""Legal moves of orders, items, service orders and plan tasks. Data only.

Product order: TMF622 life cycle. Three moves are not drawn there and come from eTOM's order status flow, where an
invalid or infeasible order is rejected after it was acknowledged: acknowledged -> rejected, held, cancelled.
"""

from abonent.kit.states import machine

_ORDER_MOVES = {
    "acknowledged": "inProgress pending held rejected cancelled",
    "assessingCancellation": "inProgress pending held pendingCancellation",
    "pendingCancellation": "cancelled",
    "rejected": "",
    "cancelled": "",
    "completed": "",
    "failed": "",
}

PRODUCT_ORDER = machine(
    initial="acknowledged held rejected",
    inProgress="pending held assessingCancellation completed failed partial",
    pending="inProgress assessingCancellation cancelled",
    held="inProgress assessingCancellation cancelled",
    partial="",
    **_ORDER_MOVES,
)

PRODUCT_ORDER_ITEM = machine(
    initial="acknowledged held rejected",
    inProgress="pending held assessingCancellation completed failed",
    pending="inProgress assessingCancellation cancelled",
    held="inProgress assessingCancellation cancelled",
    **_ORDER_MOVES,
)

# TMF641 draws the same life cycle for service orders.
SERVICE_ORDER = PRODUCT_ORDER

# A request to cancel: decided as it is posted, or at the date it asks for.
CANCEL_PRODUCT_ORDER = machine(
    initial="acknowledged inProgress done terminatedWithError",
    acknowledged="inProgress done terminatedWithError",
    inProgress="done terminatedWithError",
    done="",
    terminatedWithError="",
)

# The same for a service order; TMF641 calls the first state accepted.
CANCEL_SERVICE_ORDER = machine(
    initial="accepted inProgress done terminatedWithError",
    accepted="inProgress done terminatedWithError",
    inProgress="done terminatedWithError",
    done="",
    terminatedWithError="",
)

TASK = machine(
    initial="pending ready",
    pending="ready cancelled skipped",
    # Back to pending: the order was amended, and what it waits for is done once more.
    ready="inProgress completed failed cancelled skipped pending",
    inProgress="completed failed cancelled",
    failed="ready skipped cancelled",
    # Done once more, as the order was amended.
    completed="pending",
    skipped="",
    cancelled="",
)
