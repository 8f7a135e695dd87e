"""What is told, when and by which channel, as data: a rule for everything, for a category, for an offering."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary

_OWN = Vocabulary(
    SHAPES,
    """
# id: default, category.<id> or offering.<id>. followDays: of the default rule alone, how many days after an order's
# end its signed address still shows it.
CommunicationRule: id= href= scope!~:CommunicationScope subject~:RuleSubject telling!:CommunicationTelling[]
    followDays:integer version=:integer lastUpdate=:date-time @*
RuleSubject: id! name @*
# channel: none means the client's own. variant: which text of the event is used instead of its usual one.
# link: whether the order's signed address is added.
CommunicationTelling: event! told:boolean channel:RuleChannel[] delayMinutes:integer variant link:boolean
RuleChannel: email | SMS
CommunicationScope: default | category | offering
""",
)

COMMUNICATION_RULE = Resource(
    "communicationRule",
    _OWN["CommunicationRule"],
    "CU",
    "/abonent-api/communication/v1",
    indexes=(Index("scope"),),
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    searched=False,
)
RESOURCES = (COMMUNICATION_RULE,)
