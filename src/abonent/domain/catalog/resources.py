"""What is sold and what it is made of (TMF620, TMF633, and the decomposition of a product into tasks)."""

from abonent.domain.catalog.shapes import PRODUCT_CATALOG, SERVICE_CATALOG
from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary

# Who writes the catalogue.
MAINTAINERS = frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})
_PUBLIC = Permissions(read=EVERYBODY, write=MAINTAINERS)
PRODUCT_BASE = "/tmf-api/productCatalogManagement/v4"
SERVICE_BASE = "/tmf-api/serviceCatalogManagement/v4"

# TMF633 calls every change of these a Change.
SERVICE_EVENTS = {"AttributeValueChange": "Change", "StateChange": "Change"}

# kind: reserve | serviceOrder | serviceTest | workOrder | inventory; minutes: planned length; action: for which item
# actions (all when left out); spec: what the kind needs (service specification, characteristics, test limits, the skill
# of a visit's crew).
DECOMPOSITION_SHAPE = """
Decomposition: id= href= name description productSpecification!:ProductSpecificationRef access:AccessDemand
  task!:DecompositionTask[] @*
AccessDemand: technology:string[] downstreamMbps:integer
DecompositionTask: id! name:any kind!:TaskKind minutes:number dependsOn:string[] action:string[]
  pointOfNoReturn:boolean compensation spec:any
TaskKind: reserve | serviceOrder | serviceTest | workOrder | inventory
ProductSpecificationRef: id! href name version @* @referredType
"""

CATEGORY = Resource("category", PRODUCT_CATALOG["Category"], "CAT", PRODUCT_BASE, permissions=_PUBLIC)
CATALOG = Resource("catalog", PRODUCT_CATALOG["Catalog"], "CTL", PRODUCT_BASE, permissions=_PUBLIC)
PRODUCT_OFFERING = Resource(
    "productOffering",
    PRODUCT_CATALOG["ProductOffering"],
    "PO",
    PRODUCT_BASE,
    indexes=(Index("name"),),
    permissions=_PUBLIC,
)
PRODUCT_OFFERING_PRICE = Resource(
    "productOfferingPrice", PRODUCT_CATALOG["ProductOfferingPrice"], "POP", PRODUCT_BASE, permissions=_PUBLIC
)
PRODUCT_SPECIFICATION = Resource(
    "productSpecification", PRODUCT_CATALOG["ProductSpecification"], "PS", PRODUCT_BASE, permissions=_PUBLIC
)
SERVICE_SPECIFICATION = Resource(
    "serviceSpecification",
    SERVICE_CATALOG["ServiceSpecification"],
    "SS",
    SERVICE_BASE,
    permissions=_PUBLIC,
    event_kinds=SERVICE_EVENTS,
)
SERVICE_CATALOG_, SERVICE_CATEGORY, SERVICE_CANDIDATE = (
    Resource(
        name,
        SERVICE_CATALOG[f"{name[0].upper()}{name[1:]}"],
        prefix,
        SERVICE_BASE,
        permissions=_PUBLIC,
        event_kinds=SERVICE_EVENTS,
    )
    for name, prefix in (("serviceCatalog", "SCT"), ("serviceCategory", "SCG"), ("serviceCandidate", "SCN"))
)
DECOMPOSITION = Resource(
    "decomposition",
    Vocabulary(SHAPES, DECOMPOSITION_SHAPE)["Decomposition"],
    "DC",
    "/abonent-api/catalog/v1",
    indexes=(Index("productSpecification.id"),),
    permissions=Permissions(read=STAFF, write=_PUBLIC.write),
)

RESOURCES = (
    CATEGORY,
    CATALOG,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    SERVICE_SPECIFICATION,
    SERVICE_CATALOG_,
    SERVICE_CATEGORY,
    SERVICE_CANDIDATE,
    DECOMPOSITION,
)
