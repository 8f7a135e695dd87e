"""What a form of a request's page does: the typed values read, the domain asked."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from abonent.domain.agreement import quotes
from abonent.domain.order_handling.quoted import built
from abonent.domain.qualification import engineering
from abonent.domain.qualification.engineering_quote import Offer, offer
from abonent.faces.console.desk import Form, typed
from abonent.faces.console.requests.fields import amount, last_moment, read_answer, whole
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput

# (context, request, its newest quote, its order, form, zone)
Step = Callable[[Context, str, str, str, Form, tzinfo], Awaitable[object]]
PART_ROWS = 4


async def _assign(ctx: Context, id: str, _quote: str, _order: str, form: Form, zone: tzinfo) -> object:
    given = []
    for n in range(PART_ROWS):
        kind, who = typed(form, f"kind-{n}"), typed(form, f"engineer-{n}", 60)
        due = last_moment(form, f"due-{n}", zone)
        if not who and not kind:
            continue
        if not who:
            raise BadInput("engineerMissing", N_("Name the engineer who answers."), path=f"part-{n}")
        if not kind:
            raise BadInput("unknownPart", N_("Choose what this part is."), path=f"part-{n}")
        given.append((kind, who, due))
    return await engineering.assign(ctx, id, given)


async def _answer(ctx: Context, id: str, _quote: str, _order: str, form: Form, zone: tzinfo) -> object:
    part = typed(form, "part")
    if not part:
        raise BadInput("partMissing", N_("Choose the part you answer."), path="part")
    return await engineering.answer(ctx, id, part, read_answer(form, zone))


async def _approve(ctx: Context, id: str, _quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await engineering.approve(ctx, id, typed(form, "reason"))


async def _reject(ctx: Context, id: str, _quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await engineering.reject(ctx, id, typed(form, "reason"))


async def _withdraw(ctx: Context, id: str, _quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await engineering.withdraw(ctx, id, typed(form, "reason"))


async def _use(ctx: Context, id: str, _quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await engineering.use_again(ctx, id, typed(form, "earlier"))


async def _offer(ctx: Context, id: str, _quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    wanted = Offer(
        offering=typed(form, "offering"),
        once=amount(form, "once"),
        monthly=amount(form, "monthly"),
        days=whole(form, "days"),
        sla=typed(form, "sla"),
        terms=typed(form, "terms"),
    )
    return await offer(ctx, id, wanted)


async def _grant(ctx: Context, _id: str, quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await quotes.grant(ctx, quote, typed(form, "reason"))


async def _accept(ctx: Context, _id: str, quote: str, _order: str, _form: Form, _zone: tzinfo) -> object:
    return await quotes.accept(ctx, quote, how="telephone")


async def _decline(ctx: Context, _id: str, quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await quotes.decline(ctx, quote, typed(form, "reason"), how="telephone")


async def _call_off(ctx: Context, _id: str, quote: str, _order: str, form: Form, _zone: tzinfo) -> object:
    return await quotes.call_off(ctx, quote, typed(form, "reason"))


async def _built(ctx: Context, _id: str, _quote: str, order: str, form: Form, _zone: tzinfo) -> object:
    return await built(
        ctx, order, typed(form, "task"), result=typed(form, "result"), node=typed(form, "node", 100)
    )


STEP_OF: dict[str, Step] = {
    "assign": _assign,
    "answer": _answer,
    "use": _use,
    "approve": _approve,
    "reject": _reject,
    "withdraw": _withdraw,
    "quote": _offer,
    "grant": _grant,
    "accept": _accept,
    "decline": _decline,
    "calloff": _call_off,
    "built": _built,
}
