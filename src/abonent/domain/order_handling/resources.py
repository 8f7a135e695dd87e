"""Resources of order handling (TMF622, TMF641) and its own: the plan, the assessment, receipts."""

from abonent.domain.common_shapes import SHAPES
from abonent.domain.order_handling.shapes import OFFERED_ORDERING, SERVICE_ORDERING
from abonent.domain.order_handling.states import CANCEL_PRODUCT_ORDER as CANCEL_STATES
from abonent.domain.order_handling.states import CANCEL_SERVICE_ORDER as CANCEL_SERVICE_STATES
from abonent.domain.order_handling.states import PRODUCT_ORDER as PRODUCT_ORDER_STATES
from abonent.domain.order_handling.states import SERVICE_ORDER as SERVICE_ORDER_STATES
from abonent.kit.access import EVERYBODY, Permissions
from abonent.kit.resource import READ_ONLY, Index, Resource
from abonent.kit.shapes import Vocabulary

_OWN_BASE = "/abonent-api/orderHandling/v1"
_OWN_SHAPES = """
# The plan: tasks as domain/order_handling/plan.py writes them.
OrderPlan: id= href= plannedStart=:date-time plannedEnd=:date-time promised=:date-time customer= task=:any @*
# Feasibility and credit, as decided, with reasons, alternatives and the version of the credit table.
OrderAssessment: id= href= decision=:any @*
# Which order answered an externalId: id is "<sender>:<externalId>".
OrderReceipt: id= productOrder= @*
"""
_OWN = Vocabulary(SHAPES, _OWN_SHAPES)

PRODUCT_ORDER = Resource(
    "productOrder",
    OFFERED_ORDERING["ProductOrder"],
    "O",
    "/tmf-api/productOrderingManagement/v4",
    indexes=(
        Index("state"),
        Index("orderDate", newest_first=True),
        Index("externalId"),
        Index("expectedCompletionDate"),
    ),
    owner=("relatedParty.id",),
    states=PRODUCT_ORDER_STATES,
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
CANCEL_PRODUCT_ORDER = Resource(
    "cancelProductOrder",
    OFFERED_ORDERING["CancelProductOrder"],
    "CO",
    "/tmf-api/productOrderingManagement/v4",
    indexes=(Index("state"), Index("productOrder.id"), Index("creationDate", newest_first=True)),
    owner=("relatedParty.id",),
    states=CANCEL_STATES,
    operations=frozenset({"list", "get", "create"}),
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
SERVICE_ORDER = Resource(
    "serviceOrder",
    SERVICE_ORDERING["ServiceOrder"],
    "SO",
    "/tmf-api/serviceOrdering/v4",
    indexes=(Index("state"), Index("externalId")),
    states=SERVICE_ORDER_STATES,
)
CANCEL_SERVICE_ORDER = Resource(
    "cancelServiceOrder",
    SERVICE_ORDERING["CancelServiceOrder"],
    "CSO",
    "/tmf-api/serviceOrdering/v4",
    indexes=(Index("state"), Index("serviceOrder.id")),
    states=CANCEL_SERVICE_STATES,
    operations=frozenset({"list", "get", "create"}),
)
ORDER_PLAN = Resource(
    "orderPlan", _OWN["OrderPlan"], "OP", _OWN_BASE, operations=READ_ONLY, audited=False, searched=False
)
ORDER_ASSESSMENT = Resource(
    "orderAssessment",
    _OWN["OrderAssessment"],
    "OA",
    _OWN_BASE,
    operations=READ_ONLY,
    audited=False,
    searched=False,
)
ORDER_RECEIPT = Resource("orderReceipt", _OWN["OrderReceipt"], "OR", audited=False, searched=False)

RESOURCES = (
    PRODUCT_ORDER,
    CANCEL_PRODUCT_ORDER,
    SERVICE_ORDER,
    CANCEL_SERVICE_ORDER,
    ORDER_PLAN,
    ORDER_ASSESSMENT,
    ORDER_RECEIPT,
)
