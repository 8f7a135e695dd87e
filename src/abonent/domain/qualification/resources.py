"""Addresses and qualification requests (TMF673-style addresses, TMF679)."""

from abonent.domain.qualification.shapes import ADDRESS, OFFERING_QUALIFICATION
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
RESOURCES = (GEOGRAPHIC_ADDRESS, PRODUCT_OFFERING_QUALIFICATION)
