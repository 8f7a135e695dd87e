"""The tiles at the head of an order's page: promise, forecast, visit, client, address, price. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from abonent.domain.order_handling.plan import attempt_key
from abonent.domain.order_handling.rules_outlook import LEAVING
from abonent.domain.order_handling.rules_porting import WAITING, window_of
from abonent.domain.order_handling.rules_refund import OWED, due_since, due_sum
from abonent.domain.order_handling.visits import WORK_ORDER_TASK, work_order_number
from abonent.domain.party.rules_contact import contact_of
from abonent.faces.console.addresses import client_path, work_path
from abonent.faces.console.clients.labels import arrears, shown_phone
from abonent.faces.console.data import Document, OrderFile
from abonent.faces.console.labels import CLIENT, FINAL_ORDER_STATES, label
from abonent.faces.console.order_entry.numbers import spoken
from abonent.faces.console.order_parts import address_of, before_of, prices_of, standing
from abonent.faces.console.plan_model import NO_WORK, Plan, Task, instant, slips
from abonent.faces.console.plan_picture import quick
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import amount_of, from_wire, with_role

_NUMBER_TOLD: Mapping[str, tuple[str, str]] = {
    "refused": NP_("number brought", "the other operator refused"),
    "ported": NP_("number brought", "it is here"),
    "withdrawn": NP_("number brought", "the request was withdrawn"),
    "returned": NP_("number brought", "it went back"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value with one line of context; `tone` is "", risk or bad; `href`: where more stands."""

    term: str
    value: str
    context: str = ""
    big: bool = False
    tone: str = ""
    href: str = ""


def facts_of(
    file: OrderFile,
    plan: Plan | None,
    promised: datetime | None,
    now: datetime,
    t: Translator,
    *,
    staff: bool = False,
) -> list[Fact]:
    """The tiles of an order; only `staff` is led to work orders."""
    order = file.order
    items: Sequence[Document] = order.get("productOrderItem") or ()
    facts = [_promise(order, plan, promised, now, t), _end(order, plan, promised, now, t)]
    if order.get("state") not in FINAL_ORDER_STATES:
        facts.append(_gate(plan, now, t))
    visit = visit_of(file, plan, now, t, staff=staff)
    if visit:
        facts.append(visit)
    facts += [_number(each, now, t) for each in file.portings]
    facts.append(_client(file, t, staff=staff))
    address = address_of(items, file.places) or address_of(standing(items, file.products), file.places)
    if address:
        facts.append(Fact(t.gettext("Address"), address))
    facts.append(_price(items, file.products, t))
    if file.payment and (back := _money_back(file.payment, now, t, staff=staff)):
        facts.append(back)
    return facts


def _money_back(request: Document, now: datetime, t: Translator, *, staff: bool) -> Fact | None:
    """What was paid for nothing and is to be given back, or was."""
    state, since = request["state"], due_since(request)
    if state in OWED and since:
        money = due_sum(request)
        told = t.gettext("since {when}", when=t.near(from_wire(since), now))
        if state == "refunding":
            told = t.gettext("the payment provider is sending it")
        href = "/refunds?" + urlencode({"client": request["customer"]["id"]}) if staff else ""
        if href and state == "refunding":
            href += "&state=refunding"
        return Fact(t.gettext("To be given back"), t.money(money.amount, money.currency), told, href=href)
    given = [each for each in request.get("late") or () if each.get("back")]
    if state != "refunded" or not given:
        return None
    total = sum((amount_of(each["amount"]) for each in given), Decimal(0))
    when = t.near(from_wire(given[-1]["back"]["at"]), now)
    document = given[-1]["back"].get("document") if staff else ""
    context = " · ".join(part for part in (when, document) if part)
    return Fact(t.gettext("Given back"), t.money(total, given[0]["amount"].get("unit") or "RUB"), context)


def work_of(order: str, task: Task) -> str:
    """Id of the work order of a visit's last attempt; empty for other tasks and before the first."""
    if task.kind != WORK_ORDER_TASK or not task.attempts:
        return ""
    return work_order_number(attempt_key(order, task.id, task.attempts))


def visit_of(file: OrderFile, plan: Plan | None, now: datetime, t: Translator, *, staff: bool) -> Fact | None:
    """When a crew comes, or came, and who: of the first visit that is to come, else of the last one that was."""
    visits = (
        [task for task in plan.tasks if task.kind == WORK_ORDER_TASK and task.state not in NO_WORK]
        if plan
        else []
    )
    if not visits:
        return None
    task = next((task for task in visits if not task.is_over), visits[-1])
    number = work_of(str(file.order["id"]), task)
    work = file.works.get(number, {})
    crew = with_role(work.get("relatedEntity"), "crew") or {}
    who = str(crew.get("name") or crew.get("id") or "")
    href = work_path(number) if staff and work else ""
    term = t.gettext("Visit")
    if work.get("state") == "pending":
        return Fact(term, t.gettext("no date yet"), t.gettext("a slot is looked for"), href=href)
    if task.start and task.end:
        return Fact(term, t.span(task.start, task.end, now), who, href=href)
    slot = t.span(task.planned_start, task.planned_end, now)
    if task.start:
        begun = t.gettext("the crew is there since {time}", time=t.time(task.start))
        return Fact(term, slot, " · ".join(part for part in (begun, who) if part), href=href)
    return Fact(term, slot, who or t.gettext("planned"), href=href)


def _number(request: Document, now: datetime, t: Translator) -> Fact:
    """A number on its way from another operator: which, how it stands, when it moves."""
    state, window = request["state"], window_of(request)
    last, donor = from_wire(request["latest"]), str(request.get("donorOperator") or "")
    tone = "bad" if state == "refused" else ""
    if state in WAITING and window is not None:
        told = t.gettext("moves {when}", when=t.span(*window, now))
        tone = "risk" if window[0] > last else ""
    elif state in WAITING:
        told = t.gettext("the other operator is asked; it comes by {when}", when=t.near(last, now))
    else:
        told = t.pgettext(*_NUMBER_TOLD[state])
    parts = (told, t.gettext("from {operator}", operator=donor) if donor else "")
    context = " · ".join(part for part in parts if part)
    return Fact(t.gettext("Number brought"), spoken(request["phoneNumber"]), context, tone=tone)


def sharp(plan: Plan | None) -> bool:
    """Whether it is a matter of seconds, so that times are told with them."""
    return plan is not None and quick(plan)


def _point(at: datetime, plan: Plan | None, now: datetime, t: Translator) -> str:
    """A day for plans of days, with the time for shorter ones."""
    far = plan is not None and plan.forecast - plan.starts >= timedelta(days=2)
    close = plan is not None and abs(at - plan.forecast) < timedelta(minutes=10)
    return t.day(at, now) if far else t.near(at, now, seconds=close and sharp(plan))


def _promise(
    order: Document, plan: Plan | None, promised: datetime | None, now: datetime, t: Translator
) -> Fact:
    term = t.gettext("Promised")
    asked = instant(order.get("requestedCompletionDate"))
    context = t.gettext("the client asked for {when}", when=t.near(asked, now)) if asked else ""
    if promised is None:
        if order.get("state") == "acknowledged":
            told = t.gettext("the order is just being assessed")
            return Fact(term, t.gettext("in a moment"), context or told, big=True)
        waits = order.get("state") not in FINAL_ORDER_STATES
        value = t.gettext("not yet") if waits else t.gettext("nothing")
        return Fact(term, value, context or t.gettext("no date is agreed"), big=True)
    if order.get("state") in LEAVING:
        return Fact(term, _point(promised, plan, now, t), t.gettext("falls away with the order"), big=True)
    if order.get("state") not in FINAL_ORDER_STATES and promised > now and promised - now < timedelta(days=1):
        context = t.gettext("in {time}", time=t.duration(promised - now))
    return Fact(term, _point(promised, plan, now, t), context, big=True)


def _end(order: Document, plan: Plan | None, promised: datetime | None, now: datetime, t: Translator) -> Fact:
    """The end as it was, or as it is forecast, beside the promise."""
    done = instant(order.get("completionDate") or order.get("cancellationDate"))
    final = order.get("state") in FINAL_ORDER_STATES
    term = t.gettext("Ended") if final else t.gettext("Forecast")
    if order.get("state") in LEAVING:
        return Fact(term, t.gettext("being cancelled"), t.gettext("what was done is taken back"), big=True)
    at = done if final and done else plan.forecast if plan else None
    if at is None:
        return Fact(
            term, "\u2013", t.gettext("no plan was made") if final else t.gettext("no plan yet"), big=True
        )
    if plan and plan.stuck and not final:
        return Fact(
            term, t.gettext("not known"), t.gettext("a failed task is in the way"), big=True, tone="bad"
        )
    value = _point(at, plan, now, t)
    if promised is None or order.get("state") in {"cancelled", "rejected", "failed"}:
        return Fact(term, value, big=True)
    if abs(at - promised) < timedelta(minutes=1):
        return Fact(term, value, t.gettext("as promised"), big=True)
    gap = t.duration(abs(at - promised))
    if slips(at, promised):
        tone = "bad" if now > promised else "risk"
        return Fact(term, value, t.gettext("{gap} after the promise", gap=gap), big=True, tone=tone)
    return Fact(term, value, t.gettext("{gap} before the promise", gap=gap), big=True)


def _gate(plan: Plan | None, now: datetime, t: Translator) -> Fact:
    term = t.gettext("Point of no return")
    if plan is None:
        return Fact(term, "\u2013", t.gettext("no plan yet"), big=True)
    gate = plan.gate
    if plan.no_return is None or gate is None:
        return Fact(term, t.gettext("none"), t.gettext("no step of the plan is irreversible"), big=True)
    name = t.pick(gate.name)
    if plan.stuck and not plan.passed_no_return:
        return Fact(term, t.gettext("not known"), t.gettext("until “{task}” begins", task=name), big=True)
    value = t.near(plan.no_return, now, seconds=sharp(plan))
    if plan.passed_no_return:
        return Fact(term, value, t.gettext("passed with “{task}”", task=name), big=True)
    return Fact(term, value, t.gettext("then “{task}” begins", task=name), big=True)


def _client(file: OrderFile, t: Translator, *, staff: bool) -> Fact:
    """Who ordered; staff calls him and looks at his page from here, and sees what he owes."""
    customer = file.customer
    if customer:
        state = label(CLIENT, str(customer["status"]).lower(), t).word if customer.get("status") else ""
        parts = [str(customer["id"]), state]
        owed, currency = arrears(file.accounts) if staff else (Decimal(0), "")
        if staff:
            parts.append(shown_phone(contact_of(customer).phone))
        if owed:
            parts.append(t.gettext("owes {sum}", sum=t.money(owed, currency)))
        return Fact(
            t.gettext("Client"),
            str(customer.get("name") or customer["id"]),
            " · ".join(part for part in parts if part),
            tone="risk" if owed else "",
            href=client_path(str(customer["id"])) if staff else "",
        )
    for party in file.order.get("relatedParty") or ():
        if str(party.get("role", "")).lower() == "customer":
            return Fact(
                t.gettext("Client"), str(party.get("name") or party.get("id")), str(party.get("id") or "")
            )
    return Fact(t.gettext("Client"), "\u2013")


def _price(items: Sequence[Document], products: Mapping[str, Document], t: Translator) -> Fact:
    prices, before = prices_of(items), [before_of(item, products) for item in items]
    if prices.monthly is not None and len(items) == 1 and before[0] is not None:
        term = t.gettext("A month / once")
        monthly, once = t.money(prices.monthly, prices.currency), t.money(prices.once or 0, prices.currency)
        was = t.gettext("was {money} a month", money=t.money(before[0], prices.currency))
        return Fact(term, f"{monthly} / {once}", f"{was}, {tax_words(prices.taxed, t)}")
    if prices.monthly is None and prices.once is None:
        return Fact(t.gettext("A month / once"), "\u2013", t.gettext("no price is set"))
    monthly = t.money(prices.monthly or 0, prices.currency)
    once = t.money(prices.once or 0, prices.currency)
    return Fact(t.gettext("A month / once"), f"{monthly} / {once}", tax_words(prices.taxed, t))


def tax_words(taxed: bool, t: Translator) -> str:
    """Whether sums are with or without tax; always said."""
    return t.gettext("with tax") if taxed else t.gettext("without tax")
