"""How a client wants to be told: the form that an agent fills in for him."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from abonent.domain.communication.preferences import set_preferences
from abonent.domain.communication.rules import (
    Preferences,
    addresses_of,
    preferences_of,
    read_quiet,
    zone_known,
)
from abonent.domain.communication.texts import SUBJECTS
from abonent.domain.party.resources import CUSTOMER_
from abonent.faces.console.addresses import client_path
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.labels import word
from abonent.faces.console.messages.labels import CHANNEL, LANGUAGE, TOPIC
from abonent.faces.console.messages.pages import SECTION
from abonent.faces.console.order_list import Choice
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.i18n import LANGUAGES

ZONES = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
    "UTC",
)


class WishesPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def form(self, visit: Visit) -> Response:
        """The form with what stands now."""
        customer = await self._customer(visit)
        wishes = preferences_of(customer)
        given = {
            "language": wishes.language,
            "channel": wishes.channel or "",
            "quiet_from": f"{wishes.quiet.start:%H:%M}" if wishes.quiet else "",
            "quiet_to": f"{wishes.quiet.end:%H:%M}" if wishes.quiet else "",
            "zone": wishes.zone,
        }
        return self._page(visit, customer, given, wishes.opted_out)

    async def save(self, visit: Visit, form: Form) -> Response:
        """Keep what was typed."""
        customer, t = await self._customer(visit), visit.t
        names = ("language", "channel", "quiet_from", "quiet_to", "zone")
        given = {name: typed(form, name, 60) for name in names}
        opted_out = frozenset(_topics()) - frozenset(form.getlist("topic"))
        start, end = given["quiet_from"], given["quiet_to"]
        quiet = read_quiet(f"{start}-{end}")
        wrong: dict[str, str] = {}
        if (start or end) and quiet is None:
            wrong["quiet"] = t.gettext(
                "Write both times like 22:00 and 08:00, not the same twice, or leave both empty."
            )
        if given["language"] not in LANGUAGES:
            wrong["language"] = t.gettext("Choose one of the languages.")
        if given["channel"] and given["channel"] not in addresses_of(customer):
            wrong["channel"] = t.gettext("The client has no address for this. Choose another way.")
        if not zone_known(given["zone"]):
            wrong["zone"] = t.gettext("There is no such time zone. Choose one of the list.")
        if wrong:
            return self._page(visit, customer, given, opted_out, wrong, 400)
        wanted = Preferences(given["language"], given["channel"] or None, quiet, given["zone"], opted_out)
        try:
            await set_preferences(self._ctx.for_caller(visit.caller), customer["id"], wanted)
        except Conflict as problem:
            return self._page(visit, customer, given, opted_out, {"form": said(problem, t)}, problem.status)
        return see(client_path(customer["id"]))

    async def _customer(self, visit: Visit) -> dict[str, Any]:
        demand_staff(visit)
        return (await self._ctx.store.get(visit.caller, CUSTOMER_, visit.path["client_id"])).document

    def _page(
        self,
        visit: Visit,
        customer: Mapping[str, Any],
        given: Mapping[str, str],
        opted_out: frozenset[str],
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        t, places = visit.t, addresses_of(customer)
        zones = ZONES if given["zone"] in ZONES or not zone_known(given["zone"]) else (*ZONES, given["zone"])
        facts = {
            "id": customer["id"],
            "name": customer.get("name") or customer["id"],
            "client_href": client_path(customer["id"]),
            "given": given,
            "wrong": wrong or {},
            "languages": [Choice(x, word(LANGUAGE, x, t), x == given["language"]) for x in LANGUAGES],
            "channels": [
                Choice(c, f"{word(CHANNEL, c, t)} · {place}", c == given["channel"])
                for c, place in places.items()
            ],
            "zones": [Choice(z, z, z == given["zone"]) for z in zones],
            "topics": [Choice(x, word(TOPIC, x, t), x not in opted_out) for x in _topics()],
        }
        return self._desk.page(visit, "messages/wishes.html", facts, section=SECTION, status=status)


def _topics() -> list[str]:
    return list(dict.fromkeys(subject.topic for subject in SUBJECTS.values()))
