"""Pages of bulk orders: the list with the form that sends a file, one bulk order, the file of what is to be mended."""

from collections.abc import Mapping

from starlette.responses import Response

from abonent.domain.order_handling import bulk
from abonent.domain.order_handling.bulk_resources import BULK_ORDER
from abonent.domain.order_handling.queries_bulk import FATES, bulk_orders, lines_shown, totals
from abonent.domain.order_handling.rules_bulk_file import COLUMNS, MOST_BYTES, MOST_LINES, reject_file
from abonent.faces.console.acts import Act, Refused, refuse
from abonent.faces.console.addresses import bulk_path
from abonent.faces.console.bulk_orders.labels import BULK, SECTION
from abonent.faces.console.bulk_orders.view import address, rows, told, view
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.desk import HEADERS, Desk, Form, Take, Upload, Visit, said, see, typed
from abonent.faces.console.labels import label
from abonent.faces.console.order_list import Choice
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, TooLarge
from abonent.kit.i18n import NP_, Translator

PATH = "/bulk-orders"
ONE = PATH + "/{bulk_id}"
STEPS = ("confirm", "cancel")
_VERBS = {
    "confirm": NP_("step", "Order these lines"),
    "cancel": NP_("step", "Call off what is not ordered yet"),
}
_SAMPLE = (
    ("B-0001", "", "Ярославль, Свободы 12", "Internet 100", "1", "", "2027-01-29", "it@example.org"),
    ("B-0002", "A-10017", "", "Internet 300", "1", "staticIp=true", "", ""),
)


class BulkPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        _demand_staff(visit)
        return await self._list(visit, visit.query)

    async def send(self, visit: Visit, form: Form, upload: Upload) -> Response:
        """Take a file in; what is wrong with it as a whole stands at its field."""
        _demand_staff(visit)
        client = typed(form, "client", 100)
        if not upload.data:
            problem = BadInput("noFile", N_("Choose the file first."))
            return await self._list(visit, form, "file", said(problem, visit.t), problem.status)
        try:
            made = await bulk.take_file(self._ctx.for_caller(visit.caller), client, upload.name, upload.data)
        except (BadInput, TooLarge) as problem:
            at = "client" if problem.code == "unknownClient" else "file"
            return await self._list(visit, form, at, said(problem, visit.t), problem.status)
        return see(bulk_path(made["id"]))

    async def _list(
        self, visit: Visit, kept: Mapping[str, str], at: str = "", problem: str = "", status: int = 200
    ) -> Response:
        state = visit.query.get("state", "")
        state, offset = (state if state in BULK else ""), _offset(visit)
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
            "client": typed(kept, "client", 100),
            "at": at,
            "problem": problem,
            "most_lines": visit.t.number(MOST_LINES),
            "most_kb": visit.t.number(MOST_BYTES // 1024),
            "columns": _columns(visit.t),
            "here": PATH,
        }
        return self._desk.page(visit, "bulk_orders/list.html", facts, section=SECTION, status=status)

    async def one(self, visit: Visit) -> Response:
        _demand_staff(visit)
        return await self._page(visit)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        id, fate = visit.path["bulk_id"], visit.query.get("fate", "")
        fate, offset = (fate if fate in FATES else ""), _offset(visit)
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
            _demand_staff(visit)
            ctx, id = self._ctx.for_caller(visit.caller), visit.path["bulk_id"]
            try:
                await (bulk.confirm if name == "confirm" else bulk.cancel)(ctx, id)
            except (BadInput, Conflict, IllegalMove) as problem:
                return await self._page(
                    visit, refuse(name, problem, said(problem, visit.t), form, whole=True)
                )
            return see(bulk_path(id))

        return take

    async def rejects(self, visit: Visit) -> Response:
        """The lines that are wrong or were refused, in the form of their file, with what is to be mended."""
        _demand_staff(visit)
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
        _demand_staff(visit)
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


def _offset(visit: Visit) -> int:
    given = visit.query.get("offset", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0


def _demand_staff(visit: Visit) -> None:
    if not visit.user.staff:
        raise Forbidden("staffOnly", N_("Only staff may see and do this."))
