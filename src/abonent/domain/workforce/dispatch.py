"""New work orders: from a task of an order's plan, or entered by hand. With a crew and a slot if there is one."""

from typing import Any

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import rules
from abonent.domain.workforce.documents import Work
from abonent.domain.workforce.resources import APPOINTMENT, CREW, WORK_ORDER
from abonent.domain.workforce.rules import Place
from abonent.domain.workforce.rules_work import OPEN_APPOINTMENT
from abonent.domain.workforce.slots import need_of
from abonent.domain.workforce.work import book_first
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire, with_role

Document = dict[str, Any]

NO_SLOT = N_("No crew that could do it is free within two weeks")
NO_ADDRESS = N_("There is no address {id} here; crews find it only if they go everywhere")
OTHER_SLOT = N_("The chosen appointment could not be kept; the first free slot is proposed instead")


async def dispatch(ctx: Context, change: Change, work: Work) -> Document:
    """Note in `change` a work order for a task: at the appointment the client chose if it still stands, else at the
    first free slot, which is proposed to him; without any it waits for a slot (`pending`). Run it under `repeated`.
    """
    at = ctx.now()
    document = doc.new_work_order(work, at)
    chosen = await kept_appointment(ctx, work)
    if chosen is not None:
        document = _bind(ctx, change, chosen, document, work)
    else:
        document = await book_first(ctx, change, document, work.not_before)
    if document["state"] == "pending":
        document = doc.noted(document, NO_SLOT, ctx.caller.name, at)
    elif chosen is None and work.appointment is not None:
        document = doc.noted(document, OTHER_SLOT, ctx.caller.name, at)
    change.insert(WORK_ORDER, document, NO_SLOT if document["state"] == "pending" else None)
    if document["state"] == "pending":
        change.publish(WORK_ORDER, work.id, "InformationRequired")
    return document


async def kept_appointment(ctx: Context, work: Work) -> Stored | None:
    """The appointment the client chose, if it can be kept: open, his, to come, with a crew that does such work."""
    if work.appointment is None:
        return None
    stored = await ctx.store.one(APPOINTMENT, work.appointment)
    if stored is None or stored.state not in OPEN_APPOINTMENT or doc.starts(stored.document) < ctx.now():
        return None
    customer = doc.customer_of(stored.document)
    if customer is not None and customer != (work.customer or {}).get("id"):
        return None
    bound = doc.related(stored.document, "workOrder")
    if bound is not None and bound != work.id:
        return None
    crew_id = doc.related(stored.document, "crew") or ""
    crew = await ctx.store.one(CREW, crew_id)
    if crew is None or not rules.able(
        rules.read_crew(crew.document), await need_of(ctx, work.wish, strict=False)
    ):
        return None
    return stored


def _bind(ctx: Context, change: Change, chosen: Stored, document: Document, work: Work) -> Document:
    """The chosen appointment becomes that of the work order."""
    at = ctx.now()
    kept = chosen.document
    entities = [e for e in kept["relatedEntity"] if e.get("role") != "workOrder"]
    entities.append({"id": work.id, "role": "workOrder", "@referredType": "WorkOrder"})
    change.update(
        chosen, {**kept, "relatedEntity": entities, "status": "confirmed", "lastUpdate": to_wire(at)}
    )
    crew = next(e for e in entities if e.get("role") == "crew")
    planned = doc.planned(document, chosen.id, crew, kept["validFor"], work.skill)
    return doc.in_state(planned, "acknowledged", at)


async def enter(ctx: Context, given: Document) -> Document:
    """A work order entered by hand (a validated TMF697 create). It waits for a slot, which `rebook` gives it, or takes
    over the appointment it names, if that can be kept. A place that is not among our addresses is kept and told."""
    items = [{**item, "state": "pending"} for item in given["workOrderItem"]]
    id = await ctx.store.next_id(WORK_ORDER)
    kept = {k: v for k, v in given.items() if k not in {"appointment", "relatedEntity"}}
    # The crew is ours to name.
    if others := [e for e in given.get("relatedEntity") or () if e.get("role") != "crew"]:
        kept["relatedEntity"] = others

    async def once() -> Document:
        at = ctx.now()
        document = kept | {"id": id, "state": "pending", "orderDate": to_wire(at), "workOrderItem": items}
        wish = doc.wish_of(document)
        need = await need_of(ctx, wish, strict=False)
        asked = Work(
            id,
            document.get("externalId", ""),
            "",
            "",
            "",
            "",
            wish.skill,
            wish.address,
            wish.minutes,
            with_role(document.get("relatedParty"), "customer"),
            (given.get("appointment") or {}).get("id"),
        )
        change = ctx.change()
        chosen = await kept_appointment(ctx, asked)
        if chosen is None and asked.appointment is not None:
            raise BadInput(
                "appointmentUnusable",
                N_(
                    "{path}: appointment {id} is over, another client's or another work's. Book one for this work."
                ),
                path="appointment",
                id=asked.appointment,
            )
        if chosen is not None:
            document = _bind(ctx, change, chosen, document, asked)
        lost = wish.address is not None and need.place == Place()
        change.insert(WORK_ORDER, document, NO_ADDRESS.format(id=wish.address) if lost else None)
        if lost:
            change.publish(WORK_ORDER, id, "InformationRequired")
        await ctx.store.commit(change)
        return document

    return await repeated(once)
