"""A work order's page in the reader's words: where, for whom, when, by whom, what came of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from abonent.domain.party.rules_contact import contact_of
from abonent.domain.qualification.texts import address_line
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.work import NOT_AT_HOME
from abonent.faces.console.addresses import client_path, crew_path, order_path, work_path
from abonent.faces.console.labels import Label, label
from abonent.faces.console.work.acts import Act
from abonent.faces.console.work.labels import (
    SKILL,
    UNIT,
    VISIT,
    WORK,
    late_label,
    named,
    tel,
    worded,
)
from abonent.faces.console.work.list_view import crew_name, late_since
from abonent.kit.access import SYSTEM
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A work order with what it refers to; what is not there is None. `history`: its state moves, newest first."""

    work: dict[str, Any]
    appointment: Document | None = None
    crew: Document | None = None
    customer: Document | None = None
    place: Document | None = None
    history: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A word, a link if `href`, and a line under it."""

    word: str
    href: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """Whose telephone it is, and the link that dials it."""

    who: str
    number: str
    href: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit made or planned."""

    number: str
    when: str
    crew: str
    label: Label
    note: str


@dataclass(frozen=True, slots=True)
class MaterialLine:
    name: str
    quantity: str
    serial: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A move of the history."""

    at: datetime
    text: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What must be known first; tone: risk, bad or wait."""

    tone: str
    lead: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class WorkView:
    """Everything the template shows."""

    id: str
    href: str
    title: str
    labels: tuple[Label, ...]
    notice: Notice | None
    when: str
    when_about: str
    late: bool
    crew: Line
    crew_phones: tuple[Phone, ...]
    client: Line
    client_phone: Phone | None
    place: str
    place_about: str
    skill: str
    minutes: str
    order: Line | None
    task: Line | None
    result: str
    note: Line | None
    visits: tuple[VisitRow, ...]
    materials: tuple[MaterialLine, ...]
    log: tuple[LogLine, ...]
    acts: tuple[Act, ...]


def work_view(file: WorkFile, acts: Sequence[Act], now: datetime, t: Translator) -> WorkView:
    """A work order as its page shows it."""
    work = file.work
    late = late_since(work, now)
    state = label(WORK, work["state"], t)
    order, task = _order_of(work, t)
    when, about = _when(file, late, now, t)
    client = _client(file)
    return WorkView(
        id=work["id"],
        href=work_path(work["id"]),
        title=named(work, t),
        labels=(state, late_label(t)) if late else (state,),
        notice=_notice(file, late, now, t),
        when=when,
        when_about=about,
        late=late is not None,
        crew=_crew(file, t),
        crew_phones=phones_of(file.crew),
        client=client,
        client_phone=client_phone(file.customer),
        place=address_line(file.place),
        place_about=str((file.place or {}).get("postcode") or ""),
        skill=_skill(work, t),
        minutes=_minutes(work, t),
        order=order,
        task=task,
        result=t.pick(doc.result_of(work)),
        note=_note(work, now, t),
        visits=tuple(_visit(each, really_done(work), now, t) for each in doc.visits(work)),
        materials=tuple(_material(each, t) for each in doc.materials(work)),
        log=tuple(_log(each, t) for each in file.history),
        acts=tuple(acts),
    )


def phones_of(crew: Document | None) -> tuple[Phone, ...]:
    """The people of a crew with their telephones; a person without one has an empty link."""
    people = (crew or {}).get("person") or ()
    return tuple(Phone(p["name"], p.get("phone") or "", tel(p.get("phone") or "")) for p in people)


def client_phone(customer: Document | None) -> Phone | None:
    """The client's telephone, if he left one."""
    if customer is None:
        return None
    number = contact_of(customer).phone
    return Phone(str(customer.get("name") or ""), number, tel(number)) if number else None


def told(text: str | None, t: Translator) -> str:
    """A note in the reader's words; of one that adds to a text of ours, the text is translated."""
    if not text:
        return ""
    if text.startswith(NOT_AT_HOME):
        return t.gettext(NOT_AT_HOME) + text.removeprefix(NOT_AT_HOME)
    return t.gettext(text)


def _order_of(work: Document, t: Translator) -> tuple[Line | None, Line | None]:
    """The order, and the task of its plan, as links."""
    order = next((str(each["id"]) for each in work.get("order") or ()), "")
    if not order:
        return None, None
    path = order_path(order)
    key = str(work.get("externalId") or "")
    if not key.startswith(f"{order}/"):
        return Line(order, path), None
    task = unquote(key.split("/")[1])
    return Line(order, path), Line(named(work, t), f"{path}#task-{quote(task, safe='')}")


def _when(file: WorkFile, late: datetime | None, now: datetime, t: Translator) -> tuple[str, str]:
    """The slot in words, and what is to be said of it."""
    start, end = file.work.get("requestedStartDate"), file.work.get("expectedCompletionDate")
    if not start or not end:
        return t.gettext("no slot yet"), ""
    at = from_wire(start)
    span = t.span(at, from_wire(end), now)
    state = file.work["state"]
    if late:
        return span, t.gettext("{gap} late", gap=t.duration(now - late))
    if state == "inProgress" and file.work.get("startDate"):
        return span, t.gettext("began {when}", when=t.near(from_wire(file.work["startDate"]), now))
    if done := really_done(file.work):
        return t.span(*done, now), t.gettext("the slot was {when}", when=span)
    if state == "completed" and file.work.get("completionDate"):
        return span, t.gettext("done {when}", when=t.near(from_wire(file.work["completionDate"]), now))
    if state != "acknowledged":
        return span, ""
    if (file.appointment or {}).get("status") == "initialized":
        return span, t.gettext("proposed to the client, who has not answered")
    return span, t.gettext("in {time}", time=t.duration(at - now)) if at > now else t.gettext("now")


def really_done(work: Document) -> tuple[datetime, datetime] | None:
    """From when to when it was really done; None while it is not, or where that was not noted."""
    began, ended = work.get("startDate"), work.get("completionDate")
    if work.get("state") != "completed" or not began or not ended:
        return None
    return from_wire(began), from_wire(ended)


def _notice(file: WorkFile, late: datetime | None, now: datetime, t: Translator) -> Notice | None:
    work, why = file.work, told(doc.reason_of(file.work), t)
    state = work["state"]
    if state == "failed":
        return Notice("bad", t.gettext("The work was not done."), why)
    if late:
        lead = t.gettext("The slot ended at {when}.", when=t.near(late, now))
        rest = (
            t.gettext("The crew is still at work, or has not said how it ended. Call it.")
            if state == "inProgress"
            else t.gettext("Nobody has said that the visit began. Call the crew, or choose another slot.")
        )
        return Notice("risk", lead, rest)
    if state == "pending":
        rest = t.gettext("Choose a slot with the client; the order waits for it.")
        return Notice("wait", t.gettext("There is no slot yet."), f"{why}. {rest}" if why else rest)
    return None


def _crew(file: WorkFile, t: Translator) -> Line:
    id = doc.related(file.work, "crew")
    if id is None:
        return Line(t.gettext("none yet"))
    name = str((file.crew or {}).get("name") or "") or crew_name(file.work)
    return Line(name, crew_path(id) if file.crew else "")


def _client(file: WorkFile) -> Line:
    id = doc.customer_of(file.work)
    if id is None:
        return Line("\u2013")
    party = next(p for p in file.work["relatedParty"] if p.get("id") == id)
    name = str((file.customer or {}).get("name") or party.get("name") or id)
    return Line(name, client_path(id) if file.customer else "", id)


def _skill(work: Document, t: Translator) -> str:
    skill = doc.work_of(work).get("workType")
    return worded(SKILL, skill, t) if skill else "\u2013"


def _minutes(work: Document, t: Translator) -> str:
    """How long it took, else how long it is planned to take."""
    of = doc.work_of(work)
    actual, planned = of.get("actualDuration"), of.get("plannedDuration")
    parts = []
    if planned:
        parts.append(t.gettext("planned {time}", time=t.duration(float(planned["amount"]) * 60)))
    if done := really_done(work):
        parts.append(t.gettext("took {time}", time=t.duration(round((done[1] - done[0]).total_seconds()))))
    elif actual:
        parts.append(t.gettext("took {time}", time=t.duration(float(actual["amount"]) * 60)))
    return ", ".join(parts)


def _note(work: Document, now: datetime, t: Translator) -> Line | None:
    note = work.get("note") or {}
    if not note.get("text"):
        return None
    when = t.near(from_wire(note["date"]), now) if note.get("date") else ""
    author = t.gettext("automatic") if note.get("author") == SYSTEM.name else note.get("author")
    return Line(told(note["text"], t), about=", ".join(part for part in (author, when) if part))


def _visit(visit: Document, done: tuple[datetime, datetime] | None, now: datetime, t: Translator) -> VisitRow:
    """`done`: from when to when the work was done, which the visit that ended it shows instead of its slot."""
    period = (visit.get("timeSlot") or [{}])[0].get("validFor") or {}
    start, end = period.get("startDateTime"), period.get("endDateTime")
    when = t.span(from_wire(start), from_wire(end), now) if start and end else "\u2013"
    if done and visit.get("state") == "completed":
        when = t.span(*done, now)
    who = visit.get("workforceEmployee") or {}
    # Until a visit has an outcome its description is the number of its appointment.
    failed = visit.get("state") in {"failed", "cancelled"}
    note = told(visit.get("description"), t) if failed else str(visit.get("description") or "")
    state = str(visit.get("state") or "acknowledged")
    name = str(who.get("name") or who.get("id") or "")
    return VisitRow(str(visit["id"]), when, name, label(VISIT, state, t), note)


def _material(material: Document, t: Translator) -> MaterialLine:
    number = t.number(material.get("quantity", 1), None)
    unit = worded(UNIT, material.get("unit", "pcs"), t)
    return MaterialLine(
        str(material["name"]), f"{number}\u00a0{unit}", str(material.get("serialNumber") or "")
    )


def _log(move: Document, t: Translator) -> LogLine:
    new, old = label(WORK, str(move["new_state"]), t).word, move.get("old_state")
    text = t.gettext("{old} → {new}", old=label(WORK, str(old), t).word, new=new) if old else new
    by = t.gettext("automatic") if move.get("by") == SYSTEM.name else str(move.get("by") or "")
    return LogLine(move["at"], text, told(move.get("reason"), t), by)
