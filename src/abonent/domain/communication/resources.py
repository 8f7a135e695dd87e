"""Messages to clients (TMF681)."""

from abonent.domain.communication.shapes import COMMUNICATION
from abonent.kit.access import EVERYBODY, STAFF, Permissions
from abonent.kit.resource import Index, Resource

COMMUNICATION_MESSAGE = Resource(
    "communicationMessage",
    COMMUNICATION["CommunicationMessage"],
    "M",
    "/tmf-api/communicationManagement/v4",
    indexes=(Index("state"),),
    owner=("receiver.id",),
    permissions=Permissions(read=EVERYBODY, write=STAFF),
)
RESOURCES = (COMMUNICATION_MESSAGE,)
