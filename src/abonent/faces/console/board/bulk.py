"""One step with many orders: what will follow is said first, then each order is tried on its own and told of."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.data import PAGE_SIZE, OrderRow, User
from abonent.faces.console.desk import Desk, Form, Visit, local, typed
from abonent.faces.console.labels import ORDER, Label, label
from abonent.faces.console.order_acts import CANCELLABLE, RELEASABLE, refusal
from abonent.kit.errors import N_, BadInput, Forbidden, Problem, Unavailable
from abonent.kit.i18n import Translator

PATH = "/orders/bulk"
POSSIBLE = {"release": RELEASABLE, "cancel": CANCELLABLE}


@dataclass(frozen=True, slots=True)
class Marked:
    """An order that was marked. `told` says how it went or will go; `possible`: the step may be tried."""

    id: str
    client: str
    title: str
    label: Label
    possible: bool
    told: str = ""
    icon: str = ""


def room(desk: Desk) -> list[BaseRoute]:
    """The routes of this room."""
    bulk = _Bulk(desk)
    return [
        Route(PATH, desk.shows(bulk.ask), methods=["GET"]),
        Route(PATH, desk.takes(bulk.do), methods=["POST"]),
    ]


class _Bulk:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ask(self, visit: Visit) -> Response:
        """The page that says what will follow, with the form that does it."""
        query = visit.request.query_params
        step, back = query.get("do", ""), local(query.get("back", "/orders"))
        numbers = _numbers(visit.user, step, query.getlist("order"))
        if not numbers:
            return self._none(visit, back)
        return await self._asked(visit, step, numbers, back)

    async def do(self, visit: Visit, form: Form) -> Response:
        """Every order by itself: one that is refused stops no other."""
        step, back, reason = form.get("do", ""), local(form.get("back")), typed(form, "reason")
        numbers = _numbers(visit.user, step, form.getlist("order"))
        if not numbers:
            return self._none(visit, back)
        if step == "cancel" and not reason:
            problem = visit.t.gettext("Say in a few words why the orders are cancelled.")
            return await self._asked(visit, step, numbers, back, problem)
        problems: dict[str, Problem | None] = {}
        for number in numbers:
            try:
                await self._step(visit.user, step, number, reason)
                problems[number] = None
            except Problem as refused:
                problems[number] = refused
        rows = {row.id: row for row in await self._desk.data.orders(visit.user, numbers)}
        told = [_told(step, number, rows.get(number), problems[number], visit.t) for number in numbers]
        done = sum(problem is None for problem in problems.values())
        facts = {
            "title": _title(step, done, visit.t, done=True),
            "rows": told,
            "refused": len(numbers) - done,
            "back": back,
            "here": back,
        }
        return self._desk.page(visit, "board/bulk_done.html", facts, section="Orders")

    async def _step(self, user: User, step: str, number: str, reason: str) -> None:
        if step == "release":
            await self._desk.data.release(user, number)
        else:
            await self._desk.data.cancel(user, number, reason)

    async def _asked(
        self, visit: Visit, step: str, numbers: Sequence[str], back: str, problem: str = ""
    ) -> Response:
        rows = await self._desk.data.orders(visit.user, numbers)
        marked = [_ahead(step, row, visit.t) for row in rows]
        possible = [each for each in marked if each.possible]
        facts = {
            "step": step,
            "title": _title(step, len(possible), visit.t),
            "rows": marked,
            "possible": possible,
            "problem": problem,
            "back": back,
            "here": back,
        }
        status = 400 if problem else 200
        return self._desk.page(visit, "board/bulk.html", facts, section="Orders", status=status)

    def _none(self, visit: Visit, back: str) -> Response:
        title = visit.t.gettext("No order is marked")
        text = visit.t.gettext(
            "Mark orders in the list with the boxes before their numbers, then choose what to do."
        )
        return self._desk.message(visit, title, text, 400, back)


def _numbers(user: User, step: str, asked: Sequence[str]) -> list[str]:
    """The numbers marked, each once. Forbidden for who is no staff; BadInput for a step there is not, or too many."""
    if not user.staff:
        raise Forbidden("stepByStaff", N_("Only staff may release or cancel an order here."))
    if step not in POSSIBLE:
        raise BadInput("unknownStep", N_("Choose whether the marked orders are released or cancelled."))
    numbers = list(dict.fromkeys(number for number in asked if number and number.isprintable()))
    if len(numbers) > PAGE_SIZE:
        raise BadInput("tooManyOrders", N_("At most {most} orders are taken at once."), most=PAGE_SIZE)
    return numbers


def _title(step: str, count: int, t: Translator, *, done: bool = False) -> str:
    if step == "release":
        if done:
            return t.ngettext("{n} order released", "{n} orders released", count)
        return t.ngettext("Release {n} order", "Release {n} orders", count)
    if done:
        return t.ngettext("{n} order cancelled", "{n} orders cancelled", count)
    return t.ngettext("Cancel {n} order", "Cancel {n} orders", count)


def _ahead(step: str, row: OrderRow, t: Translator) -> Marked:
    shown = label(ORDER, row.state, t)
    possible = row.state in POSSIBLE[step]
    if possible:
        told = t.gettext("will be released") if step == "release" else t.gettext("will be cancelled")
    else:
        told = t.gettext("is left as it is: from “{state}” this step is not possible", state=shown.word)
    return Marked(row.id, row.customer_name, row.told(t), shown, possible, told, "new" if possible else "off")


def _told(step: str, number: str, row: OrderRow | None, problem: Problem | None, t: Translator) -> Marked:
    if problem is None:
        icon, told = "ok", t.gettext("Released") if step == "release" else t.gettext("Cancelled as asked")
    elif isinstance(problem, Unavailable):
        icon, told = "bad", t.gettext("The database was away; look at the order and repeat the step.")
    elif row is None:
        icon, told = "bad", t.gettext("There is no order {number} that you may see", number=number)
    else:
        icon, told = "bad", refusal(problem, row.state, t)
    if row is None:
        return Marked(number, "", "", Label("off", "–"), False, told, icon)
    return Marked(
        number, row.customer_name, row.told(t), label(ORDER, row.state, t), problem is None, told, icon
    )
