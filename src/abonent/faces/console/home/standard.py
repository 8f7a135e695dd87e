"""The rows of the standard (GOST R 53633.3, eTOM level 2) in our own words, and where each is done here. Data."""

from collections.abc import Mapping
from dataclasses import dataclass

from abonent.kit.i18n import NP_, Translator

Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of the standard. `pages`: addresses of the console where it is done; `api`: TM Forum APIs."""

    id: str
    text: Words
    pages: tuple[tuple[str, Words], ...] = ()
    api: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the standard with its rows."""

    key: str
    number: str
    title: Words
    rows: tuple[Row, ...]


_ORDER = NP_("place", "an order’s page")
_BOARD, _LIST = NP_("place", "board of orders"), NP_("place", "list of orders")
_HELD = ("/orders?state=held", NP_("place", "orders on hold"))

PROCESSES = (
    Process(
        "orders",
        "1.1.1.5",
        NP_("process", "Order handling"),
        (
            Row(
                "OH-1",
                NP_("standard", "Check whether what the client asks for can be provided"),
                (("/orders/new", NP_("place", "new order")), ("/orders", _ORDER)),
                "TMF679, TMF645",
            ),
            Row(
                "OH-2",
                NP_("standard", "Check the client’s creditworthiness"),
                (_HELD, ("/orders", _ORDER)),
                "",
            ),
            Row(
                "OH-3",
                NP_("standard", "Test that what was ordered works before it is handed over"),
                (("/orders", _ORDER),),
                "TMF653",
            ),
            Row(
                "OH-4",
                NP_("standard", "Keep the inventory of the client’s products in step with his orders"),
                (("/clients", NP_("place", "a client’s page")),),
                "TMF637",
            ),
            Row(
                "OH-5",
                NP_("standard", "Assign and control the work that prepares the client for the product"),
                (("/work-orders", NP_("place", "work orders")), ("/appointments", NP_("place", "visits"))),
                "TMF697, TMF646",
            ),
            Row(
                "OH-6",
                NP_("standard", "Manage the preparation of the service and tell the client how it goes"),
                (
                    ("/orders/board", _BOARD),
                    ("/orders", _LIST),
                    ("/messages", NP_("place", "messages")),
                ),
                "TMF622, TMF641, TMF681",
            ),
        ),
    ),
    Process(
        "problems",
        "1.1.1.6",
        NP_("process", "Problem handling"),
        (
            Row("PH-1", NP_("standard", "Take clients’ claims about what they bought")),
            Row("PH-2", NP_("standard", "Analyse the problems that clients report, and notify")),
            Row("PH-3", NP_("standard", "Register claims and lead them to an answer")),
            Row("PH-4", NP_("standard", "Warn clients of problems before they notice them")),
            Row("PH-5", NP_("standard", "Remove the problem until the client is satisfied")),
            Row("PH-6", NP_("standard", "Tell clients and other processes how the matter stands")),
            Row("PH-7", NP_("standard", "Assign and control repair work")),
        ),
    ),
    Process(
        "sla",
        "1.1.1.7",
        NP_("process", "QoS and SLA"),
        (
            Row("QS-1", NP_("standard", "Watch whether the quality delivered is the quality promised")),
            Row("QS-2", NP_("standard", "Take promises from descriptions, contracts and catalogues")),
            Row("QS-3", NP_("standard", "Keep the SLA of each product a client has")),
            Row("QS-4", NP_("standard", "Count in the availability of the network’s resources")),
            Row("QS-5", NP_("standard", "Count in orders on time, times of repair, quality of contacts")),
            Row("QS-6", NP_("standard", "Hand violations to billing, which corrects the charges")),
            Row("QS-7", NP_("standard", "Improve what breaks promises again and again")),
        ),
    ),
    Process(
        "retention",
        "1.1.1.9",
        NP_("process", "Retention and loyalty"),
        (
            Row("RL-1", NP_("standard", "Help to keep the clients there are")),
            Row("RL-2", NP_("standard", "Run loyalty schemes that bring new clients")),
            Row("RL-3", NP_("standard", "Find out what clients need")),
            Row("RL-4", NP_("standard", "Determine what a client is worth")),
            Row("RL-5", NP_("standard", "Weigh the prospects and risks of each client")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as shown; without places it is not in use yet."""

    id: str
    text: str
    places: tuple[tuple[str, str], ...]
    api: str


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process as shown."""

    key: str
    number: str
    title: str
    rows: tuple[RowView, ...]


def standard(mounted: frozenset[str], t: Translator) -> list[ProcessView]:
    """All processes; a place that is not mounted is left out."""
    return [
        ProcessView(
            each.key, each.number, t.pgettext(*each.title), tuple(_row(row, mounted, t) for row in each.rows)
        )
        for each in PROCESSES
    ]


def titles(t: Translator) -> Mapping[str, tuple[str, str]]:
    """Key of a process -> (its number, its name)."""
    return {each.key: (each.number, t.pgettext(*each.title)) for each in PROCESSES}


def _row(row: Row, mounted: frozenset[str], t: Translator) -> RowView:
    there = [(href, t.pgettext(*words)) for href, words in row.pages if href.partition("?")[0] in mounted]
    return RowView(row.id, t.pgettext(*row.text), tuple(there), row.api if there else "")
