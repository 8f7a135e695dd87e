"""Quotes (TMF648), and the operator's policy for what is not in the catalogue."""

from abonent.domain.agreement.shapes import QUOTE as QUOTE_SHAPES
from abonent.domain.agreement.shapes import QUOTE_POLICY as POLICY_SHAPES
from abonent.domain.agreement.states import QUOTE as QUOTE_STATES
from abonent.kit.access import EVERYBODY, STAFF, Permissions, Role
from abonent.kit.resource import Index, Resource

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
RESOURCES = (QUOTE, QUOTE_POLICY)
