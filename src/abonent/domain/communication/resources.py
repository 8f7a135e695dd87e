"""Messages to clients (TMF681), the templates they are written from, and interactions with a party (TMF683)."""

from abonent.domain.communication.shapes import COMMUNICATION, INTERACTION, TEMPLATES
from abonent.domain.communication.states import COMMUNICATION_MESSAGE as MESSAGE_STATES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource

COMMUNICATION_MESSAGE = Resource(
    "communicationMessage",
    COMMUNICATION["CommunicationMessage"],
    "M",
    "/tmf-api/communicationManagement/v4",
    indexes=(Index("state"), Index("sendTime", newest_first=True)),
    owner=("receiver.id",),
    states=MESSAGE_STATES,
    permissions=Permissions(read=EVERYBODY, write=STAFF),
)
# A template that is stored goes before the built-in one of the same id (texts.py).
MESSAGE_TEMPLATE = Resource(
    "messageTemplate",
    TEMPLATES["MessageTemplate"],
    "MT",
    "/abonent-api/communication/v1",
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    defaults={"active": True, "urgent": False},
)
PARTY_INTERACTION = Resource(
    "partyInteraction",
    INTERACTION["PartyInteraction"],
    "PI",
    "/tmf-api/partyInteraction/v4",
    indexes=(Index("status"), Index("creationDate", newest_first=True)),
    owner=("relatedParty.id",),
    permissions=Permissions(read=EVERYBODY, write=STAFF),
)
RESOURCES = (COMMUNICATION_MESSAGE, MESSAGE_TEMPLATE, PARTY_INTERACTION)
