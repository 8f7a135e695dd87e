"""A number that a client brings from another operator: what may be brought, in which time, what is answered, and the
task of the plan that waits for it. Pure.

An item asks for it by characteristics: `portIn` true, `phoneNumber` the number, `donorOperator` where the client knows
it, `numberOwner` where the contract with the donor is in another name. What the catalogue allows stands in the reserve
task that would assign a number: spec.portIn {personDays, businessDays, prefix, digits}.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling.lines import ADD, OFF, lines
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.porting_resources import PORTING_STATES
from abonent.domain.order_handling.ports import PortingReport
from abonent.domain.party.rules_contact import is_organization
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.values import from_wire, ref, to_wire

Document = Mapping[str, Any]

KIND = "portIn"
PORT_IN, NUMBER, DONOR, OWNER = "portIn", "phoneNumber", "donorOperator", "numberOwner"
NAMES = frozenset({PORT_IN, NUMBER, DONOR, OWNER})
NAME = {"en": N_("Bring the number from the other operator"), "ru": "Перенести номер от другого оператора"}
# Job: a request is taken back, as its item is cancelled.
WITHDRAW_JOB = "order_handling.withdraw_porting"
# Characteristics of what was asked about the number, and not of the service.
ASKED_ONLY = frozenset({PORT_IN, DONOR, OWNER})
_YES = frozenset({"true", "1", "on"})
_LONGEST = 120
_DAY_MINUTES = 24 * 60

WAITING = frozenset({"asked", "received", "accepted"})
# Why donors refuse, to the client.
REFUSALS: Mapping[str, str] = {
    "debt": N_(
        "The other operator keeps the number back, as something is still to be paid there. Please pay it; then we ask "
        "again."
    ),
    "dataMismatch": N_(
        "At the other operator the number is in another name or with another document. Tell us whose it is there, or "
        "have it put right."
    ),
    "numberBlocked": N_(
        "The number is blocked at the other operator. Please have it unblocked there; then we ask again."
    ),
    "portingUnderWay": N_(
        "A contract on moving this number to another operator is already under way. Please have it withdrawn first."
    ),
    "notPortable": N_("This number cannot be moved: the other operator does not serve it."),
}
OTHER_REFUSAL = N_("The other operator does not let the number go: {reason}")
PORTED = N_("The number was brought.")
RETURNED = N_("The number went back to its operator.")
WITHDRAWN = N_("The request for the number was withdrawn.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be brought to an offering. Days: the longest that porting takes, from the request to the window, for a
    person and for a business; numbers are of mobile codes: they begin with `prefix` and have so many digits."""

    person_days: int = 8
    business_days: int = 29
    prefix: str = "+79"
    digits: int = 11

    def days(self, *, business: bool) -> int:
        return self.business_days if business else self.person_days


@dataclass(frozen=True, slots=True)
class Wish:
    """A number that an item brings."""

    item: str
    number: str
    donor: str = ""
    owner: str = ""


def terms_of(tasks: Iterable[Document]) -> Terms | None:
    """What a decomposition says about bringing a number; None: it does not allow it."""
    given = next((t["spec"]["portIn"] for t in tasks if (t.get("spec") or {}).get("portIn")), None)
    if given is None:
        return None
    told: Document = given if isinstance(given, Mapping) else {}
    usual = Terms()
    return Terms(
        int(told.get("personDays") or usual.person_days),
        int(told.get("businessDays") or usual.business_days),
        str(told.get("prefix") or usual.prefix),
        int(told.get("digits") or usual.digits),
    )


def wish_of(item: Document) -> Wish | None:
    """The number that an item brings; None: it brings none. The number is "" while it is not said."""
    if item.get("action") != ADD:
        return None
    given = (item.get("product") or {}).get("productCharacteristic") or ()
    values = {c["name"]: str(c.get("value") or "").strip() for c in given if c.get("name") in NAMES}
    if values.get(PORT_IN, "").lower() not in _YES:
        return None
    return Wish(item["id"], plain(values.get(NUMBER, "")), values.get(DONOR, ""), values.get(OWNER, ""))


def wishes(order: Document) -> dict[str, Wish]:
    """Item -> the number it brings, of the items that are still wanted."""
    found = (wish_of(item) for item in lines(order) if item.get("state") not in OFF)
    return {wish.item: wish for wish in found if wish is not None}


def plain(typed: str) -> str:
    """A number as people write it, in E.164: "8 (916) 123-45-67" is +79161234567. What is none stays as it is."""
    digits = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    rest = set(typed) - set("0123456789 ()-.+\u00a0")
    if rest or "+" in typed[1:]:
        return typed
    if len(digits) == 11 and digits[0] == "8" and not typed.startswith("+"):
        digits = "7" + digits[1:]
    return f"+{digits}" if digits else ""


def problem(number: str, terms: Terms) -> tuple[str, str] | None:
    """Code and text of what is wrong with a number that is to be brought; the facts are `number` and `prefix`."""
    digits = number.removeprefix("+")
    if not number:
        return "numberMissing", N_("Say which number is brought, as in +79161234567.")
    if not (number.startswith("+") and digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15):
        return "numberMalformed", N_(
            "{number} is no telephone number that could be brought. Write it with its country, as in +79161234567."
        )
    if not number.startswith(terms.prefix):
        return "numberNotMobile", N_(
            "{number} is of no mobile code: only mobile numbers, which begin with {prefix}, are brought."
        )
    if len(digits) != terms.digits:
        return "numberMalformed", N_(
            "{number} has too few or too many digits for a mobile number. Write it as in +79161234567."
        )
    return None


def check(order: Document, terms: Mapping[str, Terms | None]) -> None:
    """Refuse numbers that cannot be brought; BadInput names item and fix. `terms`: by item, of those that bring one."""
    seen: dict[str, str] = {}
    for id, wish in wishes(order).items():
        allowed = terms.get(id)
        path = f"productOrderItem {id}, {NUMBER}"
        if allowed is None:
            raise BadInput(
                "portInNotOffered",
                N_(
                    "No number is brought to the offering of item {item}. Take portIn out, or choose another offering."
                ),
                item=id,
                path=f"productOrderItem {id}, {PORT_IN}",
            )
        found = problem(wish.number, allowed)
        if found is not None:
            raise BadInput(*found, path=path, number=wish.number[:40], prefix=allowed.prefix)
        for name, text in ((DONOR, wish.donor), (OWNER, wish.owner)):
            if len(text) > _LONGEST:
                raise BadInput(
                    "tooLong",
                    N_("Give at most {most} characters about the number that is brought."),
                    path=f"productOrderItem {id}, {name}",
                    most=_LONGEST,
                )
        if wish.number in seen:
            raise BadInput(
                "numberTwice",
                N_("Item {other} brings {number}, too. A number is brought once."),
                path=path,
                other=seen[wish.number],
                number=wish.number,
            )
        seen[wish.number] = id


def check_amended(before: Document, after: Document, plan: Plan | None) -> None:
    """IllegalMove when what was asked of the clearing house would become something else while it is at it."""
    old, new = wishes(before), wishes(after)
    for task in plan.task if plan else ():
        busy = task.kind == KIND and task.state == "inProgress" and not task.undoes
        if busy and task.item in new | old and old.get(task.item) != new.get(task.item):
            here = {item["id"] for item in lines(after) if item.get("state") not in OFF}
            if task.item in here:
                raise IllegalMove(
                    "portingUnderWay",
                    N_(
                        "Item {item}: {number} is being moved by the other operator; it cannot be changed meanwhile. "
                        "Wait for the answer, or cancel the item, which withdraws the request."
                    ),
                    item=task.item,
                    number=old[task.item].number if task.item in old else "-",
                    path="productOrderItem",
                )


def with_porting(order: Document, tasks: list[Task], customer: Document | None) -> list[Task]:
    """The plan's tasks in which those that would assign a number wait for the one that is brought."""
    asked, business = wishes(order), is_organization(customer)
    for task in tasks:
        told = terms_of([{"spec": task.spec}]) if task.item in asked and task.kind == "reserve" else None
        if told is not None:
            days = told.days(business=business)
            task.kind, task.name = KIND, dict(NAME)
            task.minutes, task.compensation = float(days * _DAY_MINUTES), None
            task.spec = {**task.spec, "days": days}
    return tasks


def latest(asked: datetime, days: int) -> datetime:
    """Until when the number has to be here: the days of the term after the request, to the minute."""
    return asked + timedelta(days=days)


def request_number(key: str) -> str:
    """Id of the porting request of a task's attempt: PRT-10001-1.number for the key O-10001/1.number."""
    return f"PRT-{key.removeprefix('O-').replace('/', '-')}"


def new_request(
    key: str, order: Document, task: Task, wish: Wish, customer: Document, now: datetime
) -> dict[str, Any]:
    """The request of a task's attempt as it is kept."""
    kept: dict[str, Any] = {
        "id": request_number(key),
        "key": key,
        "state": "asked",
        "productOrder": {"id": order["id"], "@referredType": "ProductOrder"},
        "orderItem": task.item,
        "task": task.id,
        "relatedParty": [ref(customer, "Customer", role="customer")],
        "phoneNumber": wish.number,
        "numberOwner": wish.owner or str(customer.get("name") or customer.get("id") or "-"),
        "forBusiness": is_organization(customer),
        "since": to_wire(now),
        "latest": to_wire(latest(now, int(task.spec.get("days") or Terms().person_days))),
    }
    if wish.donor:
        kept["donorOperator"] = wish.donor
    if order.get("requestedCompletionDate"):
        kept["wanted"] = order["requestedCompletionDate"]
    return kept


def reason_of(code: str, text: str = "") -> str:
    """Why a donor refuses, in the client's words (English; of codes that nobody knows the donor's own words)."""
    return REFUSALS.get(code) or OTHER_REFUSAL.format(reason=text or code or "-")


def taken_up(request: Document, told: PortingReport) -> dict[str, Any] | None:
    """The request after a report; None: the report is old, a repetition, or comes when all is over."""
    state = str(request["state"])
    again = told.status == state and state in WAITING
    if not again and told.status not in PORTING_STATES.moves[state]:
        return None
    before = request.get("reportedAt")
    if before and told.at is not None and told.at < from_wire(before):
        return None
    fresh = {**request, "state": told.status}
    if told.external_id:
        fresh["externalId"] = told.external_id
    if told.donor and not request.get("donorOperator"):
        fresh["donorOperator"] = told.donor
    if told.window is not None:
        starts, ends = told.window
        fresh["window"] = {"startDateTime": to_wire(starts), "endDateTime": to_wire(ends)}
    if told.status == "refused":
        fresh["refusal"] = {"code": told.code or "other", "text": told.text or told.code or "-"}
        fresh.pop("window", None)
    if told.at is not None and fresh != dict(request):
        fresh["reportedAt"] = to_wire(told.at)
    return fresh if {**fresh, "reportedAt": ""} != {**request, "reportedAt": ""} else None


def window_of(request: Document) -> tuple[datetime, datetime] | None:
    """When the number moves, as agreed."""
    given = request.get("window") or {}
    if not given.get("startDateTime"):
        return None
    return from_wire(given["startDateTime"]), from_wire(given.get("endDateTime") or given["startDateTime"])


def ask_again_at(request: Document, now: datetime, usual: timedelta) -> datetime:
    """When to ask what became of a request whose report does not come: at its window's start, else after `usual`."""
    window = window_of(request)
    return window[0] if window is not None and window[0] > now else now + usual


def tasks_of_porting(plan: Plan) -> Iterator[Task]:
    """The tasks of a plan that bring numbers, without what takes them back."""
    return (task for task in plan.task if task.kind == KIND and not task.undoes)
