"""The page on which an order is amended: fields, what can change no more, and what would follow. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from abonent.domain.catalog.rules_sale import Choice
from abonent.domain.order_handling.amend_preview import Preview
from abonent.domain.order_handling.plan import Task
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.amend.form import (
    END,
    FIND,
    NOTE,
    START,
    Asked,
    Changed,
    Line,
    day_of,
    place_name,
    quantity_name,
    value_name,
)
from abonent.faces.console.amend_told import DATES, moment, plain
from abonent.faces.console.labels import ITEM, Label, label, word
from abonent.faces.console.order_entry.answers import written
from abonent.faces.console.order_entry.rows import Field, Option, value_option
from abonent.faces.console.order_parts import monthly_total, prices_of
from abonent.faces.console.plan_model import instant
from abonent.faces.console.terms import CHARACTERISTIC
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """An item: its fields, or why it has none. `notes` say what is fixed."""

    id: str
    name: str
    label: Label
    fields: tuple[Field, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Follows:
    """What would come of it: the changes, what becomes of the plan's tasks, prices and promise before and after."""

    changes: tuple[str, ...]
    tasks: tuple[tuple[str, tuple[str, ...]], ...]
    monthly: tuple[str, str]
    promised: tuple[str, str]
    later: bool
    note: str


@dataclass(frozen=True, slots=True)
class AmendView:
    """Everything the page shows; `errors` by the field's name; `stale`: what is shown is not what was looked at."""

    number: str
    parts: tuple[Part, ...]
    start: str
    end: str
    note: str
    find: str
    found: str
    today: str
    movable: bool
    errors: Mapping[str, str]
    follows: Follows | None = None
    seen: str = ""
    refused: str = ""
    stale: bool = False
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What the page is made of: the order, its lines, the form as it was sent, the addresses that may be chosen."""

    order: Document
    lines: Sequence[Line]
    fields: Mapping[str, str]
    addresses: Mapping[str, Document]
    asked: Asked
    found: int | None = None


def parts_of(typed: Typed, t: Translator, now: datetime) -> tuple[Part, ...]:
    return tuple(_part(each, typed, t, now) for each in typed.lines)


def _part(each: Line, typed: Typed, t: Translator, now: datetime) -> Part:
    fields = []
    least, most = each.quantities
    if most > least:
        name = quantity_name(each.id)
        value = typed.fields.get(name, str(each.item.get("quantity", 1)))
        fields.append(
            Field(name, t.gettext("How many"), "number", value, least=least, most=most,
                  error=_error(typed, name, t))
        )  # fmt: skip
    fields += [_value_field(each, choice, typed, t) for choice in each.choices]
    if each.place:
        fields.append(_place_field(each, typed, t))
    return Part(
        each.id,
        _name(each.item, t),
        label(ITEM, each.item.get("state") or "acknowledged", t),
        tuple(fields),
        tuple(_notes(each, bool(fields), t, now)),
    )


def _name(item: Document, t: Translator) -> str:
    given = (item.get("productOffering") or {}).get("name") or (item.get("product") or {}).get("name")
    return t.name(given) if given else str(item["id"])


def _error(typed: Typed, name: str, t: Translator) -> str:
    wrong = typed.asked.wrong.get(name)
    return t.gettext(wrong.text, **wrong.facts) if wrong else ""


def _value_field(each: Line, choice: Choice, typed: Typed, t: Translator) -> Field:
    name = value_name(each.id, choice.name)
    now = each.value(choice.name)
    value = typed.fields.get(name, "" if now is None else written(now))
    kind = {"number": "number", "boolean": "checkbox"}.get(choice.value_type, "text")
    options: tuple[Option, ...] = ()
    if choice.values:
        kind = "select"
        options = tuple(value_option(v, value, choice.unit, t) for v in choice.values)
        if value not in {option.value for option in options}:
            options = (Option(value, value or t.gettext("not chosen"), True), *options)
    return Field(
        name, word(CHARACTERISTIC, choice.name, t), kind, value, options, choice.least, choice.most,
        choice.unit, choice.required, _error(typed, name, t),
    )  # fmt: skip


def _place_field(each: Line, typed: Typed, t: Translator) -> Field:
    name = place_name(each.id)
    chosen = typed.fields.get(name) or each.place
    options = tuple(
        Option(id, address_line(document), id == chosen) for id, document in typed.addresses.items()
    )
    return Field(
        name, t.gettext("Address"), "select", chosen, options, required=True, error=_error(typed, name, t)
    )


def _notes(each: Line, fields: bool, t: Translator, now: datetime) -> list[str]:
    may = each.may
    if may.over:
        return [t.gettext("It is over; what was delivered is changed by a new order.")]
    if may.gate is not None:
        return [
            t.gettext(
                "It can be changed no more: “{task}”, behind which there is no way back, began {when}.",
                task=t.pick(may.gate.name),
                when=_began(may.gate, t, now),
            )
        ]
    notes = []
    if may.begun is not None and each.leaf and (each.item.get("product") or {}).get("place"):
        notes.append(
            t.gettext(
                "The address is fixed, as “{task}” has begun for it. To move it, cancel the item and order it anew.",
                task=t.pick(may.begun.name),
            )
        )
    if not fields and not notes and each.leaf:
        notes.append(t.gettext("Nothing about it is to be chosen."))
    if not each.leaf and not fields:
        notes.append(t.gettext("It is changed by its parts."))
    return notes


def _began(task: Task, t: Translator, now: datetime) -> str:
    at = instant(task.start or task.end)
    return t.near(at, now) if at else "–"


# ---- what would follow


def follows_of(before: Document, told: Preview, asked: Asked, typed: Typed, t: Translator) -> Follows:
    """What would come of the amendment."""
    tasks = told.tasks
    groups = (
        (t.gettext("Done once more"), tasks.again),
        (t.gettext("Taken back"), tasks.back),
        (t.gettext("Comes in addition"), tasks.new),
        (t.gettext("Falls away"), tasks.gone),
    )
    names = {each.id: _name(each.item, t) for each in typed.lines}
    was, now = before.get("expectedCompletionDate"), told.order.get("expectedCompletionDate")
    return Follows(
        tuple(change_told(change, names, typed.addresses, t) for change in asked.changes),
        tuple((head, tuple(_task(task, t) for task in group)) for head, group in groups if group),
        (_monthly(before, t), _monthly(told.order, t)),
        (moment(was, t), moment(now, t)),
        bool(was and now and from_wire(now) > from_wire(was)),
        ""
        if told.plan is not None
        else t.gettext("The order has no plan yet: it is assessed and planned as changed, and priced then."),
    )


def _task(task: Task, t: Translator) -> str:
    return f"{task.item} · {t.pick(task.name)}"


def _monthly(order: Document, t: Translator) -> str:
    if total := monthly_total(order, t):
        return total
    found = prices_of(order.get("productOrderItem") or ())
    return t.money(found.monthly, found.currency) if found.monthly is not None else "–"


def change_told(
    change: Changed, names: Mapping[str, str], addresses: Mapping[str, Document], t: Translator
) -> str:
    """A change that is asked for: "1 · Fibre 300: Colour white, was black"."""
    if change.kind == "note":
        return t.gettext("Note: {text}", text=change.now)
    if change.kind in {START, END}:
        name = DATES["requestedStartDate" if change.kind == START else "requestedCompletionDate"]
        return t.gettext(
            "{name}: {now}, was {was}",
            name=t.gettext(name), now=moment(change.now, t), was=moment(change.was, t),
        )  # fmt: skip
    if change.kind == "place":
        now, was = (
            address_line(addresses[id]) if id in addresses else str(id) for id in (change.now, change.was)
        )
        what = t.gettext("Address")
    elif change.kind == "quantity":
        now, was, what = str(change.now), str(change.was), t.gettext("How many")
    else:
        now, was = plain(change.now, t), plain(change.was, t)
        what = word(CHARACTERISTIC, change.name, t)
    item = f"{change.item} · {names.get(change.item, '')}"
    return t.gettext("{item}: {what} {now}, was {was}", item=item, what=f"{what}:", now=now, was=was)


def page_of(typed: Typed, now: datetime, zone: tzinfo, t: Translator, **more: Any) -> AmendView:
    """The page for what was typed."""
    fields = typed.fields
    found = ""
    if typed.found is not None:
        found = (
            t.ngettext("{n} address was found; choose it above.", "{n} addresses were found; choose one above.",
                       typed.found)
            if typed.found
            else t.gettext("No address fits. Leave a word out, or give the town, the street and the house.")
        )  # fmt: skip
    return AmendView(
        number=str(typed.order["id"]),
        parts=parts_of(typed, t, now),
        start=fields.get(START, day_of(typed.order, START, zone)),
        end=fields.get(END, day_of(typed.order, END, zone)),
        note=fields.get(NOTE, ""),
        find=fields.get(FIND, ""),
        found=found,
        today=now.astimezone(zone).date().isoformat(),
        movable=any(each.place for each in typed.lines),
        errors={name: _error(typed, name, t) for name in typed.asked.wrong},
        **more,
    )
