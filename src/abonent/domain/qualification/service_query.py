"""Answering queries for the services of a place (TMF645 queryServiceQualification) at once."""

from typing import Any

from abonent.domain.catalog.resources import (
    DECOMPOSITION,
    SERVICE_CANDIDATE,
    SERVICE_CATEGORY,
    SERVICE_SPECIFICATION,
)
from abonent.domain.qualification.actions import for_whom
from abonent.domain.qualification.queries import access_paths
from abonent.domain.qualification.resources import QUERY_SERVICE_QUALIFICATION
from abonent.domain.qualification.rules import qualify
from abonent.domain.qualification.rules_availability import demand_of
from abonent.domain.qualification.rules_service_query import (
    Criteria,
    activated,
    answer_item,
    criteria_of,
    of_category,
)
from abonent.kit.context import Context
from abonent.kit.crud import Actions
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def query_services(ctx: Context, document: Document) -> Document:
    """Answer a query: state done, an item for each service that can be had there; none is an answer too.

    A service can be had where a product that activates it can be carried by the network: by the rules of
    checkServiceQualification. Without a place there are those that need no line of ours.
    """
    document = for_whom(ctx, document)
    wanted = criteria_of(document)
    known = await _candidates(ctx, wanted)
    paths = (
        (await access_paths(ctx.store, [wanted.address])).get(wanted.address, []) if wanted.address else []
    )
    named = await ctx.store.find((SERVICE_SPECIFICATION, id) for id in known)
    items: list[Document] = []
    for id, decompositions in sorted(known.items()):
        stored = named.get((SERVICE_SPECIFICATION.name, id))
        specification = stored.document if stored else {"id": id}
        answers = (qualify(demand_of(specification, d), wanted.address, paths, ()) for d in decompositions)
        answer = next((a for a in answers if a.eligible), None)
        if answer is not None:
            items.append(answer_item(len(items) + 1, specification, document["searchCriteria"], answer.path))
    now = to_wire(ctx.now())
    new = document | {
        "id": await ctx.store.next_id(QUERY_SERVICE_QUALIFICATION),
        "serviceQualificationItem": items,
        "queryServiceQualificationDate": now,
        "effectiveQualificationDate": now,
        "state": "done",
    }
    change = ctx.change()
    change.insert(QUERY_SERVICE_QUALIFICATION, new)
    await ctx.store.commit(change)
    return new


async def _candidates(ctx: Context, wanted: Criteria) -> dict[str, list[Document]]:
    """Services that the criteria leave, with the decompositions that activate each."""
    found: dict[str, Any] = activated((await ctx.store.whole(DECOMPOSITION)).values())
    if wanted.specification is not None:
        found = {id: known for id, known in found.items() if id == wanted.specification}
    if wanted.category is not None:
        categories = await ctx.store.whole(SERVICE_CATEGORY)
        candidates = await ctx.store.whole(SERVICE_CANDIDATE)
        listed = of_category(wanted.category, categories.values(), candidates.values())
        found = {id: known for id, known in found.items() if id in listed}
    return found


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(QUERY_SERVICE_QUALIFICATION, create=query_services)
