"""The handlers of the form of a crew: a new one, or one that is changed."""

from starlette.responses import Response

from abonent.domain.workforce import queries
from abonent.domain.workforce.requests import patch_crew, post_crew
from abonent.domain.workforce.resources import CREW
from abonent.faces.console.addresses import crew_path
from abonent.faces.console.desk import Desk, Form, Visit, said, see
from abonent.faces.console.work import rights
from abonent.faces.console.work.acts import Option
from abonent.faces.console.work.crew_form import CrewForm, document_of, form_of, new_form, read_form
from abonent.faces.console.work.labels import SECTION, SKILL, WEEKDAY, worded
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import Conflict, IllegalMove


class CrewEditPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def new(self, visit: Visit) -> Response:
        self._demand(visit)
        return await self._page(visit, None, new_form(), {})

    async def create(self, visit: Visit, form: Form) -> Response:
        self._demand(visit)
        filled = self._read(form, week=True)
        document, wrong = document_of(filled, {})
        if wrong:
            told = {name: said(problem, visit.t) for name, problem in wrong.items()}
            return await self._page(visit, None, filled, told, status=400)
        made = await post_crew(self._ctx.for_caller(visit.caller), document)
        return see(crew_path(made["id"]))

    async def edit(self, visit: Visit) -> Response:
        stored = await self._stored(visit)
        return await self._page(visit, stored, form_of(stored.document), {})

    async def change(self, visit: Visit, form: Form) -> Response:
        stored = await self._stored(visit)
        shown = bool(form_of(stored.document).week)
        filled = self._read(form, week=shown)
        document, wrong = document_of(filled, stored.document)
        told = {name: said(problem, visit.t) for name, problem in wrong.items()}
        version = form.get("version", "")
        if version != str(stored.version):
            told["form"] = visit.t.gettext("Somebody else changed this crew meanwhile. Look, and save again.")
            return await self._page(visit, stored, filled, told, status=409)
        if told:
            return await self._page(visit, stored, filled, told, status=400)
        try:
            await patch_crew(self._ctx.for_caller(visit.caller), stored, document)
        except (Conflict, IllegalMove) as problem:
            told = {"form": said(problem, visit.t)}
            return await self._page(visit, stored, filled, told, status=problem.status)
        return see(crew_path(stored.id))

    def _demand(self, visit: Visit) -> None:
        rights.demand_staff(visit.caller)
        rights.demand(visit.caller, "crews")

    async def _stored(self, visit: Visit) -> Stored:
        self._demand(visit)
        return await self._ctx.store.get(visit.caller, CREW, visit.path["crew_id"])

    def _read(self, form: Form, *, week: bool) -> CrewForm:
        many = {name: form.getlist(name) for name in ("skill", "person", "phone")}
        return read_form(form, many, week=week)

    async def _page(
        self, visit: Visit, stored: Stored | None, form: CrewForm, wrong: dict[str, str], status: int = 200
    ) -> Response:
        t = visit.t
        crews = await queries.crews(self._ctx.store)
        known = {skill for crew in crews for skill in crew.get("skill") or ()} | set(SKILL) | set(form.skills)
        back = crew_path(stored.id) if stored else "/crews"
        facts = {
            "form": form,
            "wrong": wrong,
            "skills": [Option(s, worded(SKILL, s, t), s in form.skills) for s in sorted(known)],
            "days": {day: t.pgettext(*word) for day, word in WEEKDAY.items()},
            "version": stored.version if stored else "",
            "title": t.gettext("Crew {name}", name=stored.document["name"])
            if stored
            else t.gettext("New crew"),
            "action": f"{back}/edit" if stored else "/crews/new",
            "back": back,
            "here": f"{back}/edit" if stored else "/crews/new",
        }
        return self._desk.page(visit, "work/crew_form.html", facts, section=SECTION, status=status)
