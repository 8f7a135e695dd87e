"""What billing is told: charging events, numbered once, and the exports that handed them over."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions
from abonent.kit.resource import READ_ONLY, Index, Resource
from abonent.kit.shapes import Vocabulary

_OWN = Vocabulary(
    SHAPES,
    """
# What is charged for a product now, as far as its events were followed: `event` is the last one's sequence number. Of
# lent equipment (id RET-...): what of it was told.
ChargingPosition: id= event=:integer charged=:boolean account= accountRef=:any customer=:any name= quantity=:integer
    price=:any orderItem=:any @*
# An event that has no number yet: `charge` is what it will say.
ChargingDraft: id= account= effective=:date-time charge=:any @*
# The last number given to an account, or to all of them (id "all"), and when.
ChargingCounter: id= last=:integer booked=:date-time @*
# id: CE- and the number over all accounts, twelve digits, so that ids sort as the numbers do.
ChargingEvent: id= href= type=:ChargingType reason= number=:integer accountNumber=:integer account=
    billingAccount=:BillingAccountRef customer=:CustomerRef product=:ProductRef quantity=:integer
    price=:ProductPrice[] effective=:date-time booked=:date-time orderItem=:ChargedItem
    equipmentReturn=:EquipmentReturnRef @*
EquipmentReturnRef: id! href name:any @* @referredType
ChargedItem: productOrderId orderItemId orderItemAction
CustomerRef: id! href name @* @referredType
ProductRef: id! href name @* @referredType
ChargingType: start | change | stop | oneTime | credit
# A range of booking times that was handed over.
ChargingExport: id= href= since=:date-time until=:date-time created=:date-time count=:integer firstEvent= lastEvent=
    sums=:any sha256= @*
""",
)
_BASE = "/abonent-api/billing/v1"
# Billing systems come with a token of the staff; what a client is charged he sees on his products.
_READ = Permissions(read=STAFF)

CHARGING_POSITION = Resource(
    "chargingPosition", _OWN["ChargingPosition"], "CP", audited=False, searched=False
)
CHARGING_DRAFT = Resource("chargingDraft", _OWN["ChargingDraft"], "CF", audited=False, searched=False)
CHARGING_COUNTER = Resource("chargingCounter", _OWN["ChargingCounter"], "CN", audited=False, searched=False)
CHARGING_EVENT = Resource(
    "chargingEvent",
    _OWN["ChargingEvent"],
    "CE",
    _BASE,
    indexes=(Index("booked"), Index("account"), Index("product.id"), Index("customer.id"), Index("type")),
    operations=READ_ONLY,
    permissions=_READ,
    audited=False,
    searched=False,
)
CHARGING_EXPORT = Resource(
    "chargingExport",
    _OWN["ChargingExport"],
    "CX",
    _BASE,
    operations=READ_ONLY,
    permissions=_READ,
    audited=False,
    searched=False,
)
RESOURCES = (CHARGING_POSITION, CHARGING_DRAFT, CHARGING_COUNTER, CHARGING_EVENT, CHARGING_EXPORT)
