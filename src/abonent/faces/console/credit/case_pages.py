"""The handlers of credit cases: the queue, the page of one, the steps with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.order_handling import credit_cases
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.queries_credit import case_counts, cases_in
from abonent.faces.console.acts import Refused, refuse, step_routes
from abonent.faces.console.addresses import case_path
from abonent.faces.console.credit.case_view import case_view, row_of
from abonent.faces.console.credit.labels import QUEUE, SECTION, demand_staff
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.desk import Desk, Form, Visit, said, see, typed
from abonent.faces.console.order_list import Choice
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, NotFound, Problem
from abonent.kit.i18n import Translator

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "referred": ("referred",),
    "awaitingDeposit": ("awaitingDeposit",),
    "declined": ("declined", "upheld"),
    "approved": ("approved",),
}
Step = Callable[[Context, Stored, Form], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue shows: a group of states, a client, the order of time, where the page begins."""

    state: str = "referred"
    client: str = ""
    newest: bool = False
    offset: int = 0

    def address(self, **changed: object) -> str:
        """The same list with something changed, as an address."""
        now = {
            "state": self.state,
            "client": self.client,
            "newest": self.newest,
            "offset": self.offset,
            **changed,
        }
        pairs = [
            ("state", "" if now["state"] == "referred" else now["state"]),
            ("client", now["client"]),
            ("sort", "-since" if now["newest"] else ""),
            ("page", int(str(now["offset"])) // PAGE_SIZE + 1 if now["offset"] else ""),
        ]
        query = urlencode([(name, str(value)) for name, value in pairs if value])
        return f"{QUEUE}?{query}" if query else QUEUE


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """What an address asks for; what makes no sense is taken as not said."""
    state, page = query.get("state", ""), query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 100_000 else 1
    client = "".join(c for c in query.get("client", "") if c.isprintable()).strip()[:200]
    shown = state if state in _SHOWN else "referred"
    return Wanted(shown, client, query.get("sort") == "-since", (number - 1) * PAGE_SIZE)


class CasePages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """The queue."""
        demand_staff(visit.caller)
        wanted, t = read_wanted(visit.query), visit.t
        rows, total = await cases_in(
            self._ctx.store,
            _SHOWN[wanted.state],
            client=wanted.client,
            oldest_first=not wanted.newest,
            offset=wanted.offset,
            limit=PAGE_SIZE,
        )
        if wanted.offset and not rows:
            return see(wanted.address(offset=0))
        counts = await case_counts(self._ctx.store)
        words = _words(t)
        cuts = [
            Choice(
                Wanted(state).address(),
                f"{text} {t.number(counts[state])}" if counts.get(state) else text,
                state == wanted.state,
            )
            for state, text in words.items()
        ]
        facts = {
            "wanted": wanted,
            "cuts": cuts,
            "states": [Choice(state, text, state == wanted.state) for state, text in words.items()],
            "rows": [row_of(row, visit.now, t) for row in rows],
            "sentence": t.ngettext("{n} case", "{n} cases", total),
            "range": t.gettext(
                "{first} to {last} of {total}",
                first=t.number(wanted.offset + 1),
                last=t.number(wanted.offset + len(rows)),
                total=t.number(total),
            ),
            "previous": wanted.address(offset=wanted.offset - PAGE_SIZE) if wanted.offset else "",
            "next": wanted.address(offset=wanted.offset + PAGE_SIZE)
            if wanted.offset + len(rows) < total
            else "",
            "turned": wanted.address(newest=not wanted.newest, offset=0),
        }
        return self._desk.page(visit, "credit/queue.html", facts, section=SECTION)

    async def case(self, visit: Visit) -> Response:
        """One case."""
        return await self._page(visit)

    def step(self, name: str) -> list[BaseRoute]:
        """The routes of a step: it leads back to the case, and a refusal stands at its field."""

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit.caller)
            ctx = self._ctx.for_caller(visit.caller)
            stored = await self._stored(visit)
            try:
                await STEPS[name](ctx, stored, form)
            except (BadInput, Conflict) as problem:
                return await self._page(visit, refuse(name, problem, _told(problem, visit.t), form))
            return see(case_path(stored.id))

        return step_routes(
            self._desk, f"{QUEUE}/{{order_id}}/{name}", take, lambda visit: case_path(visit.path["order_id"])
        )

    async def _stored(self, visit: Visit) -> Stored:
        demand_staff(visit.caller)
        try:
            return await credit_cases.case_of_order(
                self._ctx.for_caller(visit.caller), visit.path["order_id"]
            )
        except NotFound as none:
            raise NotFound(
                "noCreditCase",
                N_("Order {order} has no credit case: the table approved it, or it has not been assessed."),
                order=visit.path["order_id"],
            ) from none

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        stored = await self._stored(visit)
        t, case = visit.t, stored.document
        by_himself = case.get("appealOf") is not None and case.get("declinedBy") == visit.caller.name
        facts = {
            "view": case_view(case, visit.now, t),
            "path": case_path(stored.id),
            "may": visit.caller.role in CREDIT_CASE.permissions.write,
            "by_himself": by_himself,
            "refused": refused,
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "credit/case.html", facts, section=SECTION, status=status)


def _words(t: Translator) -> dict[str, str]:
    return {
        "referred": t.gettext("Wait for a person"),
        "awaitingDeposit": t.gettext("Wait for a deposit"),
        "declined": t.gettext("Declined"),
        "approved": t.gettext("Approved"),
    }


def _told(problem: Problem, t: Translator) -> str:
    if isinstance(problem, Conflict):
        return t.gettext("The case changed at the same moment. Look at it as it is now and repeat the step.")
    return said(problem, t)


def _sum(form: Form, name: str) -> Decimal | None:
    text = typed(form, name, 30).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0 or amount >= 10**12 or amount != round(amount, 2):
        raise BadInput("badSum", N_("Write a sum of money as in 1250 or 1250.50."), path=name)
    return amount


async def _approve(ctx: Context, stored: Stored, form: Form) -> object:
    return await credit_cases.decide(
        ctx,
        stored,
        "approved",
        why=typed(form, "reason"),
        deposit=credit_cases.money(_sum(form, "deposit")),
        limit=credit_cases.money(_sum(form, "limit")),
    )


async def _decline(ctx: Context, stored: Stored, form: Form) -> object:
    return await credit_cases.decide(
        ctx, stored, "declined", why=typed(form, "reason"), wording=typed(form, "wording")
    )


async def _pay(ctx: Context, stored: Stored, form: Form) -> object:
    amount = _sum(form, "payment") or Decimal(0)
    if amount == 0:
        raise BadInput("badSum", N_("Write a sum of money as in 1250 or 1250.50."), path="payment")
    reference = typed(form, "reference", 100)
    if not reference:
        raise BadInput(
            "referenceMissing", N_("Name the payment: its number at the bank or cash desk."), path="reference"
        )
    return await credit_cases.pay(ctx, stored, reference, amount)


async def _appeal(ctx: Context, stored: Stored, form: Form) -> object:
    return await credit_cases.appeal(ctx, stored, typed(form, "statement"))


STEPS: Mapping[str, Step] = {"approve": _approve, "decline": _decline, "pay": _pay, "appeal": _appeal}
