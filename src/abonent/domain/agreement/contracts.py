"""Contracts: made and offered, accepted by the client or in the office, expired."""

import asyncio
import base64
from hashlib import sha256
from typing import Any

from abonent.domain.agreement import rules_contract as rules
from abonent.domain.agreement.contract_pdf import pdf
from abonent.domain.agreement.contract_resources import CONTRACT, CONTRACT_FILE, CONTRACT_TEMPLATE
from abonent.domain.agreement.resources import AGREEMENT
from abonent.domain.agreement.rules_agreement import agreed
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.crud import next_version, plain
from abonent.kit.errors import N_, Forbidden, IllegalMove, NotFound
from abonent.kit.i18n import Translator
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

REMIND = "agreement.remind_of_contract"
EXPIRE = "agreement.expire_contract"
Document = dict[str, Any]


async def offer(
    ctx: Context, change: Change, facts: rules.ContractFacts, template: Document, said: Translator
) -> Document:
    """Make the contract of an order and note in `change` that it is offered."""
    now = ctx.now()
    file = await asyncio.to_thread(pdf, rules.printed(facts, template, said, now))
    digest = sha256(file).hexdigest()
    contract = rules.offered(facts, template, said.lang, digest, len(file), now)
    change.insert(CONTRACT, contract)
    content = base64.b64encode(file).decode()
    change.insert(
        CONTRACT_FILE,
        {"id": contract["id"], "sha256": digest, "mediaType": "application/pdf", "content": content},
    )
    id = contract["id"]
    change.set_timer(f"contract/{id}/end", from_wire(contract["due"]), EXPIRE, id=id)
    for number, at in enumerate(rules.reminders(contract, template), 1):
        change.set_timer(f"contract/{id}/remind-{number}", at, REMIND, id=id, number=number)
    return contract


async def file_of(ctx: Context, id: str) -> bytes:
    """The PDF of a contract that the caller may see. NotFound."""
    await ctx.store.get(ctx.caller, CONTRACT, id)
    stored = await ctx.store.one(CONTRACT_FILE, id)
    if stored is None:
        raise NotFound("noFile", N_("The file of contract {id} is not here."), id=id)
    return base64.b64decode(stored.document["content"])


async def accept(ctx: Context, id: str, *, how: str, kind: str = "", digits: str = "") -> Document:
    """The client accepts a contract: by his link, or in the office where a person looked at his document. What was
    agreed stands as an agreement (TMF651) from then on. Accepted before, it stays as it was. IllegalMove when its term
    is over; BadInput; Forbidden."""
    if how == "office" and not ctx.caller.staff:
        raise Forbidden("acceptedInOffice", N_("In the office a contract is accepted before our staff."))

    async def once() -> Document:
        stored = await ctx.store.get(ctx.caller, CONTRACT, id)
        if stored.state == "accepted":
            return stored.document
        if stored.state != "offered" or from_wire(stored.document["due"]) <= ctx.now():
            raise IllegalMove("contractOver", N_("Contract {id} is not offered any more. Call us."), id=id)
        done = rules.accepted(
            stored.document, how, ctx.caller.name, to_wire(ctx.now()), kind=kind, digits=digits
        )
        change = ctx.change()
        change.update(stored, done)
        change.insert(AGREEMENT, agreed(done))
        change.stop_timer(f"contract/{id}/end")
        await ctx.store.commit(change)
        return done

    return await repeated(once)


async def remind(ctx: Context, id: str, number: int, **_: Any) -> None:
    """Job of the timer: the client is reminded (communication hears it), while the contract is offered."""

    async def once() -> None:
        stored = await ctx.store.one(CONTRACT, id)
        if stored is None or stored.state != "offered" or stored.document["reminders"] >= number:
            return
        change = ctx.change()
        change.update(stored, stored.document | {"reminders": number})
        await ctx.store.commit(change)

    await repeated(once)


async def expire(ctx: Context, id: str, **_: Any) -> None:
    """Job of the timer: the term is over; order handling hears it."""

    async def once() -> None:
        stored = await ctx.store.one(CONTRACT, id)
        if stored is None or stored.state != "offered" or from_wire(stored.document["due"]) > ctx.now():
            return
        change = ctx.change()
        change.update(stored, stored.document | {"state": "expired"})
        await ctx.store.commit(change)

    await repeated(once)


async def create_template(ctx: Context, document: Document) -> Document:
    """A text that contracts are made from. BadInput."""
    rules.check_template(document)
    return await plain(CONTRACT_TEMPLATE).create(ctx, next_version(ctx, document))


async def change_template(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change it; its version goes up, contracts that were offered stay as they are. BadInput."""
    if document == stored.document:
        return document
    rules.check_template(document)
    return await plain(CONTRACT_TEMPLATE).change(ctx, stored, next_version(ctx, document, stored))


# Background jobs by name.
JOBS = ((REMIND, remind), (EXPIRE, expire))
