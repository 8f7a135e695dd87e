"""What is typed into the forms of requests: sums, days, dates. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation

from abonent.domain.qualification.rules_engineering import Answer
from abonent.faces.console.desk import typed
from abonent.kit.errors import N_, BadInput

_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
END_OF_DAY = time(23, 59)


def amount(form: Mapping[str, str], name: str, *, empty: Decimal | None = None) -> Decimal:
    """A sum as people write it: 48 000, 48,000.50, 48000,5. BadInput at the field."""
    text = "".join(c for c in typed(form, name) if not c.isspace() and c != "\u00a0")
    if not text and empty is not None:
        return empty
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadInput("amountUnread", N_("Write the sum in figures, as in 48 000.50."), path=name) from None
    if not value.is_finite() or not 0 <= value <= Decimal(10) ** 10 or value != round(value, 2):
        raise BadInput(
            "amountUnread", N_("A sum is 0 or more, with two digits after the point at most."), path=name
        )
    return value


def whole(form: Mapping[str, str], name: str, *, empty: int | None = None, most: int = 1000) -> int:
    """A whole number from 0 up. BadInput at the field."""
    text = typed(form, name)
    if not text and empty is not None:
        return empty
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise BadInput("numberUnread", N_("Write a whole number from 0 to {most}."), path=name, most=most)
    return int(text)


def last_moment(form: Mapping[str, str], name: str, zone: tzinfo) -> datetime | None:
    """The end of a day of the reader's zone; None when nothing was typed. BadInput at the field."""
    text = typed(form, name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("dayUnread", N_("Choose a day."), path=name) from None
    if not 2000 <= day.year <= 2100:
        raise BadInput("dayUnread", N_("Choose a day."), path=name)
    return datetime.combine(day, END_OF_DAY, zone)


def read_answer(form: Mapping[str, str], zone: tzinfo) -> Answer:
    """An engineer's answer. BadInput at the first field that cannot be read."""
    until = last_moment(form, "validUntil", zone)
    if until is None:
        raise BadInput("validityMissing", N_("Say until when the figures hold."), path="validUntil")
    return Answer(
        once=amount(form, "once"),
        monthly=amount(form, "monthly", empty=Decimal(0)),
        days=whole(form, "leadTimeDays"),
        valid_until=until,
        risk=typed(form, "risk"),
        alternative=typed(form, "alternative"),
        node=typed(form, "node", 100),
        technology=typed(form, "technology", 40),
        mbps=whole(form, "downstreamMbps", empty=0, most=1_000_000),
    )
