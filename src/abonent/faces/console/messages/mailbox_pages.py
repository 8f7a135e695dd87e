"""The demo's mailbox: what really arrived at the simulated mail server and SMS gateway."""

from urllib.parse import urlencode

from starlette.responses import Response

from abonent.domain.communication.ports import Mailbox, TransportAway
from abonent.faces.console.addresses import arrival_path, message_path
from abonent.faces.console.desk import Desk, Visit, demand_staff, said
from abonent.faces.console.labels import word
from abonent.faces.console.messages.labels import CHANNEL
from abonent.faces.console.messages.pages import SECTION
from abonent.kit.context import Context
from abonent.kit.errors import N_, NotFound

PAGE = 50


class MailboxPages:
    """Pages over the Mailbox port."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._mailbox = context.port(Mailbox)
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """The newest arrivals; ?to= narrows to an address or number."""
        demand_staff(visit)
        to = "".join(c for c in visit.query.get("to", "") if c.isprintable()).strip()[:200]
        page = visit.query.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 10_000 else 1
        away, found, total = "", [], 0
        try:
            arrivals, total = await self._mailbox.arrivals(to, PAGE, (number - 1) * PAGE)
            found = [
                {
                    "href": arrival_path(each.id),
                    "icon": "sms" if each.channel == "SMS" else "mail",
                    "channel": word(CHANNEL, each.channel, visit.t),
                    "arrival": each,
                }
                for each in arrivals
            ]
        except TransportAway as problem:
            away = said(problem, visit.t)
        last = (number - 1) * PAGE + len(found)

        def at(place: int) -> str:
            pairs = [("to", to), ("page", str(place) if place > 1 else "")]
            query = urlencode([(k, v) for k, v in pairs if v])
            return f"/mailbox?{query}" if query else "/mailbox"

        facts = {
            "rows": found,
            "to": to,
            "away": away,
            "total": total,
            "refresh": at(number),
            "previous": at(number - 1) if number > 1 else "",
            "next": at(number + 1) if last < total else "",
        }
        return self._desk.page(visit, "messages/mailbox.html", facts, section=SECTION)

    async def arrival(self, visit: Visit) -> Response:
        """One mail or SMS as it arrived."""
        demand_staff(visit)
        found = await self._mailbox.arrival(visit.path["arrival_id"])
        if found is None:
            raise NotFound("noArrival", N_("This did not arrive here, or the mailbox was emptied since."))
        key = found.message_id.strip("<>").partition("@")[0].partition("~")[0]
        facts = {
            "arrival": found,
            "channel": word(CHANNEL, found.channel, visit.t),
            "title": visit.t.gettext("SMS to {number}", number=found.to)
            if found.channel == "SMS"
            else found.subject or word(CHANNEL, found.channel, visit.t),
            "kind_icon": "sms" if found.channel == "SMS" else "mail",
            "sent_as": key,
            "sent_href": message_path(key) if key.startswith("M-") else "",
        }
        return self._desk.page(visit, "messages/arrival.html", facts, section=SECTION)
