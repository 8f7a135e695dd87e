"""A number on its way from another operator: what was asked of the clearing house, and what it answered."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

# A donor may take back his word until the window; a number that came goes back when the order is cancelled then.
PORTING_STATES = machine(
    initial="asked",
    asked="received accepted refused withdrawn ported",
    received="accepted refused withdrawn ported",
    accepted="refused withdrawn ported",
    ported="returned",
    refused="",
    withdrawn="",
    returned="",
)

_OWN = Vocabulary(
    SHAPES,
    """
# id and key: of the attempt of a plan's task. latest: until when the number has to be here by the terms of the
# offering; wanted: the date the client asked for. window: when it moves, as agreed. reportedAt: by the clearing house's
# clock. externalId: its own number of the request.
PortingRequest: id= href= state^:PortingRequestState key= productOrder=:ProductOrderRef orderItem= task=
    relatedParty=:RelatedParty[] phoneNumber= donorOperator= numberOwner= forBusiness=:boolean since=:date-time
    latest=:date-time wanted=:date-time window=:TimePeriod refusal=:Refusal reportedAt=:date-time externalId= @*
Refusal: code text @*
ProductOrderRef: id! href name @* @referredType
PortingRequestState: asked | received | accepted | refused | withdrawn | ported | returned
""",
)

PORTING_REQUEST = Resource(
    "portingRequest",
    _OWN["PortingRequest"],
    "PRT",
    "/abonent-api/porting/v1",
    indexes=(
        Index("state"),
        Index("productOrder.id"),
        Index("phoneNumber"),
        Index("since", newest_first=True),
    ),
    states=PORTING_STATES,
    operations=frozenset({"list", "get"}),
    permissions=Permissions(read=STAFF, write=frozenset({Role.SYSTEM})),
    searched=False,
)
RESOURCES = (PORTING_REQUEST,)
