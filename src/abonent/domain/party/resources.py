"""Parties, customers, their accounts, and who may act for whom (TMF632, TMF629, TMF669, TMF666, TMF672)."""

from abonent.domain.party.account_shapes import ACCOUNT
from abonent.domain.party.permission_shapes import PERMISSIONS
from abonent.domain.party.shapes import CUSTOMER, PARTY, PARTY_ROLE
from abonent.kit.access import EVERYBODY, Permissions, Role
from abonent.kit.resource import Index, Resource

# A client reads what is his (ownership is checked in the store); staff write.
_CLIENT_READS = Permissions(read=EVERYBODY)
# How accounts are billed is the operator's to say, and everybody's to read.
_BY_OPERATOR = Permissions(read=EVERYBODY, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM}))
_BY_ADMIN = Permissions(read=EVERYBODY, write=frozenset({Role.ADMIN, Role.SYSTEM}))
_ACCOUNT_BASE = "/tmf-api/accountManagement/v4"
_PERMISSION_BASE = "/tmf-api/rolesAndPermissions/v4"
# TMF672 deletes nothing: a permission is over when its validFor is.
_KEPT = frozenset({"list", "get", "create", "patch"})

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
    base=_ACCOUNT_BASE,
    owner=("relatedParty.id",),
    permissions=_CLIENT_READS,
)
PARTY_ACCOUNT, SETTLEMENT_ACCOUNT, FINANCIAL_ACCOUNT = (
    Resource(
        name,
        ACCOUNT[f"{name[0].upper()}{name[1:]}"],
        prefix,
        _ACCOUNT_BASE,
        owner=("relatedParty.id",),
        permissions=_CLIENT_READS,
    )
    for name, prefix in (("partyAccount", "PA"), ("settlementAccount", "SA"), ("financialAccount", "FA"))
)
BILLING_CYCLE_SPECIFICATION, BILL_FORMAT, BILL_PRESENTATION_MEDIA = (
    Resource(name, ACCOUNT[f"{name[0].upper()}{name[1:]}"], prefix, _ACCOUNT_BASE, permissions=_BY_OPERATOR)
    for name, prefix in (
        ("billingCycleSpecification", "BCS"),
        ("billFormat", "BF"),
        ("billPresentationMedia", "BPM"),
    )
)
# What is written here is kept for the systems that ask; our own doors are opened by roles (kit/access).
PERMISSION = Resource(
    "permission",
    PERMISSIONS["Permission"],
    "PM",
    _PERMISSION_BASE,
    indexes=(Index("user.id"),),
    owner=("user.id", "granter.id"),
    operations=_KEPT,
    permissions=_BY_ADMIN,
)
USER_ROLE = Resource(
    "userRole",
    PERMISSIONS["UserRole"],
    "UR",
    _PERMISSION_BASE,
    operations=_KEPT,
    permissions=_BY_ADMIN,
)

RESOURCES = (
    INDIVIDUAL,
    ORGANIZATION,
    CUSTOMER_,
    PARTY_ROLE_,
    BILLING_ACCOUNT,
    PARTY_ACCOUNT,
    SETTLEMENT_ACCOUNT,
    FINANCIAL_ACCOUNT,
    BILLING_CYCLE_SPECIFICATION,
    BILL_FORMAT,
    BILL_PRESENTATION_MEDIA,
    PERMISSION,
    USER_ROLE,
)
