"""Life of products and services in the inventory (TMF637 ProductStatusType, TMF638 ServiceStateType). Data only.

Every state may be the first: inventories are also loaded from other systems.
"""

from abonent.kit.states import machine

PRODUCT_STATUS = machine(
    "status",
    initial="created pendingActive cancelled active pendingTerminate terminated suspended aborted",
    created="pendingActive active cancelled aborted",
    pendingActive="active cancelled aborted",
    active="suspended pendingTerminate terminated",
    suspended="active pendingTerminate terminated",
    pendingTerminate="active terminated",
    cancelled="",
    terminated="",
    aborted="",
)
SERVICE_STATE = machine(
    initial="feasibilityChecked designed reserved inactive active terminated",
    feasibilityChecked="designed reserved inactive active terminated",
    designed="reserved inactive active terminated",
    reserved="inactive active terminated",
    inactive="active terminated",
    active="inactive terminated",
    terminated="",
)
