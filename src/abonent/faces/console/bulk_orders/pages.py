"""Pages of bulk orders: the list with the form that sends a file, one bulk order, the file of what is to be mended."""

from starlette.responses import Response

from abonent.domain.order_handling import bulk
from abonent.domain.order_handling.bulk_resources import BULK_ORDER
from abonent.domain.order_handling.queries_bulk import FATES, bulk_orders, lines_shown, totals
from abonent.domain.order_handling.rules_bulk_file import COLUMNS, MOST_BYTES, MOST_LINES, reject_file
from abonent.faces.console.acts import Act, Refused, refuse
from abonent.faces.console.addresses import bulk_path
from abonent.faces.console.bulk_orders.labels import BULK, SECTION
from abonent.faces.console.bulk_orders.view import address, rows, told, view
from abonent.faces.console.data import PAGE_SIZE, offset_of
from abonent.faces.console.desk import (
    HEADERS,
    Desk,
    Form,
    Take,
    Visit,
    demand_staff,
    reads_files,
    said,
    see,
    typed,
)
from abonent.faces.console.labels import label
from abonent.faces.console.order_list import Choice
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove, TooLarge
from abonent.kit.i18n import NP_, Translator

PATH = "/bulk-orders"
ONE = PATH + "/{bulk_id}"
STEPS = ("confirm", "cancel")
SEND, FILE = "send", "file"
_VERBS = {
    "confirm": NP_("step", "Order these lines"),
    "cancel": NP_("step", "Call off what is not ordered yet"),
}
_SAMPLE = (
    ("B-0001", "", "Ярославль, Свободы 12", "Internet 100", "1", "", "2027-01-29", "it@example.org"),
    ("B-0002", "A-10017", "", "Internet 300", "1", "staticIp=true", "", ""),
)


def _too_large() -> TooLarge:
    return TooLarge(
        "fileTooLarge",
        N_("The file is too large: at most {most} KB are taken at once. Split it into several files."),
        most=MOST_BYTES // 1024,
    )


read_file = reads_files(FILE, 1, MOST_BYTES, _too_large)


class BulkPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        demand_staff(visit)
        return await self._list(visit)

    async def send(self, visit: Visit, form: Form) -> Response:
        """Take a file in; what is wrong with it as a whole stands at its field."""
        demand_staff(visit)
        client = typed(form, "client", 100)
        name, data = next(iter(visit.request.state.files), ("", b""))
        try:
            if not data:
                raise BadInput("noFile", N_("Choose the file first."))
            made = await bulk.take_file(self._ctx.for_caller(visit.caller), client, name, data)
        except (BadInput, TooLarge) as problem:
            at = "client" if problem.code == "unknownClient" else FILE
            refused = Refused(SEND, said(problem, visit.t), at, {"client": client}, problem.status)
            return await self._list(visit, refused)
        return see(bulk_path(made["id"]))

    async def _list(self, visit: Visit, refused: Refused | None = None) -> Response:
        state = visit.query.get("state", "")
        state, offset = (state if state in BULK else ""), offset_of(visit.query)
        store = self._ctx.store
        found = await bulk_orders(store, state, offset, PAGE_SIZE + 1)
        counted = await totals(store, [each["id"] for each in found])
        states = [Choice("", visit.t.gettext("in any state"), not state)]
        states += [Choice(each, label(BULK, each, visit.t).word, each == state) for each in BULK]
        facts = {
            "rows": rows(found[:PAGE_SIZE], counted, visit.now, visit.t),
            "states": states,
            "state": state,
            "previous": f"{PATH}?state={state}&offset={max(offset - PAGE_SIZE, 0)}" if offset else "",
            "next": f"{PATH}?state={state}&offset={offset + PAGE_SIZE}" if len(found) > PAGE_SIZE else "",
            "refused": refused,
            "client": typed(visit.query, "client", 100),
            "most_lines": visit.t.number(MOST_LINES),
            "most_kb": visit.t.number(MOST_BYTES // 1024),
            "columns": _columns(visit.t),
            "here": PATH,
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "bulk_orders/list.html", facts, section=SECTION, status=status)

    async def one(self, visit: Visit) -> Response:
        demand_staff(visit)
        return await self._page(visit)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        id, fate = visit.path["bulk_id"], visit.query.get("fate", "")
        fate, offset = (fate if fate in FATES else ""), offset_of(visit.query)
        stored = await self._ctx.store.get(visit.caller, BULK_ORDER, id)
        counted = (await totals(self._ctx.store, [id]))[id]
        shown = await lines_shown(self._ctx.store, id, fate, offset, PAGE_SIZE)
        seen = view(stored.document, counted, shown, fate, offset, visit.now, visit.t)
        facts = {
            "view": seen,
            "acts": _acts(seen.state, seen.waiting, visit.t),
            "refused": refused,
            "here": address(id, fate, offset),
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "bulk_orders/one.html", facts, section=SECTION, status=status)

    def step(self, name: str) -> Take:
        """Confirm or call off; a refusal stands at its form."""

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit)
            ctx, id = self._ctx.for_caller(visit.caller), visit.path["bulk_id"]
            try:
                await (bulk.confirm if name == "confirm" else bulk.cancel)(ctx, id)
            except (BadInput, Conflict, IllegalMove) as problem:
                return await self._page(visit, refuse(name, problem, said(problem, visit.t), form, fields=()))
            return see(bulk_path(id))

        return take

    async def rejects(self, visit: Visit) -> Response:
        """The lines that are wrong or were refused, in the form of their file, with what is to be mended."""
        demand_staff(visit)
        id, store = visit.path["bulk_id"], self._ctx.store
        document = (await store.get(visit.caller, BULK_ORDER, id)).document
        found = [
            *await lines_shown(store, id, "wrong", 0, MOST_LINES),
            *await lines_shown(store, id, "refused", 0, MOST_LINES),
        ]
        lines = sorted((each.line for each in found), key=lambda line: line["line"])
        rejected = [
            (
                line["line"],
                " ".join(told(each, document, visit.t) for each in line.get("problem") or ())
                or visit.t.gettext("The order was rejected; its page says why."),
                line["cell"],
            )
            for line in lines
        ]
        body = reject_file(document["header"], document["delimiter"], rejected)
        return _file(body, f"{id}-rejects.csv")

    async def sample(self, visit: Visit) -> Response:
        """A file to begin with."""
        demand_staff(visit)
        lines = [";".join(each[0] for each in COLUMNS.values()), *(";".join(line) for line in _SAMPLE)]
        return _file(("\ufeff" + "\r\n".join(lines) + "\r\n").encode(), "bulk-order.csv")


def _file(body: bytes, name: str) -> Response:
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _columns(t: Translator) -> list[tuple[str, str]]:
    """The columns a file may have, and what stands in each."""
    told = {
        "externalId": t.gettext("your own number of the line; it is never ordered twice"),
        "site": t.gettext("the number of the address here, such as A-10017; or"),
        "address": t.gettext("town, street and house; small slips are forgiven"),
        "offering": t.gettext("name or number of the offering"),
        "quantity": t.gettext("how many; empty: one"),
        "characteristics": t.gettext("name=value, several parted by | or in quotes by ;"),
        "date": t.gettext("wanted by; empty: as soon as possible"),
        "contact": t.gettext("mail or telephone on the spot"),
    }
    return [(aliases[0], told[column]) for column, aliases in COLUMNS.items()]


def _acts(state: str, waiting: int, t: Translator) -> list[Act]:
    """What a person can do now."""
    made = []
    if state == "checked" and waiting:
        follows = t.ngettext(
            "{n} line becomes an order of its own; lines to be mended stay out.",
            "{n} lines become an order each; lines to be mended stay out.",
            waiting,
        )
        made.append(Act("confirm", t.pgettext(*_VERBS["confirm"]), follows, "y", True))
    if state in {"checking", "checked"} or (state == "placing" and waiting):
        follows = t.gettext("Lines that are orders already go on; each can be cancelled on its own page.")
        made.append(Act("cancel", t.pgettext(*_VERBS["cancel"]), follows, "x"))
    return made
