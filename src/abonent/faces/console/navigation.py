"""The navigation: seven sections, always in this order, and the pages of the section one is in. Data."""

from collections.abc import Mapping
from dataclasses import dataclass

from abonent.kit.i18n import NP_, Translator

# Section -> its word and its pages (path, word). A page that is not mounted is left out; a section without one is not
# a link.
PAGES: Mapping[str, tuple[tuple[str, str], tuple[tuple[str, tuple[str, str]], ...]]] = {
    "Today": (
        NP_("section", "Today"),
        (
            ("/", NP_("page", "My work")),
            ("/processes", NP_("page", "Processes")),
            ("/integrations", NP_("page", "Integrations")),
        ),
    ),
    "Clients": (
        NP_("section", "Clients"),
        (
            ("/clients", NP_("page", "Clients")),
            ("/messages", NP_("page", "Messages")),
            ("/messages/templates", NP_("page", "Message texts")),
            ("/messages/rules", NP_("page", "What is told")),
            ("/mailbox", NP_("page", "Mailbox")),
        ),
    ),
    "Orders": (
        NP_("section", "Orders"),
        (
            ("/orders", NP_("page", "List")),
            ("/orders/board", NP_("page", "Board")),
            ("/orders/new", NP_("page", "New order")),
            ("/orders/fallout", NP_("page", "Failed tasks")),
            ("/bulk-orders", NP_("page", "Bulk orders")),
            ("/requests", NP_("page", "Requests")),
            ("/credit", NP_("page", "Credit")),
            ("/credit/tables", NP_("page", "Credit tables")),
            ("/work-orders", NP_("page", "Work orders")),
            ("/returns", NP_("page", "Returns")),
            ("/refunds", NP_("page", "Money back")),
            ("/appointments", NP_("page", "Visits")),
            ("/crews", NP_("page", "Crews")),
            ("/catalogue", NP_("page", "Catalogue")),
            ("/charging", NP_("page", "Charging")),
        ),
    ),
    "Problems": (NP_("section", "Problems"), ()),
    "SLA": (NP_("section", "SLA"), ()),
    "Retention": (NP_("section", "Retention"), ()),
    "Reports": (NP_("section", "Reports"), ()),
}


# `g` and the letter lead to a section; `n` and the letter begin something new (path, letter, word).
SECTION_KEYS: Mapping[str, str] = {
    "Today": "t",
    "Clients": "c",
    "Orders": "o",
    "Problems": "p",
    "SLA": "s",
    "Retention": "r",
    "Reports": "e",
}
NEW_KEYS: tuple[tuple[str, str, tuple[str, str]], ...] = (
    ("/orders/new", "o", NP_("new", "New order")),
    ("/clients/new", "c", NP_("new", "New client")),
)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation; `href` is empty while there is nothing behind it. `keys`: "g o", pressed in turn."""

    key: str
    word: str
    href: str
    current: bool
    pages: tuple["Link", ...] = ()
    keys: str = ""


# The pages that a client finds something of his on; all others are for staff.
FOR_CLIENTS = frozenset({"/", "/clients", "/messages", "/orders"})


def sections(t: Translator, section: str, path: str, mounted: frozenset[str], *, staff: bool) -> list[Link]:
    """The seven sections; the present one with its pages. `path` is the page shown, `mounted` what there is."""
    links = []
    for key, (word, pages) in PAGES.items():
        there = [(href, each) for href, each in pages if href in mounted and (staff or href in FOR_CLIENTS)]
        shown = tuple(
            Link(href, t.pgettext(*each), href, href == path) for href, each in there if key == section
        )
        first, keys = there[0][0] if there else "", f"g {SECTION_KEYS[key]}"
        links.append(Link(key, t.pgettext(*word), first, key == section, shown, keys))
    return links


def new_links(t: Translator, mounted: frozenset[str], *, staff: bool) -> list[Link]:
    """What can be begun by keys; by staff alone."""
    return [
        Link(path, t.pgettext(*word), path, False, keys=f"n {letter}")
        for path, letter, word in NEW_KEYS
        if staff and path in mounted
    ]
