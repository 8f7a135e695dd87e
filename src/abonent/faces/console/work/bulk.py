"""Several work orders for another crew: who could take which is said first, then each is tried and told of."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from abonent.domain.workforce.documents import related
from abonent.domain.workforce.many import crews_for_many
from abonent.domain.workforce.moving import give_to_any
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules import Crew, Obstacle
from abonent.domain.workforce.rules_work import may
from abonent.domain.workforce.work import reassign
from abonent.faces.console.addresses import work_path
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.desk import Desk, Form, Visit, local, typed
from abonent.faces.console.labels import Label, label
from abonent.faces.console.work import rights
from abonent.faces.console.work.acts import Option, refusal
from abonent.faces.console.work.labels import SECTION, WORK, named
from abonent.faces.console.work.list_view import crew_name
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Problem, Unavailable
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

BULK = "/work-orders/bulk"
# Instead of a crew: each visit goes to whoever can make it. No crew's id begins with a star.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Marked:
    """A work order that was marked; `told` says how it went or will go."""

    id: str
    href: str
    what: str
    when: str
    crew: str
    label: Label
    possible: bool
    told: str
    icon: str


class BulkPages:
    """The page that asks for the crew, and the one that tells what became of each work order."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def ask(self, visit: Visit) -> Response:
        """Which crew; for each, how many of the marked visits it could take."""
        rights.demand_staff(visit.caller)
        rights.demand(visit.caller, "reassign")
        query = visit.request.query_params
        back = local(query.get("back", "/work-orders"))
        return await self._asked(visit, _numbers(query.getlist("work")), back)

    async def do(self, visit: Visit, form: Form) -> Response:
        """Every work order by itself: one that is refused stops no other."""
        rights.demand_staff(visit.caller)
        rights.demand(visit.caller, "reassign")
        back, crew = local(form.get("back")), typed(form, "crew")
        numbers = _numbers(form.getlist("work"))
        if not crew:
            problem = visit.t.gettext("Choose the crew that makes the visits.")
            return await self._asked(visit, numbers, back, problem)
        ctx = self._ctx.for_caller(visit.caller)
        refused: dict[str, Problem] = {}
        for number in numbers:
            try:
                await (give_to_any(ctx, number) if crew == ANY else reassign(ctx, number, crew))
            except Problem as problem:
                refused[number] = problem
        found = await ctx.store.find((WORK_ORDER, number) for number in numbers)
        orders = {id: stored for (_, id), stored in found.items()}
        rows = [_done(number, orders.get(number), refused.get(number), visit) for number in numbers]
        count = len(numbers) - len(refused)
        facts = {
            "title": visit.t.ngettext("{n} visit given on", "{n} visits given on", count),
            "rows": rows,
            "refused": len(refused),
            "back": back,
            "here": back,
        }
        return self._desk.page(visit, "work/bulk_done.html", facts, section=SECTION)

    async def _asked(self, visit: Visit, numbers: Sequence[str], back: str, problem: str = "") -> Response:
        t = visit.t
        if not numbers:
            text = t.gettext("Mark work orders in the list with the boxes before their numbers first.")
            return self._desk.message(visit, t.gettext("No work order is marked"), text, 400, back)
        orders, crews = await crews_for_many(self._ctx.for_caller(visit.caller), numbers)
        rows = [_ahead(orders[number], visit) for number in numbers if number in orders]
        possible = [row for row in rows if row.possible]
        facts = {
            "title": t.ngettext(
                "Give {n} visit to another crew", "Give {n} visits to another crew", len(possible)
            ),
            "rows": rows,
            "possible": possible,
            "crews": _options(crews, orders, len(possible), t),
            "any": ANY if len(possible) > 1 else "",
            "problem": problem,
            "back": back,
            "here": back,
        }
        status = 400 if problem else 200
        return self._desk.page(visit, "work/bulk.html", facts, section=SECTION, status=status)


def _numbers(asked: Sequence[str]) -> list[str]:
    """The numbers marked, each once; BadInput for more than a page has."""
    numbers = list(dict.fromkeys(number for number in asked if number and number.isprintable()))
    if len(numbers) > PAGE_SIZE:
        raise BadInput(
            "tooManyWorkOrders", N_("At most {most} work orders are taken at once."), most=PAGE_SIZE
        )
    return numbers


def _options(
    crews: Sequence[tuple[Crew, dict[str, Obstacle | None]]],
    orders: dict[str, Stored],
    total: int,
    t: Translator,
) -> list[Option]:
    """Crews that could take at least one visit they do not have, the one that could take most first."""
    counted = []
    for crew, hindered in crews:
        free = [
            id
            for id, why in hindered.items()
            if why is None and related(orders[id].document, "crew") != crew.id
        ]
        if free:
            counted.append((-len(free), crew.name, crew.id))
    return [
        Option(id, name, about=t.gettext("can take {n} of {total}", n=t.number(-less), total=t.number(total)))
        for less, name, id in sorted(counted)
    ]


def _ahead(stored: Stored, visit: Visit) -> Marked:
    t = visit.t
    possible = may("reassign", stored.state) and bool(stored.document.get("appointment"))
    shown = label(WORK, stored.document["state"], t)
    told = (
        t.gettext("stays at its time")
        if possible
        else t.gettext("is left as it is: it has no visit that another crew could make")
    )
    return _marked(stored, visit, possible, told, "new" if possible else "off", shown)


def _done(number: str, stored: Stored | None, problem: Problem | None, visit: Visit) -> Marked:
    t = visit.t
    if stored is None:
        told = t.gettext("There is no work order {number}", number=number)
        return Marked(number, work_path(number), "", "", "", Label("off", "\u2013"), False, told, "bad")
    shown = label(WORK, stored.document["state"], t)
    if problem is None:
        return _marked(
            stored, visit, True, t.gettext("Given to {crew}", crew=crew_name(stored.document)), "ok", shown
        )
    if isinstance(problem, Unavailable):
        told = t.gettext("The database was away; look at the work order and repeat the step.")
    else:
        told = refusal(problem, stored.document["state"], t)
    return _marked(stored, visit, False, told, "bad", shown)


def _marked(stored: Stored, visit: Visit, possible: bool, told: str, icon: str, shown: Label) -> Marked:
    document, t = stored.document, visit.t
    start, end = document.get("requestedStartDate"), document.get("expectedCompletionDate")
    when = t.span(from_wire(start), from_wire(end), visit.now) if start and end else t.gettext("no slot yet")
    return Marked(
        stored.id,
        work_path(stored.id),
        named(document, t),
        when,
        crew_name(document),
        shown,
        possible,
        told,
        icon,
    )
