"""The handlers of work orders: the list, the page of one, the steps with it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import queries, work
from abonent.domain.workforce.appointments import confirm
from abonent.domain.workforce.queries_lists import list_work_orders
from abonent.domain.workforce.resources import CREW, WORK_ORDER
from abonent.domain.workforce.rules import Slot
from abonent.domain.workforce.slots import search_time_slots
from abonent.faces.console.acts import Act, Refused, refuse, step_routes
from abonent.faces.console.addresses import work_path
from abonent.faces.console.desk import Desk, Form, Visit, local, see, typed
from abonent.faces.console.saved import saved_view
from abonent.faces.console.work import rights
from abonent.faces.console.work.acts import (
    STEPS,
    Choices,
    acts,
    crew_options,
    refusal,
    slot_days,
    unit_options,
)
from abonent.faces.console.work.filters import PATH, address, query_of, read_wanted
from abonent.faces.console.work.labels import SECTION
from abonent.faces.console.work.list_view import list_view, options_of
from abonent.faces.console.work.materials import NO_ROWS, MaterialRow, materials_of, typed_rows
from abonent.faces.console.work.upload import FIELD, file_rows, files_of, give, keep, read_with_files
from abonent.faces.console.work.work_view import WorkFile, work_view
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound
from abonent.kit.values import from_wire

Step = Callable[[Context, str, Form], Awaitable[object]]
_FURTHEST = timedelta(days=60)
# Step of an address -> what one must be allowed to do for it.
ACTIONS = {**{step: action for step, (action, _, _) in STEPS.items()}, "attach": "attach"}


class WorkPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk
        self._steps: dict[str, Step] = {
            "confirm": _confirm,
            "start": lambda ctx, id, _: work.start_work(ctx, id),
            "complete": _complete,
            "absent": lambda ctx, id, form: work.client_absent(ctx, id, note=typed(form, "note") or None),
            "rebook": _rebook,
            "reassign": _reassign,
            "fail": _fail,
            "cancel": _cancel,
            "attach": _attach,
        }

    # ---- the list

    async def listing(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        wanted, store = read_wanted(visit.query), self._ctx.store
        criteria = wanted.criteria(visit.now, self._desk.settings.zone)
        (rows, total), crews = await asyncio.gather(
            list_work_orders(
                store, criteria, sort=wanted.sort, descending=wanted.descending, offset=wanted.offset
            ),
            queries.crews(store),
        )
        if wanted.offset and not rows:
            return see(address(replace(wanted, offset=0)))
        view = list_view(rows, total, wanted, options_of(crews), visit.now, visit.t)
        saved = await saved_view(self._desk, visit, PATH, query_of(replace(wanted, offset=0)))
        facts = {"view": view, "saved": saved, "dispatcher": rights.may(visit.caller, "reassign")}
        shown = self._desk.page(visit, "work/list.html", facts, section=SECTION)
        shown.headers["HX-Push-Url"] = address(wanted)
        return shown

    # ---- one work order

    async def order(self, visit: Visit) -> Response:
        rights.demand_staff(visit.caller)
        return await self._page(visit, visit.path["work_id"], visit.query.get("back", ""))

    async def _page(
        self,
        visit: Visit,
        id: str,
        back: str,
        refused: Refused | None = None,
        rows: tuple[MaterialRow, ...] = NO_ROWS,
    ) -> Response:
        """`back`: where the forms lead when they are done; empty: to this page. `rows`: of materials, as typed."""
        file = await self._file(visit, id)
        if file is None:
            return self._none(visit, id)
        legal = self._legal(visit, file)
        facts = {
            "view": work_view(file, legal, visit.now, visit.t),
            "choices": await self._choices(visit, file, legal, refused, rows),
            "refused": refused,
            "files": file_rows(file.work, visit.t),
            "attaching": rights.may(visit.caller, "attach") and file.work["state"] != "cancelled",
            "back": local(back) if back else "",
            "here": work_path(id),
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "work/work_order.html", facts, section=SECTION, status=status)

    async def _file(self, visit: Visit, id: str) -> WorkFile | None:
        ctx = self._ctx.for_caller(visit.caller)
        try:
            stored, appointment = await work.load(ctx, id)
        except NotFound:
            return None
        document = stored.document
        crew, client = doc.related(document, "crew") or "", doc.customer_of(document) or ""
        place = str((document.get("place") or {}).get("id") or "")
        wanted = [(CREW, crew), (CUSTOMER_, client), (GEOGRAPHIC_ADDRESS, place)]
        found, history = await asyncio.gather(
            ctx.store.find([each for each in wanted if each[1]]), ctx.store.history(WORK_ORDER, id)
        )
        parts = {name: each.document for (name, _), each in found.items()}
        return WorkFile(
            document,
            appointment.document if appointment else None,
            parts.get(CREW.name),
            parts.get(CUSTOMER_.name),
            parts.get(GEOGRAPHIC_ADDRESS.name),
            history,
        )

    def _legal(self, visit: Visit, file: WorkFile) -> list[Act]:
        status = (file.appointment or {}).get("status")
        attempts = doc.failed_visits(file.work)
        soon = file.appointment is not None and doc.starts(file.appointment) <= visit.now + timedelta(hours=2)
        return acts(file.work["state"], status, attempts, ready=soon, caller=visit.caller, t=visit.t)

    async def _choices(
        self,
        visit: Visit,
        file: WorkFile,
        legal: list[Act],
        refused: Refused | None,
        rows: tuple[MaterialRow, ...],
    ) -> Choices:
        """What the forms that are shown offer."""
        steps, ctx = {act.step for act in legal}, self._ctx.for_caller(visit.caller)
        slots = await self._slots(ctx, file.work) if "rebook" in steps else []
        crews = await work.crews_for(ctx, file.work["id"]) if "reassign" in steps else []
        marked = refused.typed if refused else {}
        days, later = slot_days(slots, marked.get("slot", ""), visit.now, visit.t)
        able, unable = crew_options(crews, doc.related(file.work, "crew"), marked.get("crew", ""), visit.t)
        return Choices(days, later, able, unable, rows, unit_options(visit.t))

    async def _slots(self, ctx: Context, document: dict[str, object]) -> list[Slot]:
        try:
            return await search_time_slots(ctx, doc.wish_of(document))
        except BadInput:
            return []  # its address is gone, so nobody knows who goes there

    def _none(self, visit: Visit, id: str) -> Response:
        title = visit.t.gettext("There is no work order {number}", number=id)
        text = visit.t.gettext("Check the number, or look for it in the list.")
        return self._desk.message(visit, title, text, 404, back=PATH)

    # ---- steps

    def step(self, name: str) -> list[BaseRoute]:
        """The routes of a step: it leads back to the page it was asked from, and a refusal stands at its form."""

        async def take(visit: Visit, form: Form) -> Response:
            id, action = visit.path["work_id"], ACTIONS[name]
            try:
                rights.demand_staff(visit.caller)
                rights.demand(visit.caller, action)
                ctx = self._ctx.for_caller(visit.caller)
                files = files_of(visit)
                if name == "attach" and not files:
                    raise BadInput("fileMissing", N_("Choose a picture or a PDF file."), path=FIELD)
                await keep(ctx, id, files)
                await self._steps[name](ctx, id, form)
            except NotFound:
                return self._none(visit, id)
            except (BadInput, Conflict, Forbidden, IllegalMove) as problem:
                if not visit.user.staff:
                    raise
                text = refusal(problem, await self._state(id), visit.t)
                said = refuse(name, problem, text, form)
                return await self._page(visit, id, form.get("back", ""), said, _rows(form))
            return see(local(form.get("back") or work_path(id)))

        def page(visit: Visit) -> str:
            return work_path(visit.path["work_id"])

        return step_routes(self._desk, f"{PATH}/{{work_id}}/{name}", take, page, read_with_files)

    async def file(self, visit: Visit) -> Response:
        """A file of a work order, as a download."""
        return await give(self._ctx.for_caller(visit.caller), visit.path["work_id"], visit.path["file_id"])

    async def _state(self, id: str) -> str:
        """The state of a work order now; empty when it is gone."""
        found = await self._ctx.store.find([(WORK_ORDER, id)])
        return next((str(each.document["state"]) for each in found.values()), "")


def _rows(form: Form) -> tuple[MaterialRow, ...]:
    return typed_rows(*(form.getlist(each) for each in ("material", "quantity", "unit", "serial")))


async def _attach(_: Context, id: str, form: Form) -> None:
    """Nothing more: files of any step are kept before it is done."""


async def _confirm(ctx: Context, id: str, _: Form) -> None:
    appointment = (await work.load(ctx, id))[1]
    if appointment is not None:
        await confirm(ctx, appointment.id)


async def _complete(ctx: Context, id: str, form: Form) -> None:
    result = typed(form, "result")
    if not result:
        raise BadInput("resultMissing", N_("Say in a few words what was done."), path="result")
    used = materials_of(_rows(form))
    await work.complete_work(ctx, id, result, used, note=typed(form, "note") or None)


async def _rebook(ctx: Context, id: str, form: Form) -> None:
    await work.rebook(ctx, id, _slot(ctx, form))


def _slot(ctx: Context, form: Form) -> datetime:
    missing = BadInput("slotMissing", N_("Choose one of the free slots."), path="slot")
    try:
        start = from_wire(form.get("slot", ""))
    except ValueError:
        raise missing from None
    if abs(start - ctx.now()) > _FURTHEST:
        raise missing
    return start


async def _reassign(ctx: Context, id: str, form: Form) -> None:
    crew = typed(form, "crew")
    if not crew:
        raise BadInput("crewMissing", N_("Choose the crew that makes the visit."), path="crew")
    await work.reassign(ctx, id, crew)


async def _fail(ctx: Context, id: str, form: Form) -> None:
    await work.fail_work(ctx, id, _reason(form, N_("Say in a few words why it cannot be done.")))


async def _cancel(ctx: Context, id: str, form: Form) -> None:
    await work.cancel_work(ctx, id, _reason(form, N_("Say in a few words why the work order is cancelled.")))


def _reason(form: Form, missing: str) -> str:
    reason = typed(form, "reason")
    if not reason:
        raise BadInput("reasonMissing", missing, path="reason")
    return reason
