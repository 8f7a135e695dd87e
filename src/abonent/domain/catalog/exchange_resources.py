"""Jobs that write the catalogue to a file and read it from one (TMF620, TMF633), and the files."""

from abonent.domain.catalog.resources import (
    CATALOG,
    CATEGORY,
    MAINTAINERS,
    PRODUCT_BASE,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    SERVICE_BASE,
    SERVICE_CANDIDATE,
    SERVICE_CATALOG_,
    SERVICE_CATEGORY,
    SERVICE_SPECIFICATION,
)
from abonent.domain.catalog.shapes import PRODUCT_CATALOG, SERVICE_CATALOG
from abonent.domain.catalog.states import JOB
from abonent.domain.common_shapes import SHAPES
from abonent.kit.access import STAFF, Permissions
from abonent.kit.resource import Index, Resource
from abonent.kit.shapes import Vocabulary

_BY_MAINTAINERS = Permissions(read=STAFF, write=MAINTAINERS)
_NO_PATCH = frozenset({"list", "get", "create", "delete"})
FILES = "/abonent-api/catalog/v1"

# Both APIs call their jobs importJob and exportJob; the registry tells them apart.
IMPORT_JOB, EXPORT_JOB, SERVICE_IMPORT_JOB, SERVICE_EXPORT_JOB = (
    Resource(
        name,
        shapes[f"{wire[0].upper()}{wire[1:]}"],
        prefix,
        base,
        wire=wire,
        indexes=(Index("status"), Index("creationDate", newest_first=True)),
        states=JOB,
        operations=_NO_PATCH,
        permissions=_BY_MAINTAINERS,
    )
    for name, wire, prefix, base, shapes in (
        ("importJob", "importJob", "IJ", PRODUCT_BASE, PRODUCT_CATALOG),
        ("exportJob", "exportJob", "EJ", PRODUCT_BASE, PRODUCT_CATALOG),
        ("serviceImportJob", "importJob", "SIJ", SERVICE_BASE, SERVICE_CATALOG),
        ("serviceExportJob", "exportJob", "SEJ", SERVICE_BASE, SERVICE_CATALOG),
    )
)
# content: for each kind of resource the list of its documents. A list of files would carry the content of all.
CATALOG_FILE = Resource(
    "catalogFile",
    Vocabulary(
        SHAPES, "CatalogFile: id= href= contentType description lastUpdate=:date-time content!:any @*"
    )["CatalogFile"],
    "CFL",
    FILES,
    operations=frozenset({"get", "create", "delete"}),
    permissions=_BY_MAINTAINERS,
    audited=False,
    searched=False,
)

# What a job of an API carries, in the order in which one leans on another.
PRODUCT_KINDS = (CATEGORY, CATALOG, PRODUCT_SPECIFICATION, PRODUCT_OFFERING_PRICE, PRODUCT_OFFERING)
SERVICE_KINDS = (SERVICE_CATEGORY, SERVICE_CATALOG_, SERVICE_SPECIFICATION, SERVICE_CANDIDATE)
KINDS = {
    IMPORT_JOB.name: PRODUCT_KINDS,
    EXPORT_JOB.name: PRODUCT_KINDS,
    SERVICE_IMPORT_JOB.name: SERVICE_KINDS,
    SERVICE_EXPORT_JOB.name: SERVICE_KINDS,
}
IMPORTS, EXPORTS = (IMPORT_JOB, SERVICE_IMPORT_JOB), (EXPORT_JOB, SERVICE_EXPORT_JOB)
RESOURCES = (*IMPORTS, *EXPORTS, CATALOG_FILE)
