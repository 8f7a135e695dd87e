"""A message from a template, what it is about, and its client. Pure.

A message is one document for one event and one receiver. What TMF681 has no attribute for stands in characteristics:
`event`, `productOrder` or `appointment` (and the `slot` that was told), `language`, `template` (with its version),
`statusReason` (why it waits or failed; an English text that is a key of translations) and `attempts`
(rules_delivery.py).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from abonent.domain.communication.rules import PLACES, Preferences
from abonent.domain.communication.rules_templates import fill
from abonent.domain.order_handling.alerts import expected_end
from abonent.domain.order_handling.rules_credit_cases import NOTE_AUTHOR, missing_deposit
from abonent.domain.order_handling.rules_ending import fees_of
from abonent.domain.order_handling.rules_porting import reason_of, window_of
from abonent.domain.workforce.documents import name_of
from abonent.kit.errors import N_
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of, characteristic, from_wire, ref, to_wire

Document = dict[str, Any]
SENDER = {"id": "abonent", "name": "Abonent"}
NO_ADDRESS = N_("The receiver has neither an e-mail address nor a mobile number. Add one and send it again.")
NO_RECEIVER = N_("It has no receiver. Name one and send it again.")
NO_TRANSPORT: Mapping[str, str] = {
    "email": N_("No mail server is connected (ABONENT_SMTP_URL). Connect one and send it again."),
    "SMS": N_("No SMS gateway is connected (ABONENT_SMS_URL). Connect one and send it again."),
}
QUIET = N_("It waits until the client's quiet hours end.")
# What a crew comes for, where nothing says it yet.
ANY_WORK = N_("work at your place")
SCHEDULED = N_("It waits for its time.")
OPTED_OUT = N_("The client wants no messages on this topic.")
_NAMES = 3


@lru_cache(maxsize=64)
def translator(language: str, zone: str) -> Translator:
    """Texts and dates in a client's language and time zone."""
    return Translator(language, ZoneInfo(zone))


def about(message: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """A characteristic of a message."""
    return characteristic(message, "characteristic", name, default)


def with_about(message: Mapping[str, Any], **values: Any) -> Document:
    """The message with characteristics set; None takes one away."""
    kept = [c for c in message.get("characteristic") or () if c.get("name") not in values]
    given = [{"name": name, "value": value} for name, value in values.items() if value is not None]
    return {**message, "characteristic": [*kept, *given]}


# What is said where nobody wrote why.
_WHY: Mapping[str, str] = MappingProxyType(
    {
        "rejected": N_("Ask for what is possible instead."),
        "cancelled": N_("If you did not ask for this, call us."),
    }
)


def order_facts(
    order: Mapping[str, Any],
    customer: Mapping[str, Any],
    said: Translator,
    names: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """What a text about an order may name; a fact that is not known yet is left out. `names`: what offerings are called
    in the client's language, by id."""
    facts = {
        "client": customer.get("name") or customer["id"],
        "order": order["id"],
        "product": _products(order.get("productOrderItem") or (), names),
    }
    if (fee := fees_of(order)) is not None:
        told = N_("{product} (ending before the agreed date: {fee})")
        facts["product"] = said.gettext(
            told, product=facts["product"], fee=said.money(fee.amount, fee.currency)
        )
    usual = _WHY.get(str(order.get("state")))
    if usual is not None:
        # What the credit check says to the client stands in the order, in his language.
        told = next((n["text"] for n in order.get("note") or () if n.get("author") == NOTE_AUTHOR), "")
        facts["why"] = told or said.gettext(usual)
    for name, key in (("ordered", "orderDate"), ("promised", "expectedCompletionDate")):
        if order.get(key):
            facts[name] = said.long_day(from_wire(order[key]))
    if (end := expected_end(order)) is not None:
        facts["forecast"] = said.long_day(end)
    for price in order.get("orderTotalPrice") or ():
        amount = (price.get("price") or {}).get("taxIncludedAmount")
        if price.get("priceType") == "recurring" and amount:
            facts["monthly"] = said.money(amount_of(amount), amount.get("unit", "RUB"))
    return facts


def deposit_facts(case: Mapping[str, Any], request: Mapping[str, Any], said: Translator) -> dict[str, str]:
    """What a text may name of a deposit: what is missing of it, and until when it has to come."""
    if case.get("state") != "awaitingDeposit":
        return {}
    facts = {"deposit": said.money(missing_deposit(case), case["deposit"].get("unit", "RUB"))}
    if request.get("due"):
        facts["until"] = said.long_day(from_wire(request["due"]))
    return facts


def contract_facts(contract: Mapping[str, Any], said: Translator) -> dict[str, str]:
    """What a text may name of a contract: its number, and until when it can be accepted."""
    if contract.get("state") != "offered":
        return {}
    return {"contract": contract["id"], "acceptBy": said.long_day(from_wire(contract["due"]))}


def porting_facts(
    request: Mapping[str, Any], customer: Mapping[str, Any], said: Translator
) -> dict[str, str]:
    """What a text about a number on its way may name: when it moves in the client's time, or why it does not."""
    facts = {
        "client": str(customer.get("name") or customer["id"]),
        "order": str(request["productOrder"]["id"]),
        "number": str(request["phoneNumber"]),
    }
    window, refusal = window_of(request), request.get("refusal")
    if window is not None:
        facts |= {"day": said.long_day(window[0]), "from": said.time(window[0]), "to": said.time(window[1])}
    if refusal:
        facts["why"] = said.retell(reason_of(str(refusal.get("code")), str(refusal.get("text"))))
    return facts


def visit_facts(
    appointment: Mapping[str, Any],
    customer: Mapping[str, Any],
    said: Translator,
    work_order: Mapping[str, Any],
    address: Mapping[str, Any],
) -> dict[str, str]:
    """What a text about a visit may name: its slot in the client's time, what is done and where."""
    starts, ends = (from_wire(appointment["validFor"][end]) for end in ("startDateTime", "endDateTime"))
    work = name_of(work_order) if work_order else appointment.get("description")
    if isinstance(work, Mapping):
        work = work.get(said.lang) or work.get("en")
    facts = {
        "client": customer.get("name") or customer["id"],
        "order": next((o["id"] for o in work_order.get("order") or ()), None),
        "work": work or said.gettext(ANY_WORK),
        "day": said.long_day(starts),
        "from": said.time(starts),
        "to": said.time(ends),
        "address": address.get("name"),
    }
    return {name: str(fact) for name, fact in facts.items() if fact}


def _products(items: Iterable[Mapping[str, Any]], called: Mapping[str, str]) -> str:
    names = []
    for item in items:
        offering, product = item.get("productOffering") or {}, item.get("product") or {}
        name = called.get(offering.get("id", "")) or offering.get("name") or product.get("name")
        if name:
            names.append(name)
    shown = list(dict.fromkeys(names))
    return ", ".join(shown[:_NAMES]) + (" …" if len(shown) > _NAMES else "")


def write(template: Mapping[str, Any], language: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """(subject, content) of a template in a language, the first of its languages when it has not this one."""
    texts = template["text"]
    text = next((t for t in texts if t["language"] == language), texts[0])
    return fill(text.get("subject") or "", facts), fill(text["content"], facts)


def receiver_of(customer: Mapping[str, Any], addresses: Mapping[str, str]) -> Document:
    """A TMF681 receiver with all addresses of the customer, so that another channel can be tried."""
    reached = {PLACES[channel][1]: place for channel, place in addresses.items()}
    name = customer.get("name") or customer["id"]
    return {
        "id": customer["id"],
        "name": name,
        "party": ref(customer, "Customer", role="customer"),
        **reached,
    }


def compose(
    id: str,
    channel: str,
    template: Mapping[str, Any],
    texts: tuple[str, str],
    receiver: Document,
    now: datetime,
    preferences: Preferences,
    **characteristics: Any,
) -> Document:
    """A new message in state `initial`, not yet decided whether it goes now."""
    stamp = f"{template['id']} v{template.get('version', 0)}"
    values = {**characteristics, "language": preferences.language, "template": stamp}
    return {
        "id": id,
        "messageType": channel,
        "subject": texts[0],
        "content": texts[1],
        "state": "initial",
        "sender": SENDER,
        "receiver": [receiver],
        "characteristic": [{"name": name, "value": value} for name, value in values.items()],
        "sendTime": to_wire(now),
        "logFlag": True,
    }
