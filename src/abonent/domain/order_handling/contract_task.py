"""The task "contract": made when a plan begins, it ends when the client accepted; an order that waits too long ends."""

from typing import Any

from abonent.domain.agreement import contracts
from abonent.domain.agreement.contract_resources import CONTRACT, CONTRACT_TEMPLATE
from abonent.domain.agreement.rules_contract import ContractFacts, ContractLine, contract_number
from abonent.domain.catalog.texts import text_in
from abonent.domain.order_handling.assessment import Case, case_of
from abonent.domain.order_handling.cancel import note_cancel
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.lines import ADD, OFF, lines, offering_id
from abonent.domain.order_handling.plan import Task
from abonent.domain.order_handling.progress import Running, finish, load, stop
from abonent.domain.order_handling.rules_contract_task import KIND, template_in
from abonent.domain.order_handling.rules_credit_cases import with_wording
from abonent.domain.order_handling.rules_quoted import agreed_price
from abonent.domain.party.rules_contact import language_of
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.texts import address_line
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.kit.errors import N_
from abonent.kit.i18n import Translator
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire

FOLLOW = "order_handling.follow_contract"
EVENTS = (CONTRACT.event_type("StateChange"),)
ACCEPTED = N_("The client accepted the contract.")
NOT_ACCEPTED = N_("The contract was not accepted in time.")
Document = dict[str, Any]


async def start(ctx: Context, running: Running, task: Task) -> None:
    """Executor of kind contract: the contract is offered, once for an order; the task stays ready until it is accepted,
    so that an order can be cancelled meanwhile."""
    change = ctx.change()
    contract = await ctx.store.one(CONTRACT, contract_number(running.order.id))
    if contract is not None and contract.state == "accepted":
        finish(ctx, change, running, task, result=ACCEPTED)
    elif contract is not None:
        return
    else:
        order = running.order.document
        facts, _ = await gather(ctx, order)
        case = await case_of(ctx, order, facts)
        id = template_in(order, facts.offerings)
        template = await ctx.store.one(CONTRACT_TEMPLATE, id) if id else None
        if template is None:
            stop(ctx, change, running, task, f"there is no contract template {id}")
        else:
            said = Translator(language_of(facts.customer))
            paper = ContractFacts(
                order, facts.customer or {"id": "-"}, await _lines(ctx, order, case, said), _currency(case)
            )
            await contracts.offer(ctx, change, paper, template.document, said)
    await ctx.store.commit(change)


async def _lines(ctx: Context, order: Document, case: Case, said: Translator) -> list[ContractLine]:
    """What is sold, at the agreed price where there is one, else at the catalogue's; bundles and their parts."""
    ids = sorted({a for a in case.addresses.values() if a})
    found = await ctx.store.find((GEOGRAPHIC_ADDRESS, id) for id in ids)
    made = []
    for item in lines(order):
        if item["action"] != ADD or item.get("state") in OFF:
            continue
        offering = offering_id(item) or ""
        document = case.facts.offerings.get(offering, {})
        agreed, monthly, once = agreed_price(item), case.monthly.get(offering), case.once.get(offering)
        place = found.get((GEOGRAPHIC_ADDRESS.name, case.addresses.get(item["id"]) or ""))
        name = text_in(document, "name", said.lang) or (item.get("productOffering") or {}).get("name")
        made.append(
            ContractLine(
                str(name or offering),
                address_line(place.document) if place else "",
                int(item.get("quantity") or 1),
                agreed.monthly if agreed is not None else monthly.amount if monthly else None,
                agreed.once if agreed is not None else once.amount if once else None,
            )
        )
    return made


def _currency(case: Case) -> str:
    return next((price.currency for price in case.monthly.values()), "RUB")


async def follow(ctx: Context, id: str, **_: Any) -> None:
    """Job: a contract was accepted, or its term is over. It is read as it stands now."""

    async def once() -> None:
        contract = await ctx.store.one(CONTRACT, id)
        if contract is None or contract.state == "offered":
            return
        running = await load(ctx, contract.document["productOrder"]["id"])
        waiting = [t for t in running.plan.task if t.kind == KIND and t.state == "ready"] if running else []
        if running is None or not waiting:
            return
        change = ctx.change()
        if contract.state == "accepted":
            # One task a round: finishing it is an event of the plan that the next round reads.
            finish(ctx, change, running, waiting[0], result=ACCEPTED)
        else:
            said = Translator(contract.document["language"])
            told = with_wording(running.order.document, said.gettext(NOT_ACCEPTED), to_wire(ctx.now()))
            document = told | {"cancellationReason": NOT_ACCEPTED}
            await note_cancel(ctx.for_caller(SYSTEM), change, running.order, document, None, NOT_ACCEPTED)
        if contract.state == "accepted" and len(waiting) > 1:
            change.defer(FOLLOW, id=id)
        await ctx.store.commit(change)

    await repeated(once)
