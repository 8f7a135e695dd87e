"""The order list as a file for spreadsheets: the same filter, every row, written while it is read."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from abonent.faces.console.data import OrderRow
from abonent.faces.console.desk import HEADERS, Desk, Visit
from abonent.faces.console.labels import ORDER, label
from abonent.faces.console.order_list import read_filter
from abonent.kit.i18n import Translator

# Without it Excel takes the file for the machine's old code page.
BOM = "\ufeff"
# What a spreadsheet would take for a formula, or skips before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def room(desk: Desk) -> list[BaseRoute]:
    """The routes of this room."""

    async def export(visit: Visit) -> Response:
        wanted = replace(read_filter(visit.query), offset=0)
        parts = desk.data.all_orders(visit.user, wanted)
        name = f"orders-{visit.t.local(visit.now):%Y-%m-%d}.csv"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(
            _lines(parts, visit.t), media_type="text/csv; charset=utf-8", headers=headers
        )

    return [Route("/orders.csv", desk.shows(export), methods=["GET"])]


async def _lines(parts: AsyncIterator[Sequence[OrderRow]], t: Translator) -> AsyncIterator[str]:
    yield BOM + written([_head(t)], t)
    async for rows in parts:
        yield written([_cells(row, t) for row in rows], t)


def _head(t: Translator) -> list[str]:
    return [
        t.gettext("Number"),
        t.gettext("Placed"),
        t.gettext("Client number"),
        t.gettext("Client"),
        t.gettext("What"),
        t.gettext("State"),
        t.gettext("Promised"),
        t.gettext("Done on"),
        t.gettext("A month, with tax"),
        t.gettext("Once, with tax"),
        t.gettext("Currency"),
    ]


def _cells(row: OrderRow, t: Translator) -> list[str]:
    return [
        safe(row.id),
        _time(row.ordered, t),
        safe(row.customer_id or ""),
        safe(row.customer_name),
        safe(row.told(t)),
        label(ORDER, row.state, t).word,
        _time(row.promised, t),
        _time(row.completed, t),
        _sum(row.monthly, t),
        _sum(row.once, t),
        safe(row.currency),
    ]


def safe(text: str) -> str:
    """A text that no spreadsheet reckons as a formula: an apostrophe goes before one that looks like it."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _time(at: datetime | None, t: Translator) -> str:
    """Local time in the one form that spreadsheets of every language read."""
    return f"{t.local(at):%Y-%m-%d %H:%M}" if at else ""


def _sum(value: Decimal | None, t: Translator) -> str:
    if value is None:
        return ""
    text = f"{value:f}"
    return text.replace(".", ",") if t.lang == "ru" else text


def written(rows: Sequence[Sequence[str]], t: Translator) -> str:
    """Rows as CSV, with the separator that a spreadsheet of the reader's language expects."""
    text = io.StringIO()
    csv.writer(text, delimiter=";" if t.lang == "ru" else ",", lineterminator="\r\n").writerows(rows)
    return text.getvalue()
