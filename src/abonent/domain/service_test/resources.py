"""Service tests and their results (TMF653)."""

from abonent.domain.service_test.shapes import SERVICE_TEST as VOCABULARY
from abonent.kit.resource import Index, Resource

SERVICE_TEST = Resource(
    "serviceTest",
    VOCABULARY["ServiceTest"],
    "ST",
    "/tmf-api/serviceTestManagement/v4",
    indexes=(Index("state"),),
)
RESOURCES = (SERVICE_TEST,)
