"""What ending a product costs and what has to come back (own API): rules by offering, and equipment on its way back."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

_BASE = "/abonent-api/orderHandling/v1"
_SHAPES = """
# Ending before the commitment is over costs: feeType remainingMonths: months left x monthly price x share (0 to 1);
# scale: the amount of the last step whose fromMonth has passed; none: nothing. most: never more than this.
# equipment: what is lent with the product, by when it has to be back and what it costs otherwise; takeBackDays: so many
# days after that the charge is taken back if it comes after all (left out: never).
EndingRule: id= href= name productOffering!:ProductOfferingRef feeType!:FeeType share:number scale:FeeStep[] most:Money
    equipment:LentEquipment[] @*
FeeStep: fromMonth!:integer amount!:Money
LentEquipment: id! name!:any returnDays!:integer charge!:Money takeBackDays:integer
FeeType: remainingMonths | scale | none
EquipmentReturn: id= href= state^:ReturnStateType name=:any equipment= product=:ProductRef productOrder=:OrderRef
    relatedParty=:RelatedParty[] dueDate=:date-time returnDate=:date-time charge=:Money
    takeBackUntil=:date-time chargeReversed=:boolean note:Note[] @*
ProductRef: id! href name @* @referredType
OrderRef: id! href name @* @referredType
ReturnStateType: expected | returned | charged | returnedLate
"""
_OWN = Vocabulary(SHAPES, _SHAPES)

RETURN_STATE = machine(
    initial="expected",
    expected="returned charged",
    charged="returnedLate",
    returned="",
    returnedLate="",
)
ENDING_RULE = Resource(
    "endingRule",
    _OWN["EndingRule"],
    "ER",
    _BASE,
    indexes=(Index("productOffering.id"),),
    permissions=Permissions(read=EVERYBODY, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
)
EQUIPMENT_RETURN = Resource(
    "equipmentReturn",
    _OWN["EquipmentReturn"],
    "RET",
    _BASE,
    indexes=(Index("state"), Index("dueDate"), Index("productOrder.id"), Index("product.id")),
    owner=("relatedParty.id",),
    states=RETURN_STATE,
    operations=frozenset({"list", "get", "patch"}),
    permissions=Permissions(read=EVERYBODY, write=STAFF),
)

RESOURCES = (ENDING_RULE, EQUIPMENT_RETURN)
