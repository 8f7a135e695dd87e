"""Addresses and qualification requests (TMF673-style addresses, TMF679, TMF645); assessments by engineers."""

from abonent.domain.qualification.engineering_shapes import ENGINEERING
from abonent.domain.qualification.shapes import ADDRESS, OFFERING_QUALIFICATION, SERVICE_QUALIFICATION
from abonent.domain.qualification.states_engineering import ENGINEERING_ASSESSMENT as ENGINEERING_STATES
from abonent.kit.access import EVERYBODY, STAFF, Permissions
from abonent.kit.resource import Index, Resource

GEOGRAPHIC_ADDRESS = Resource(
    "geographicAddress",
    ADDRESS["GeographicAddress"],
    "A",
    "/tmf-api/geographicAddressManagement/v4",
    indexes=(Index("streetName"),),
    permissions=Permissions(read=EVERYBODY, write=STAFF),
    audited=False,
)
PRODUCT_OFFERING_QUALIFICATION = Resource(
    "productOfferingQualification",
    OFFERING_QUALIFICATION["ProductOfferingQualification"],
    "Q",
    "/tmf-api/productOfferingQualification/v4",
    indexes=(Index("state"),),
    owner=("relatedParty.id",),
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
CHECK_SERVICE_QUALIFICATION = Resource(
    "checkServiceQualification",
    SERVICE_QUALIFICATION["CheckServiceQualification"],
    "CSQ",
    "/tmf-api/serviceQualificationManagement/v4",
    indexes=(Index("state"),),
    owner=("relatedParty.id",),
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
QUERY_SERVICE_QUALIFICATION = Resource(
    "queryServiceQualification",
    SERVICE_QUALIFICATION["QueryServiceQualification"],
    "QSQ",
    "/tmf-api/serviceQualificationManagement/v4",
    indexes=(Index("state"),),
    owner=("relatedParty.id",),
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
# What it costs the operator is not the client's to read: he gets the quote.
ENGINEERING_ASSESSMENT = Resource(
    "engineeringAssessment",
    ENGINEERING["EngineeringAssessment"],
    "EA",
    "/abonent-api/qualification/v1",
    indexes=(Index("state"), Index("kind"), Index("requestedDate", newest_first=True), Index("dueDate")),
    states=ENGINEERING_STATES,
)
RESOURCES = (
    GEOGRAPHIC_ADDRESS,
    PRODUCT_OFFERING_QUALIFICATION,
    CHECK_SERVICE_QUALIFICATION,
    QUERY_SERVICE_QUALIFICATION,
    ENGINEERING_ASSESSMENT,
)
