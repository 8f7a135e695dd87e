"""Parties, customers and their accounts (TMF632, TMF629, TMF669, TMF666)."""

from abonent.domain.party.account_shapes import ACCOUNT
from abonent.domain.party.shapes import CUSTOMER, PARTY, PARTY_ROLE
from abonent.kit.access import EVERYBODY, Permissions
from abonent.kit.resource import Index, Resource

# A client reads what is his (ownership is checked in the store); staff write.
_CLIENT_READS = Permissions(read=EVERYBODY)

INDIVIDUAL = Resource(
    name="individual",
    shape=PARTY["Individual"],
    prefix="I",
    base="/tmf-api/party/v4",
    owner=("relatedParty.id", "id"),
    permissions=_CLIENT_READS,
)
ORGANIZATION = Resource(
    name="organization",
    shape=PARTY["Organization"],
    prefix="ORG",
    base="/tmf-api/party/v4",
    owner=("relatedParty.id", "id"),
    permissions=_CLIENT_READS,
)
CUSTOMER_ = Resource(
    name="customer",
    shape=CUSTOMER["Customer"],
    prefix="C",
    base="/tmf-api/customerManagement/v4",
    indexes=(Index("engagedParty.id"), Index("name")),
    owner=("id", "engagedParty.id"),
    permissions=_CLIENT_READS,
)
PARTY_ROLE_ = Resource(
    name="partyRole",
    shape=PARTY_ROLE["PartyRole"],
    prefix="PR",
    base="/tmf-api/partyRoleManagement/v4",
    owner=("engagedParty.id",),
    permissions=_CLIENT_READS,
)
BILLING_ACCOUNT = Resource(
    name="billingAccount",
    shape=ACCOUNT["BillingAccount"],
    prefix="BA",
    base="/tmf-api/accountManagement/v4",
    owner=("relatedParty.id",),
    permissions=_CLIENT_READS,
)

RESOURCES = (INDIVIDUAL, ORGANIZATION, CUSTOMER_, PARTY_ROLE_, BILLING_ACCOUNT)
