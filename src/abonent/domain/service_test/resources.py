"""Service tests, their results, and what kinds of tests there are (TMF653)."""

from abonent.domain.service_test.shapes import SERVICE_TEST as VOCABULARY
from abonent.kit.access import STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource

_BASE = "/tmf-api/serviceTestManagement/v4"
SERVICE_TEST = Resource(
    "serviceTest",
    VOCABULARY["ServiceTest"],
    "ST",
    _BASE,
    indexes=(Index("state"),),
)
SERVICE_TEST_SPECIFICATION = Resource(
    "serviceTestSpecification",
    VOCABULARY["ServiceTestSpecification"],
    "STS",
    _BASE,
    indexes=(Index("name"),),
    permissions=Permissions(
        read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.ENGINEER, Role.SYSTEM})
    ),
)
RESOURCES = (SERVICE_TEST, SERVICE_TEST_SPECIFICATION)
