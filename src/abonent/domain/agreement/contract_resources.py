"""Contracts of orders: the text they are made from, what was offered and accepted, and the file itself."""

from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import READ_ONLY, Index, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.states import machine

CONTRACT_STATES = machine(
    initial="offered",
    offered="accepted expired",
    accepted="",
    expired="",
)
DOCUMENT_KINDS = ("passport", "foreignPassport", "residencePermit", "powerOfAttorney")

_OWN = Vocabulary(
    SHAPES,
    """
# An offering that names a template (TMF620 `agreement`) is not delivered before its contract is accepted. title and
# clause hold every language of ours; termDays: how long the client has; remindAfterDays as with deposits.
ContractTemplate: id! href= title!:ContractText clause!:ContractText[] operator!:ContractOperator termDays:integer
    remindAfterDays:integer[] version=:integer lastUpdate=:date-time @*
ContractText: en! ru!
ContractOperator: name! address registration
# id: CTR- and the order's number. sha256 and size (bytes) are those of the PDF. acceptance: what is kept of it, and no
# more: how (link, office), by whom, and of the document that was looked at its kind and last digits.
Contract: id= href= state=:ContractState productOrder=:ProductOrderRef customer=:CustomerRef language= template=:any
    sha256= size=:integer since=:date-time due=:date-time reminders=:integer acceptance=:ContractAcceptance @*
ContractAcceptance: at:date-time by how documentKind documentDigits
ContractFile: id= sha256= mediaType= content= @*
ProductOrderRef: id! href name @* @referredType
CustomerRef: id! href name @* @referredType
ContractState: offered | accepted | expired
""",
)
_BASE = "/abonent-api/agreement/v1"

CONTRACT_TEMPLATE = Resource(
    "contractTemplate",
    _OWN["ContractTemplate"],
    "CTT",
    _BASE,
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    searched=False,
)
CONTRACT = Resource(
    "contract",
    _OWN["Contract"],
    "CTR",
    _BASE,
    indexes=(Index("state"), Index("since", newest_first=True)),
    owner=("customer.id",),
    states=CONTRACT_STATES,
    operations=READ_ONLY,
    permissions=Permissions(read=EVERYBODY, write=frozenset({Role.SYSTEM})),
    searched=False,
)
# The PDF, base64. Not on the wire: the pages of the contract hand it out.
CONTRACT_FILE = Resource("contractFile", _OWN["ContractFile"], "CTF", audited=False, searched=False)
RESOURCES = (CONTRACT_TEMPLATE, CONTRACT, CONTRACT_FILE)
