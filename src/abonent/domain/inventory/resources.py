"""What clients hold and what it runs on: products, services, resources, addresses and the access that reaches them
(TMF637, TMF638, TMF639, TMF673-style addresses)."""

from abonent.domain.common_shapes import SHAPES
from abonent.domain.inventory.shapes import PRODUCT_INVENTORY, RESOURCE_INVENTORY, SERVICE_INVENTORY
from abonent.domain.inventory.states import PRODUCT_STATUS, SERVICE_STATE
from abonent.kit.access import EVERYBODY, STAFF, Permissions
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary

_CLIENT_READS = Permissions(read=EVERYBODY, write=STAFF)

# Which access node reaches an address, with what technology and at most how fast.
COVERAGE_SHAPE = """
AccessCoverage: id= href= geographicAddress!:PlaceRef accessNode!:NodeRef technology! downstreamMbps!:integer @*
PlaceRef: id! href name @* @referredType
NodeRef: id! href name @* @referredType
"""

PRODUCT = Resource(
    "product",
    PRODUCT_INVENTORY["Product"],
    "P",
    "/tmf-api/productInventory/v4",
    indexes=(Index("status"),),
    owner=("relatedParty.id",),
    states=PRODUCT_STATUS,
    permissions=_CLIENT_READS,
)
SERVICE = Resource(
    "service",
    SERVICE_INVENTORY["Service"],
    "S",
    "/tmf-api/serviceInventory/v4",
    indexes=(Index("state"),),
    owner=("relatedParty.id",),
    states=SERVICE_STATE,
    permissions=_CLIENT_READS,
)
# resourceRelationship names what a resource hangs on: a port on its node, a node on its ring or feeder.
RESOURCE = Resource(
    "resource",
    RESOURCE_INVENTORY["Resource"],
    "R",
    "/tmf-api/resourceInventoryManagement/v4",
    indexes=(
        Index("category"),
        Index("resourceStatus"),
        Index("resourceRelationship.0.resource.id", name="part_of"),
    ),
)
ACCESS_COVERAGE = Resource(
    "accessCoverage",
    Vocabulary(SHAPES, COVERAGE_SHAPE)["AccessCoverage"],
    "AC",
    "/abonent-api/inventory/v1",
    indexes=(Index("geographicAddress.id"), Index("accessNode.id")),
    audited=False,
    searched=False,
)

RESOURCES = (PRODUCT, SERVICE, RESOURCE, ACCESS_COVERAGE)
