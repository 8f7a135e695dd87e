"""The handlers of credit tables: the list, a version, the editor, the dry run, putting in force."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.order_handling.credit_dry_run import try_table
from abonent.domain.qualification.credit_resources import CREDIT_TABLE, MANAGERS
from abonent.domain.qualification.credit_tables import BadTable, change_table, create_table, remove_table
from abonent.domain.qualification.queries_credit import all_tables
from abonent.domain.qualification.rules_credit import SHIPPED
from abonent.domain.qualification.rules_credit_lint import Fault, faults
from abonent.faces.console.acts import step_routes
from abonent.faces.console.addresses import table_path
from abonent.faces.console.credit.labels import SECTION, TABLES, demand_staff, input_word
from abonent.faces.console.credit.table_form import changed, editor, read_form
from abonent.faces.console.credit.table_view import (
    in_force,
    read_rows,
    result,
    state_label,
    versions,
)
from abonent.faces.console.desk import Desk, Form, Visit, said, see, typed
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound, Problem
from abonent.kit.i18n import LANGUAGES, Translator
from abonent.kit.values import to_wire

DAYS = 30
_NEW = "new"
Document = dict[str, Any]


class TablePages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """All versions."""
        demand_staff(visit.caller)
        tables = [document for document, _ in await all_tables(self._ctx.store)]
        ruling = in_force(tables, visit.now)
        facts = {
            "rows": versions(tables, visit.now, visit.t),
            "may": _may(visit),
            "copy": f"{TABLES}/new?from={ruling}",
        }
        return self._desk.page(visit, "credit/tables.html", facts, section=SECTION)

    async def new(self, visit: Visit) -> Response:
        """The editor of a new version, beginning with another (?from=)."""
        _demand_manager(visit)
        source = visit.query.get("from", SHIPPED["id"])[:100]
        table = (await self._stored(source)).document if source != SHIPPED["id"] else SHIPPED
        return await self._editor(visit, _plain(table), [], None)

    async def table(self, visit: Visit) -> Response:
        """A version: a draft in the editor for those who may change it, else for reading. ?try=1: with a dry run."""
        demand_staff(visit.caller)
        id = visit.path["table_id"]
        stored = await self._stored(id) if id != SHIPPED["id"] else None
        document = stored.document if stored else SHIPPED
        tried = await self._tried(visit, document) if visit.query.get("try") == "1" else None
        if stored is not None and stored.state == "draft" and _may(visit):
            return await self._editor(visit, document, [], stored, tried)
        return await self._reader(visit, document, tried)

    async def save(self, visit: Visit, form: Form) -> Response:
        """Save, try, or change the form, as the button says."""
        _demand_manager(visit)
        id, do = visit.path.get("table_id", _NEW), form.get("do", "save")
        stored = await self._stored(id) if id != _NEW else None
        ctx = self._ctx.for_caller(visit.caller)
        if do == "delete" and stored is not None:
            await remove_table(ctx, stored)
            return see(TABLES)
        table = read_form(form)
        if do not in {"save", "try"}:
            return await self._editor(visit, changed(table, do), [], stored)
        wrong = faults(table)
        if wrong:
            return await self._editor(visit, table, wrong, stored, status=400)
        if do == "try":
            return await self._editor(visit, table, [], stored, await self._tried(visit, table))
        try:
            if stored is None:
                made = await create_table(ctx, table)
            else:
                kept = {k: v for k, v in stored.document.items() if k not in ("description",)}
                made = await change_table(ctx, stored, {**kept, **table})
        except BadTable as bad:
            return await self._editor(visit, table, bad.faults, stored, status=400)
        except Conflict as lost:
            return await self._editor(
                visit, table, [], stored, problem=said(lost, visit.t), status=lost.status
            )
        return see(table_path(made["id"]))

    def steps(self) -> list[BaseRoute]:
        """The routes of the steps with a version."""

        def page(visit: Visit) -> str:
            return table_path(visit.path["table_id"])

        table = TABLES + "/{table_id}"
        return [
            *step_routes(self._desk, f"{table}/release", self.release, page),
            *step_routes(self._desk, f"{table}/withdraw", self.withdraw, page),
        ]

    async def release(self, visit: Visit, form: Form) -> Response:
        """Put a draft in force, from a day or at once."""
        _demand_manager(visit)
        stored = await self._stored(visit.path["table_id"])
        try:
            since = self._day(typed(form, "since", 10))
            wanted = {"state": "released"} | ({"inForceFrom": to_wire(since)} if since else {})
            await change_table(self._ctx.for_caller(visit.caller), stored, stored.document | wanted)
        except (BadInput, Conflict) as problem:
            return await self._editor(
                visit,
                stored.document,
                [],
                stored,
                release_problem=_told(problem, visit),
                status=problem.status,
            )
        return see(table_path(stored.id))

    async def withdraw(self, visit: Visit, form: Form) -> Response:
        """Take back a version that is not in force yet."""
        _demand_manager(visit)
        stored = await self._stored(visit.path["table_id"])
        await change_table(
            self._ctx.for_caller(visit.caller), stored, stored.document | {"state": "withdrawn"}
        )
        return see(table_path(stored.id))

    # ---- parts

    def _day(self, text: str) -> datetime | None:
        """Midnight of a typed day on the console's wall clock; None for an empty field."""
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 2000 <= day.year <= 2100:
            raise BadInput("badDay", N_("Choose a day, or leave the field empty for now."), path="since")
        return datetime.combine(day, time(), self._desk.settings.zone)

    async def _stored(self, id: str) -> Stored:
        for document, version in await all_tables(self._ctx.store):
            if document["id"] == id:
                return Stored(CREDIT_TABLE, document, version)
        raise NotFound("noCreditTable", N_("There is no credit table {id}. All stand in the list."), id=id)

    async def _tried(self, visit: Visit, table: Document) -> Any:
        run = await try_table(self._ctx, table, visit.now - timedelta(days=DAYS), visit.now)
        return result(run, DAYS, visit.t)

    async def _editor(
        self,
        visit: Visit,
        table: Document,
        wrong: Sequence[Fault],
        stored: Stored | None,
        tried: Any = None,
        *,
        problem: str = "",
        release_problem: str = "",
        status: int = 200,
    ) -> Response:
        facts = {
            "editor": editor(table, wrong, visit.t),
            "shown": " ".join(table["column"]),
            "path": table_path(stored.id) if stored else f"{TABLES}/new",
            "stored": stored.document if stored else None,
            "tried": tried,
            "conflict": problem,
            "release_problem": release_problem,
            "errors": len(wrong),
            "today": visit.t.local(visit.now).date().isoformat(),
        }
        return self._desk.page(visit, "credit/editor.html", facts, section=SECTION, status=status)

    async def _reader(self, visit: Visit, table: Document, tried: Any) -> Response:
        tables = [document for document, _ in await all_tables(self._ctx.store)]
        ruling = in_force(tables, visit.now)
        facts = {
            "table": table,
            "shipped": table["id"] == SHIPPED["id"],
            "name": visit.t.gettext("The table shipped")
            if table["id"] == SHIPPED["id"]
            else table.get("name"),
            "label": state_label({"state": "past", **table}, ruling, visit.now, visit.t),
            "since": _since(table),
            "coming": table.get("state") == "released" and (_since(table) or visit.now) > visit.now,
            "columns": [input_word(name, visit.t) for name in table["column"]],
            "rows": read_rows(table, visit.t),
            "path": table_path(table["id"]),
            "may": _may(visit),
            "tried": tried,
        }
        return self._desk.page(visit, "credit/table.html", facts, section=SECTION)


def _since(table: Document) -> datetime | None:
    text = table.get("inForceFrom")
    return datetime.fromisoformat(text) if text else None


def _plain(table: Document) -> Document:
    """A copy of a table to begin a new one with; the reasons of the table shipped in every language."""
    rows = []
    for row in table["row"]:
        reason = dict(row.get("reason") or {})
        if table["id"] == SHIPPED["id"]:
            english = reason["en"]
            reason = {language: Translator(language).gettext(english) for language in LANGUAGES}
        rows.append({**row, "reason": reason})
    return {"name": table.get("name") or "", "column": table["column"], "row": rows}


def _may(visit: Visit) -> bool:
    return visit.caller.role in MANAGERS


def _demand_manager(visit: Visit) -> None:
    demand_staff(visit.caller)
    if not _may(visit):
        raise Forbidden(
            "tablesByManagers",
            N_("Credit tables are changed by managers and administrators; tell one of them."),
        )


def _told(problem: Problem, visit: Visit) -> str:
    if isinstance(problem, IllegalMove | BadInput):
        return said(problem, visit.t)
    return visit.t.gettext(
        "The table changed at the same moment. Look at it as it is now and repeat the step."
    )
