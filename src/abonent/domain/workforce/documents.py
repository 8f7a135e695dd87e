"""Appointments and work orders as documents: how crew, visits, materials and results stand in them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.workforce.slots import Taken, Wish
from abonent.kit.values import from_wire, ref, to_wire, with_role

Document = dict[str, Any]
View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """What was used on site."""

    name: str
    quantity: float = 1
    unit: str = "pcs"
    serial: str | None = None

    def document(self) -> Document:
        value: Document = {"name": self.name, "quantity": self.quantity, "unit": self.unit}
        if self.serial:
            value["serialNumber"] = self.serial
        return {"name": "material", "valueType": "object", "value": value}


@dataclass(frozen=True, slots=True)
class Work:
    """Work that an order's task asks for.

    id           id of the work order, made of order, task and attempt: it is created once
    key          the task's key, its externalId
    name         what is done, in words; names: the same by language
    skill        what the crew must be able to do
    address      geographic address; None: nowhere in particular
    minutes      how long it takes; None: a slot
    appointment  the one the client chose; None: the first free slot is proposed to him
    not_before   UTC; the client does not want it earlier
    """

    id: str
    key: str
    order: str
    item: str
    action: str
    name: str
    skill: str | None = None
    address: str | None = None
    minutes: int | None = None
    customer: View | None = None
    appointment: str | None = None
    not_before: datetime | None = None
    names: View | None = None

    @property
    def wish(self) -> Wish:
        return Wish(self.skill, self.address, self.minutes)


# ---- appointments


def crew_reference(taken: Taken) -> Document:
    return ref({"id": taken.crew.id, "name": taken.crew.name}, "Crew", role="crew")


def with_slot(appointment: View, taken: Taken) -> Document:
    """The appointment at the slot it takes, with the crew that keeps it in the first place."""
    others = [e for e in appointment.get("relatedEntity") or () if e.get("role") != "crew"]
    return {
        **appointment,
        "validFor": taken.period,
        "relatedEntity": [crew_reference(taken), *others],
        "calendarEvent": {"id": taken.day, "@referredType": "CrewDay"},
    }


def new_appointment(id: str, wish: Wish, status: str, at: datetime, given: View | None = None) -> Document:
    """An appointment without its slot yet; `given` is what its sender said besides."""
    kept = {k: v for k, v in (given or {}).items() if k not in {"calendarEvent", "validFor", "href"}}
    asked = [e for e in kept.get("relatedEntity") or () if e.get("role") not in {"crew", "skill"}]
    if wish.skill:
        asked.append({"id": wish.skill, "role": "skill", "@referredType": "Skill"})
    document = {**kept, "id": id, "status": status, "creationDate": to_wire(at), "lastUpdate": to_wire(at)}
    document["relatedEntity"] = asked
    if wish.address:
        place = {"id": wish.address, "role": "installationAddress", "@referredType": "GeographicAddress"}
        document["relatedPlace"] = {**place, **(kept.get("relatedPlace") or {})}
    return document


def day_of(appointment: View) -> str | None:
    """Id of the crew's day an appointment stands in."""
    return (appointment.get("calendarEvent") or {}).get("id")


def starts(document: View) -> datetime:
    return from_wire(document["validFor"]["startDateTime"])


def ends(document: View) -> datetime:
    return from_wire(document["validFor"]["endDateTime"])


def related(document: View, role: str) -> str | None:
    """Id of the related entity with this role: crew, workOrder, skill."""
    return (with_role(document.get("relatedEntity"), role) or {}).get("id")


def customer_of(document: View) -> str | None:
    return (with_role(document.get("relatedParty"), "customer") or {}).get("id")


def noted(document: View, text: str | None, author: str, at: datetime) -> Document:
    """The document with one more note (work orders have room for one: the last)."""
    if not text:
        return dict(document)
    note = {"text": text, "author": author, "date": to_wire(at)}
    many = "workOrderItem" not in document
    return {**document, "note": [*document.get("note", ()), note] if many else note}


# ---- work orders


def new_work_order(work: Work, at: datetime) -> Document:
    """A work order that has no slot yet."""
    done: Document = {"name": work.name, "plannedDuration": {"amount": work.minutes, "units": "min"}}
    if work.minutes is None:
        del done["plannedDuration"]
    if work.skill:
        done["workType"] = work.skill
    if work.names:
        done["workCharacteristic"] = [{"name": "name", "valueType": "object", "value": dict(work.names)}]
    document: Document = {
        "id": work.id,
        "externalId": work.key,
        "category": "visit",
        "description": work.name,
        "orderDate": to_wire(at),
        "state": "pending",
        "order": [{"id": work.order, "@referredType": "ProductOrder"}],
        "workOrderItem": [
            {
                "id": "1",
                "action": work.action,
                "state": "pending",
                "orderItem": [{"id": work.item, "@referredType": "ProductOrderItem"}],
                "work": done,
            }
        ],
    }
    if work.address:
        document["place"] = {"id": work.address, "@referredType": "GeographicAddress"}
    if work.customer:
        document["relatedParty"] = [ref(work.customer, "Customer", role="customer")]
    return document


def wish_of(work_order: View) -> Wish:
    """What a work order needs of a slot."""
    work = work_of(work_order)
    minutes = (work.get("plannedDuration") or {}).get("amount")
    return Wish(
        work.get("workType"),
        (work_order.get("place") or {}).get("id"),
        int(minutes) if minutes is not None else None,
    )


def work_of(work_order: View) -> Document:
    return work_order["workOrderItem"][0].get("work") or {}


def name_of(work_order: View) -> View | str:
    """What is done: by language where the catalogue says so, else as it was entered."""
    given = work_of(work_order).get("workCharacteristic") or ()
    named = next((c["value"] for c in given if c["name"] == "name"), None)
    return named or work_order.get("description") or work_of(work_order).get("name") or work_order["id"]


def visits(work_order: View) -> list[Document]:
    """Visits made and planned, the oldest first (assignments of a crew to the work)."""
    return list(work_of(work_order).get("workforceEmployeeAssignment") or ())


def failed_visits(work_order: View) -> int:
    return sum(visit.get("state") == "failed" for visit in visits(work_order))


def materials(work_order: View) -> list[Document]:
    """What was used: {name, quantity, unit, serialNumber?}."""
    given = work_of(work_order).get("workCharacteristic") or ()
    return [c["value"] for c in given if c["name"] == "material"]


def with_work(work_order: View, **more: Any) -> Document:
    """The work order with attributes of its item's work replaced."""
    first, *others = work_order["workOrderItem"]
    item = {**first, "work": {**(first.get("work") or {}), **more}}
    return {**work_order, "workOrderItem": [item, *others]}


def in_state(work_order: View, state: str, at: datetime) -> Document:
    """The work order and its items in another state."""
    items = [{**item, "state": state} for item in work_order["workOrderItem"]]
    return {**work_order, "state": state, "stateChangeDate": to_wire(at), "workOrderItem": items}


def planned(work_order: View, appointment: str, crew: View, valid: View, skill: str | None) -> Document:
    """The work order with its next visit: appointment, crew and time. A visit that was only planned is replaced."""
    made = [v for v in visits(work_order) if v.get("state") != "acknowledged"]
    visit = {
        "id": str(len(made) + 1),
        "description": appointment,
        "skillType": skill or "any",
        "state": "acknowledged",
        "timeSlot": [{"validFor": dict(valid)}],
        "workforceEmployee": {k: crew[k] for k in ("id", "name") if crew.get(k)} | {"@referredType": "Crew"},
    }
    document = with_work(work_order, workforceEmployeeAssignment=[*made, visit])
    return {
        **document,
        "appointment": {"id": appointment, "@referredType": "Appointment"},
        "relatedEntity": [dict(crew), *_others(work_order)],
        "requestedStartDate": valid["startDateTime"],
        "expectedCompletionDate": valid["endDateTime"],
    }


def unplanned(work_order: View) -> Document:
    """The work order without appointment and crew: it waits for a slot. Visits that were made stay."""
    gone = {"appointment", "relatedEntity", "requestedStartDate", "expectedCompletionDate"}
    kept = {k: v for k, v in work_order.items() if k not in gone}
    if others := _others(work_order):
        kept["relatedEntity"] = others
    made = [v for v in visits(work_order) if v.get("state") != "acknowledged"]
    return with_work(kept, workforceEmployeeAssignment=made)


def _others(work_order: View) -> list[Document]:
    """What a work order is related to besides its crew."""
    return [dict(e) for e in work_order.get("relatedEntity") or () if e.get("role") != "crew"]


def visited(work_order: View, state: str, note: str | None = None) -> Document:
    """The work order whose last visit is in `state`."""
    listed = visits(work_order)
    if not listed:
        return dict(work_order)
    last = {**listed[-1], "state": state}
    if note:
        last["description"] = note
    return with_work(work_order, workforceEmployeeAssignment=[*listed[:-1], last])


def with_result(work_order: View, result: str, used: Iterable[Material]) -> Document:
    """The work order with what was done and used."""
    given = [c for c in work_of(work_order).get("workCharacteristic") or () if c["name"] not in _RESULT]
    told = {"name": "result", "valueType": "string", "value": result}
    return with_work(work_order, workCharacteristic=[*given, told, *(m.document() for m in used)])


_RESULT = {"result", "material"}


def result_of(work_order: View) -> str | None:
    """What the crew said of finished work."""
    given = work_of(work_order).get("workCharacteristic") or ()
    return next((c["value"] for c in given if c["name"] == "result"), None)


def reason_of(work_order: View) -> str | None:
    """The last word about a work order."""
    return (work_order.get("note") or {}).get("text")
