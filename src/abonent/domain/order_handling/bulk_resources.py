"""Bulk orders of a business: a file of lines, each of which becomes a product order (docs/decisions/0019)."""

from abonent.domain.common_shapes import SHAPES
from abonent.domain.order_handling.states_bulk import BULK_ORDER as BULK_ORDER_STATES
from abonent.domain.order_handling.states_bulk import BULK_ORDER_LINE as LINE_STATES
from abonent.kit.access import STAFF, Permissions
from abonent.kit.resource import READ_ONLY, Index, Resource
from abonent.kit.shapes import Vocabulary

_OWN = Vocabulary(
    SHAPES,
    """
# content: the CSV file as text, which is read into lines; state: patched to placing or cancelled by a person.
BulkOrder: id= href= name~ content~ state^:BulkOrderState customer!~:BulkCustomer created=:date-time createdBy=
    confirmed=:date-time ended=:date-time lineCount=:integer header=:any delimiter= @*
# cell: the line as it was sent. problem, notice: text with {named} facts and the column they are of.
BulkOrderLine: id= href= bulkOrder= line=:integer state=:BulkOrderLineState cell=:any externalId= offering=:BulkRef
    address=:BulkRef quantity=:integer characteristic=:any requested=:date-time contact= monthly=:Money once=:Money
    promised=:date-time problem=:BulkProblem[] notice=:BulkProblem[] productOrder=:BulkRef @*
BulkCustomer: id! name @* @referredType
BulkRef: id! name @*
BulkProblem: column text facts:any
BulkOrderState: checking | checked | placing | done | cancelled
BulkOrderLineState: unchecked | wrong | waiting | placing | placed | refused | cancelled
""",
)
_BASE = "/abonent-api/orderHandling/v1"

BULK_ORDER = Resource(
    "bulkOrder",
    _OWN["BulkOrder"],
    "BO",
    _BASE,
    indexes=(Index("state"), Index("created", newest_first=True), Index("customer.id")),
    states=BULK_ORDER_STATES,
    operations=frozenset({"list", "get", "create", "patch"}),
    permissions=Permissions(read=STAFF, write=STAFF),
    searched=False,
)
BULK_ORDER_LINE = Resource(
    "bulkOrderLine",
    _OWN["BulkOrderLine"],
    "BL",
    _BASE,
    indexes=(Index("bulkOrder"), Index("state"), Index("externalId")),
    states=LINE_STATES,
    operations=READ_ONLY,
    permissions=Permissions(read=STAFF, write=STAFF),
    audited=False,
    searched=False,
)
RESOURCES = (BULK_ORDER, BULK_ORDER_LINE)
