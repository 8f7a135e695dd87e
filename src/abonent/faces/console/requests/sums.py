"""The arithmetic of a request: parts, cost, margin, price, one operation a line. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from abonent.domain.agreement.rules_quote import Sum, margin_of, proposed, read_sum
from abonent.domain.qualification.rules_engineering import answered
from abonent.faces.console.requests.labels import PART, worded
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CalcLine:
    """One line: number, what, how, result. kind: "", "sum" or "total"."""

    number: int
    what: str
    how: str
    result: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Calculation:
    """A column of figures under one heading."""

    title: str
    lines: tuple[CalcLine, ...]


def calculations(
    request: Document, price: Sum | None, policy: Document, t: Translator
) -> tuple[Calculation, ...]:
    """What is paid once and what is paid a month, from the parts to the price; empty until all parts are answered.
    `price` is the quote's, or None: then the one that the usual margin gives."""
    if not request.get("total"):
        return ()
    cost = read_sum(request["total"])
    usual = proposed(cost, policy)
    parts = [part for part in request.get("part") or () if answered(part)]
    made = []
    for name, title, margin in (
        ("once", t.gettext("Once"), policy["marginOnce"]),
        ("monthly", t.gettext("A month"), policy["marginMonthly"]),
    ):
        amount = getattr(cost, name)
        asked = getattr(price, name) if price else None
        made.append(
            Calculation(
                title, _lines(parts, name, amount, getattr(usual, name), asked, margin, cost.currency, t)
            )
        )
    return tuple(made)


def _lines(
    parts: Sequence[Document],
    name: str,
    cost: Decimal,
    usual: Decimal,
    asked: Decimal | None,
    margin: Any,
    currency: str,
    t: Translator,
) -> tuple[CalcLine, ...]:
    lines = [
        CalcLine(
            n,
            worded(PART, part["kind"], t),
            str(part.get("answeredBy") or ""),
            t.plain_money(amount_of(part.get(name)), currency),
        )
        for n, part in enumerate(parts, 1)
    ]
    last = len(lines)
    how = " + ".join(str(n) for n in range(1, last + 1)) if last > 1 else ""
    lines.append(CalcLine(last + 1, t.gettext("Cost"), how, t.plain_money(cost, currency), "sum"))
    share = Decimal(str(margin))
    how = t.gettext("{line} × {share}", line=last + 1, share=t.percent(share))
    lines.append(CalcLine(last + 2, t.gettext("Usual margin"), how, t.plain_money(usual - cost, currency)))
    kind = "total" if asked is None or asked == usual else "sum"
    lines.append(
        CalcLine(
            last + 3,
            t.gettext("Usual price"),
            f"{last + 1} + {last + 2}",
            t.plain_money(usual, currency),
            kind,
        )
    )
    if asked is not None and asked != usual:
        earned = margin_of(asked, cost)
        how = t.gettext("margin {share}", share=t.percent(earned, 1)) if earned is not None else ""
        lines.append(
            CalcLine(last + 4, t.gettext("Price in the offer"), how, t.plain_money(asked, currency), "total")
        )
    return tuple(lines)
