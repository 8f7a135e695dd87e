"""The credit case of an order: why it waits for a person or for money, and what was done about it."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

# An order that is amended is decided anew, so an open or approved case may become any other. What a table or a person
# declined may be appealed against once: then another order stands for it, whose case cannot be appealed any more.
CASE_STATES = machine(
    initial="referred awaitingDeposit declined",
    referred="awaitingDeposit approved declined upheld withdrawn",
    awaitingDeposit="approved declined upheld referred withdrawn",
    approved="referred awaitingDeposit declined",
    declined="appealed",
    appealed="",
    upheld="",
    withdrawn="referred awaitingDeposit declined",
)

_OWN = Vocabulary(
    SHAPES,
    """
# id: the order's. decision: as it stands in the order's assessment. monthly: the order's monthly sum that it is for.
# trace: every step with at, by, what, why. statement: the client's own words, of an appeal.
# reason: why, said with a step; wording: what the client is told when he is refused.
CreditCase: id= href= state^:CreditCaseState productOrder=:ProductOrderRef customer=:CustomerRef since=:date-time
    decision=:any monthly=:number reason^ wording^ statement^ deposit^:Money limit^:Money
    payment^:CreditPayment[] trace=:any appealOf=:ProductOrderRef appealOrder=:ProductOrderRef declinedBy= @*
# reference: the payment's number where it was made; the same number twice is one payment.
CreditPayment: reference! amount!:Money at:date-time by
ProductOrderRef: id! href name @* @referredType
CustomerRef: id! href name @* @referredType
CreditCaseState: referred | awaitingDeposit | approved | declined | appealed | upheld | withdrawn
""",
)

CREDIT_CASE = Resource(
    "creditCase",
    _OWN["CreditCase"],
    "CC",
    "/abonent-api/credit/v1",
    indexes=(Index("state"), Index("since", newest_first=True), Index("customer.id")),
    states=CASE_STATES,
    operations=frozenset({"list", "get", "patch"}),
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.AGENT, Role.SYSTEM})),
    searched=False,
)

RESOURCES = (CREDIT_CASE,)
