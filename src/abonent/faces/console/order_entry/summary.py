"""What stands beside the form: the sums, the promise, and what will follow when the order is placed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.charges import charged_items
from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY, product_id
from abonent.domain.order_handling.rules_ending import fee_of, fees_of
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome
from abonent.faces.console.ends import told_of_ending
from abonent.faces.console.order_entry.document import monthly_of
from abonent.faces.console.order_entry.facts import Facts, changed
from abonent.faces.console.order_entry.words import Words, signed
from abonent.kit.values import Money, amount_of, from_wire

_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """An ordered offering with its sums."""

    name: str
    monthly: str
    once: str


@dataclass(frozen=True, slots=True)
class Step:
    """What will follow; `icon` names the symbol beside it."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """`missing`: what must still be chosen before it can be placed; then there is nothing else."""

    missing: str = ""
    lines: tuple[Line, ...] = ()
    monthly: str = ""
    once: str = ""
    before: str = ""
    difference: str = ""
    promised: str = ""
    steps: tuple[Step, ...] = ()
    button: str = ""
    warning: str = ""


def summary(facts: Facts, words: Words, now: datetime) -> Summary:
    """The sums and what follows, or what is missing."""
    t, found = words.t, facts.forecast
    if found is None:
        return Summary(missing=_missing(facts, words))
    buttons = {
        ADD: t.gettext("Place order"),
        MODIFY: t.gettext("Place the change"),
        DELETE: t.gettext("Place the cancellation"),
    }
    warning = ""
    refused = [r for f in found.feasibility.values() for r in f.reasons if not r.ok]
    if refused:
        warning = words.reason(refused[0])
    shown = Summary(
        lines=tuple(_lines(facts, words)),
        promised=t.moment(found.promised, now) if found.promised else "",
        steps=tuple(_steps(facts, words, now)),
        button=buttons[facts.draft.action],
        warning=warning,
    )
    return _with_sums(shown, facts, words)


def _missing(facts: Facts, words: Words) -> str:
    t = words.t
    if facts.wrong:
        return t.gettext("Mend what is marked; then the sums and the promised date stand here.")
    if facts.draft.action == MODIFY:
        if facts.product is not None and not changed(facts):
            return t.gettext("Nothing changes yet. Choose what the product is to become.")
        return t.gettext("Choose what the product is to become.")
    if not facts.draft.address:
        return t.gettext("Choose the address; then what can be delivered there is listed.")
    return t.gettext("Choose what is ordered; then the sums and the promised date stand here.")


def _lines(facts: Facts, words: Words) -> list[Line]:
    if facts.draft.action == DELETE:
        ending = [p for p in (facts.product, *facts.parts) if p is not None]
        ending += [p for p in facts.bound if p["id"] in facts.draft.also]
        return [
            Line(words.product(p), words.money(monthly_of(p, facts.catalogue)), words.money(_fee(p, facts)))
            for p in ending
        ]
    shown = []
    for offer in facts.chosen:
        count = facts.answers.quantities.get(offer.id, 1) if facts.draft.action == ADD else 1
        name = words.offering(offer.id) + (f" × {count}" if count > 1 else "")
        shown.append(
            Line(name, words.money(_times(offer.monthly, count)), words.money(_times(offer.once, count)))
        )
    return shown


def _fee(product: Mapping[str, Any], facts: Facts) -> Money | None:
    """What it costs to end a product now."""
    items = (facts.order or {}).get("productOrderItem") or ()
    return next((fee_of(item) for item in items if product_id(item) == product["id"]), None)


def _times(money: Money | None, count: int) -> Money | None:
    return Money(money.amount * count, money.currency) if money else None


def _with_sums(shown: Summary, facts: Facts, words: Words) -> Summary:
    if facts.draft.action == ADD:
        return replace(shown, monthly=words.money(monthly_sum(facts)), once=words.money(once_sum(facts)))
    currency, before, after = "RUB", Decimal(0), Decimal(0)
    ending = [facts.product, *facts.parts, *(p for p in facts.bound if p["id"] in facts.draft.also)]
    for product in ending if facts.draft.action == DELETE else [facts.product]:
        money = monthly_of(product, facts.catalogue) if product else None
        if money:
            before, currency = before + money.amount, money.currency
    if facts.draft.action == MODIFY and facts.chosen and facts.chosen[0].monthly:
        after, currency = facts.chosen[0].monthly.amount, facts.chosen[0].monthly.currency
    return replace(
        shown,
        before=words.t.money(before, currency),
        monthly=words.t.money(after, currency),
        difference=signed(after - before, currency, words.t),
        once=words.money(fees_of(facts.order or {})) if facts.draft.action == DELETE else "",
    )


def monthly_sum(facts: Facts) -> Money | None:
    """What the order adds a month, as it will be charged."""
    assert facts.forecast is not None
    monthly = {id: o.monthly for id, o in facts.catalogue.offers.items() if o.monthly}
    charged = [(i.get("quantity") or 1, money) for i, money in charged_items(facts.forecast.order, monthly)]
    if not charged:
        return None
    return Money(sum((n * m.amount for n, m in charged), Decimal(0)), charged[0][1].currency)


def once_sum(facts: Facts) -> Money | None:
    """What is paid once."""
    assert facts.forecast is not None
    paid = [
        (p.get("price") or {}).get("taxIncludedAmount") or {}
        for item in facts.forecast.order.get("productOrderItem") or ()
        for p in item.get("itemPrice") or ()
        if p.get("priceType") == "oneTime"
    ]
    if not paid:
        return None
    return Money(sum((amount_of(p) for p in paid), Decimal(0)), str(paid[0].get("unit") or "RUB"))


def _steps(facts: Facts, words: Words, now: datetime) -> list[Step]:
    assert facts.forecast is not None
    t, found = words.t, facts.forecast
    steps = [_credit(found.credit, words), *_ends(facts, words)]
    if found.credit.outcome is CreditOutcome.DECLINE:
        return steps
    if found.plan is None:
        return [*steps, Step("wait", t.gettext("No plan can be made; a person will look at the order."))]
    names = list(dict.fromkeys(t.pick(task.name) for task in found.plan.task))
    listed = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        listed = t.gettext("{these} and {n} more", these=listed, n=len(names) - _MOST_NAMES)
    many = t.ngettext("{n} step", "{n} steps", len(found.plan.task))
    length = from_wire(found.plan.planned_end) - from_wire(found.plan.planned_start)
    steps.append(
        Step("run", t.gettext("Then {many} in {time}: {names}.", many=many, names=listed,
                              time=t.duration(max(length, timedelta(minutes=1)))))
    )  # fmt: skip
    if found.first_visit is not None:
        if found.visit is not None:
            visit = t.span(found.visit[0], found.visit[1], now)
            steps.append(Step("tool", t.gettext("A crew comes {when}.", when=visit)))
        else:
            told = t.gettext("No crew is free within two weeks: a dispatcher finds the date of the visit.")
            steps.append(Step("risk", told))
    return steps


def _ends(facts: Facts, words: Words) -> list[Step]:
    """What ending the products costs, and what has to come back."""
    steps: list[Step] = []
    ending = {product_id(item): fee_of(item) for item in (facts.order or {}).get("productOrderItem") or ()}
    for product in facts.holding.products if facts.draft.action == DELETE else ():
        if product["id"] in ending:
            rule = facts.endings.get((product.get("productOffering") or {}).get("id") or "")
            told = told_of_ending(words.product(product), product, rule, ending[product["id"]], words.t)
            steps += [Step(icon, text) for icon, text in told]
    return steps


def _credit(credit: CreditDecision, words: Words) -> Step:
    t = words.t
    why = " ".join(words.reason(reason) for reason in credit.reasons)
    if credit.outcome is CreditOutcome.APPROVE:
        return Step("ok", t.gettext("The credit check lets it pass: {why}", why=why))
    if credit.outcome is CreditOutcome.DEPOSIT:
        deposit = t.money(credit.deposit)
        told = t.gettext(
            "The order waits until {deposit} is paid in advance: {why}", deposit=deposit, why=why
        )
        return Step("wait", told)
    if credit.outcome is CreditOutcome.REFER:
        return Step("wait", t.gettext("The order is held until a person decides on credit: {why}", why=why))
    return Step("bad", t.gettext("The credit check will reject the order: {why}", why=why))
