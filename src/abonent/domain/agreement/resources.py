"""Agreements (TMF651), quotes (TMF648), and the operator's policy for what is not in the catalogue."""

from abonent.domain.agreement.shapes import AGREEMENT as AGREEMENT_SHAPES
from abonent.domain.agreement.shapes import QUOTE as QUOTE_SHAPES
from abonent.domain.agreement.shapes import QUOTE_POLICY as POLICY_SHAPES
from abonent.domain.agreement.states import QUOTE as QUOTE_STATES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource

_AGREEMENT_BASE = "/tmf-api/agreementManagement/v4"
# TMF651 gives exactly the attributes that `fields` names.
AGREEMENT = Resource(
    "agreement",
    AGREEMENT_SHAPES["Agreement"],
    "AGR",
    _AGREEMENT_BASE,
    indexes=(Index("status"), Index("name")),
    owner=("engagedParty.id",),
    permissions=Permissions(read=EVERYBODY, write=STAFF),
    always=(),
)
AGREEMENT_SPECIFICATION = Resource(
    "agreementSpecification",
    AGREEMENT_SHAPES["AgreementSpecification"],
    "AS",
    _AGREEMENT_BASE,
    permissions=Permissions(read=EVERYBODY, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
    always=(),
)
QUOTE = Resource(
    "quote",
    QUOTE_SHAPES["Quote"],
    "QU",
    "/tmf-api/quoteManagement/v4",
    indexes=(Index("state"), Index("quoteDate", newest_first=True), Index("externalId")),
    owner=("relatedParty.id",),
    states=QUOTE_STATES,
    permissions=Permissions(read=EVERYBODY, write=EVERYBODY),
)
QUOTE_POLICY = Resource(
    "quotePolicy",
    POLICY_SHAPES["QuotePolicy"],
    "QP",
    "/abonent-api/agreement/v1",
    permissions=Permissions(read=STAFF, write=frozenset({Role.ADMIN, Role.MANAGER, Role.SYSTEM})),
)
RESOURCES = (QUOTE, QUOTE_POLICY, AGREEMENT, AGREEMENT_SPECIFICATION)
