"""What is sold and what it is made of (TMF620, TMF633, and the decomposition of a product into tasks)."""

from abonent.domain.catalog.shapes import PRODUCT_CATALOG, SERVICE_CATALOG
from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary

_PUBLIC = Permissions(read=EVERYBODY, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM}))
_PRODUCT_BASE = "/tmf-api/productCatalogManagement/v4"
_SERVICE_BASE = "/tmf-api/serviceCatalogManagement/v4"

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

CATEGORY = Resource("category", PRODUCT_CATALOG["Category"], "CAT", _PRODUCT_BASE, permissions=_PUBLIC)
CATALOG = Resource("catalog", PRODUCT_CATALOG["Catalog"], "CTL", _PRODUCT_BASE, permissions=_PUBLIC)
PRODUCT_OFFERING = Resource(
    "productOffering",
    PRODUCT_CATALOG["ProductOffering"],
    "PO",
    _PRODUCT_BASE,
    indexes=(Index("name"),),
    permissions=_PUBLIC,
)
PRODUCT_OFFERING_PRICE = Resource(
    "productOfferingPrice", PRODUCT_CATALOG["ProductOfferingPrice"], "POP", _PRODUCT_BASE, permissions=_PUBLIC
)
PRODUCT_SPECIFICATION = Resource(
    "productSpecification", PRODUCT_CATALOG["ProductSpecification"], "PS", _PRODUCT_BASE, permissions=_PUBLIC
)
SERVICE_SPECIFICATION = Resource(
    "serviceSpecification", SERVICE_CATALOG["ServiceSpecification"], "SS", _SERVICE_BASE, permissions=_PUBLIC
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
    DECOMPOSITION,
)
