"""Products as of a date over the API: `?asOf=2026-06-03`, of one product or of a client (relatedParty.id).

TMF637 has no word for it; the parameter is ours.
"""

from urllib.parse import parse_qsl

from abonent.domain.inventory.queries_past import list_past, read_past
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.inventory.rules_past import moment_of
from abonent.faces.http import Scope
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.query import parse_fields, project
from abonent.kit.resource import Resource
from abonent.kit.shapes import encode

PARAMETER = "asOf"
_CLIENT = "relatedParty.id"


def asked(resource: Resource, scope: Scope) -> bool:
    """Whether a request asks for the past of something that has one."""
    return resource is PRODUCT and f"{PARAMETER}=".encode() in scope["query_string"]


async def documents(ctx: Context, id: str | None, scope: Scope) -> list[tuple[str, str]]:
    """(document as JSON text, id) of the product `id`, or of all a client held. Raises BadInput, NotFound."""
    params = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    allowed = {PARAMETER, "fields"} | ({_CLIENT} if id is None else set())
    unknown = sorted(params.keys() - allowed)
    if unknown:
        raise BadInput(
            "asOfAlone",
            N_("With asOf only these parameters are understood: {allowed}; not {path}."),
            allowed=", ".join(sorted(allowed)),
            path=unknown[0],
        )
    at = moment_of(params[PARAMETER])
    fields = parse_fields([params["fields"]], PRODUCT.shape) if params.get("fields") else None
    if id is not None:
        found = [await read_past(ctx, id, at)]
    else:
        client = params.get(_CLIENT)
        if not client and ctx.caller.owner is None:
            raise BadInput("clientNeeded", N_("Say whose products: relatedParty.id=…"), path=_CLIENT)
        found = await list_past(ctx, client, at)
    return [(project(encode(each).decode(), fields), each["id"]) for each in found]
