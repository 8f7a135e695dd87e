"""What a client is asked to pay before work starts, and the terms of asking: how long he has, when he is reminded."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

# Asked for: the provider has no payment yet. A deposit that became less, or was paid in part, is asked for anew. Money
# that comes for an order that is over has to be given back.
REQUEST_STATES = machine(
    initial="asked refundDue",
    asked="open paid cancelled expired refundDue",
    open="asked paid cancelled expired refundDue",
    paid="asked refundDue",
    cancelled="asked refundDue",
    expired="asked refundDue",
    refundDue="refunding refunded asked",
    refunding="refundDue refunded asked",
    refunded="asked refundDue",
)

_OWN = Vocabulary(
    SHAPES,
    """
# id: the order's. attempt counts what was asked for; key is the attempt's, as the provider knows it. due: until when
# the client has time. late: payments that nobody owes any more; back: how one was given back. refundDocument: its
# number, written with state refunded. refusal: why the provider did not send money back.
PaymentRequest: id= href= state^:PaymentRequestState productOrder=:ProductOrderRef customer=:CustomerRef amount=:Money
    attempt=:integer key= providerId= payUrl= since=:date-time due=:date-time reminders=:integer
    late=:LatePayment[] refusal=:RefundRefusal refundDocument @*
LatePayment: reference amount:Money at:date-time by back:GivenBack
GivenBack: how by at:date-time document
RefundRefusal: reason at:date-time
ProductOrderRef: id! href name @* @referredType
CustomerRef: id! href name @* @referredType
PaymentRequestState: asked | open | paid | cancelled | expired | refundDue | refunding | refunded
# id: default. remindAfterDays: days after asking on which the client is reminded.
DepositPolicy: id! href= termDays!:integer remindAfterDays:integer[] @*
""",
)
_BASE = "/abonent-api/payment/v1"

PAYMENT_REQUEST = Resource(
    "paymentRequest",
    _OWN["PaymentRequest"],
    "PRQ",
    _BASE,
    indexes=(Index("state"), Index("since", newest_first=True)),
    states=REQUEST_STATES,
    operations=frozenset({"list", "get", "patch"}),
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    searched=False,
)
DEPOSIT_POLICY = Resource(
    "depositPolicy",
    _OWN["DepositPolicy"],
    "DP",
    _BASE,
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    searched=False,
)
RESOURCES = (PAYMENT_REQUEST, DEPOSIT_POLICY)
