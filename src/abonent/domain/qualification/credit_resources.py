"""What the credit check keeps: its tables, version by version, payments that came late, and the bureau's answers."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import READ_ONLY, Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

CREDIT_BASE = "/abonent-api/credit/v1"
MANAGERS = frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})
_BILLING = frozenset({Role.ADMIN, Role.SYSTEM})

# A version is written as a draft, released to be in force from a date, and then stays as it is; one that is not in
# force yet may be withdrawn. Which one decides follows from the dates (queries_credit.py).
TABLE_STATES = machine(initial="draft", draft="released", released="withdrawn", withdrawn="")

_OWN = Vocabulary(
    SHAPES,
    """
# version: counts up; 1 is the table shipped. inForceFrom: given on release, never in the past.
CreditTable: id= href= name! description version=:integer state^:CreditTableState inForceFrom^:date-time
    lastUpdate=:date-time author= column!:string[] row!:CreditRow[] @*
# cell: one for each column, as qualification/rules_credit_cells.py reads them.
CreditRow: cell!:string[] outcome!:CreditOutcome deposit:CreditSum limit:CreditSum reason:CreditWords
    wording:CreditWords
# A fixed amount in the operator's currency, or so many months of the order's monthly sum.
CreditSum: months:number amount:number
CreditWords: en ru
CreditTableState: draft | released | withdrawn
CreditOutcome: approve | approveWithLimit | approveWithDeposit | refer | decline
# A payment that came after its due date, or has not come: told by billing.
LatePayment: id= href= customer!:CustomerRef billingAccount:BillingAccountRef amount:Money dueDate!:date-time
    paidDate:date-time @*
CustomerRef: id! href name @* @referredType
# What the bureau said of the customer whose number is the id; asked again when it is older than a day.
BureauAnswer: id= href= status= score=:integer reference= askedAt=:date-time
""",
)

CREDIT_TABLE = Resource(
    "creditTable",
    _OWN["CreditTable"],
    "CT",
    CREDIT_BASE,
    indexes=(Index("inForceFrom", newest_first=True),),
    states=TABLE_STATES,
    permissions=Permissions(read=STAFF, write=MANAGERS),
    searched=False,
)
LATE_PAYMENT = Resource(
    "latePayment",
    _OWN["LatePayment"],
    "LP",
    CREDIT_BASE,
    indexes=(Index("customer.id"), Index("dueDate", newest_first=True)),
    permissions=Permissions(read=STAFF, write=_BILLING),
    audited=False,
    searched=False,
)
BUREAU_ANSWER = Resource(
    "bureauAnswer",
    _OWN["BureauAnswer"],
    "BU",
    CREDIT_BASE,
    operations=READ_ONLY,
    audited=False,
    searched=False,
)

RESOURCES = (CREDIT_TABLE, LATE_PAYMENT, BUREAU_ANSWER)
