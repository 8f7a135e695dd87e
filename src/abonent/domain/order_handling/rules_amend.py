"""What an amendment of an order in work changes, whether it still may, and the plan after it. Pure.

The plan keeps what is still right: tasks that are done and unaffected stay, those that an amendment touches are done
once more or taken back, new ones are added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.lines import OFF, copied, line, lines, offering_id
from abonent.domain.order_handling.plan import Plan, Slot, Task
from abonent.domain.order_handling.rules_cancel import fixed_items, gate_of, taken_back
from abonent.domain.order_handling.states import PRODUCT_ORDER_ITEM
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.values import from_wire, to_wire

Document = Mapping[str, Any]

DATES = frozenset({"requestedCompletionDate", "requestedStartDate"})
# What of an item is the process's own to keep: its state, its prices, what its offering is called.
_KEPT = frozenset({"state", "productOffering", "itemPrice", "itemTotalPrice", "productOrderItem"})
_OURS = ("productOffering", "itemPrice", "itemTotalPrice")
# Tasks whose work rests on the characteristics of their item.
_RESTING = frozenset({"serviceOrder", "serviceTest"})


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an amendment changes, items by id.

    changed  other characteristics; placed: another address or appointment; counted: another quantity
    said     each change in English words
    """

    added: frozenset[str]
    dropped: frozenset[str]
    changed: frozenset[str]
    placed: frozenset[str]
    counted: frozenset[str]
    said: tuple[str, ...] = ()

    @property
    def touched(self) -> frozenset[str]:
        return self.changed | self.placed | self.counted


@dataclass(slots=True)
class _Seen:
    changed: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


def amendment(order: Document, wanted: Document) -> Amendment:
    """The difference between an order and what it is to become. IllegalMove for what cannot be amended at all."""
    old = {item["id"]: item for item in lines(order)}
    new = {item["id"]: item for item in lines(wanted)}
    added = frozenset(new.keys() - old.keys())
    dropped = frozenset(
        id for id in old.keys() - new.keys() if old[id].get("state") not in PRODUCT_ORDER_ITEM.final | OFF
    )
    seen = _Seen()
    for id in old.keys() & new.keys():
        _compare(old[id], new[id], seen)
    for id in sorted(added):
        name = (new[id].get("productOffering") or {}).get("name") or id
        seen.said.append(N_("Item {item} added: {name}").format(item=id, name=name))
    seen.said += [N_("Item {item} dropped").format(item=id) for id in sorted(dropped)]
    for name in sorted(DATES):
        if order.get(name) != wanted.get(name):
            was, now = order.get(name) or "-", wanted.get(name) or "-"
            seen.said.append(N_("{name}: {now}, was {was}").format(name=name, now=now, was=was))
    return Amendment(
        added,
        dropped,
        frozenset(seen.changed),
        frozenset(seen.placed),
        frozenset(seen.counted),
        tuple(seen.said),
    )


def _compare(old: Document, new: Document, seen: _Seen) -> None:
    id = old["id"]
    was, now = _product(old), _product(new)
    if old.get("quantity", 1) != new.get("quantity", 1):
        seen.counted.add(id)
        seen.said.append(
            N_("Item {item}: quantity {now}, was {was}").format(
                item=id, now=new.get("quantity", 1), was=old.get("quantity", 1)
            )
        )
    before, after = _values(was), _values(now)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            seen.changed.add(id)
            seen.said.append(
                N_("Item {item}: {name} {now}, was {was}").format(
                    item=id, name=name, now=after.get(name, "-"), was=before.get(name, "-")
                )
            )
    if was.get("place") != now.get("place"):
        seen.placed.add(id)
        seen.said.append(N_("Item {item}: another address").format(item=id))
    if old.get("appointment") != new.get("appointment"):
        seen.placed.add(id)
        seen.said.append(N_("Item {item}: another appointment").format(item=id))
    rest = _KEPT | {"quantity", "appointment", "product"}
    other = [k for k in old.keys() | new.keys() if k not in rest and old.get(k) != new.get(k)]
    inside = {"productCharacteristic", "place"}
    other += [f"product.{k}" for k in was.keys() | now.keys() if k not in inside and was.get(k) != now.get(k)]
    if offering_id(old) != offering_id(new):
        other.append("productOffering")
    if bool(old.get("productOrderItem")) != bool(new.get("productOrderItem")):
        other.append("productOrderItem")
    if other:
        raise IllegalMove(
            "itemFixed",
            N_(
                "Item {item}: {path} cannot be changed while the order is in work. "
                "Drop the item and add another one instead."
            ),
            item=id,
            path=", ".join(sorted(other)),
        )


def _product(item: Document) -> Mapping[str, Any]:
    return item.get("product") or {}


def _values(product: Mapping[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in product.get("productCharacteristic") or ()}


def check(order: Document, plan: Plan, wanted: Amendment) -> None:
    """IllegalMove when an item that is to change is past its point of no return, or delivered, or on its way out, or
    when work at its old address began. It says which items can still be changed."""
    fixed = fixed_items(order, plan)
    free = [i["id"] for i in lines(order) if i["id"] not in fixed and i.get("state") not in OFF]
    facts = {"possible": ", ".join(free) or "-", "items": free, "path": "productOrderItem"}
    for id in sorted(wanted.touched):
        state, gate = line(order, id).get("state"), gate_of(plan, id)
        if state in PRODUCT_ORDER_ITEM.final | OFF:
            raise IllegalMove(
                "itemOver",
                N_("Item {item} is {state} and cannot be changed. Items that can still be: {possible}."),
                item=id,
                state=state,
                **facts,
            )
        if gate is not None:
            raise IllegalMove(
                "pointOfNoReturn",
                N_(
                    "Item {item} cannot be changed any more: “{task}”, behind which there is no way back, began on "
                    "{since}. Items that can still be changed: {possible}."
                ),
                item=id,
                task=gate.name.get("en", gate.id),
                since=gate.start or gate.end or "-",
                **facts,
            )
    for id in sorted(wanted.placed):
        begun = [t for t in plan.task if t.item == id and (t.state not in {"pending", "ready"} or t.output)]
        if begun:
            raise IllegalMove(
                "addressFixed",
                N_(
                    "Item {item}: address and appointment are fixed, as “{task}” began for them. "
                    "Cancel the item and add it anew, or move the visit."
                ),
                item=id,
                task=begun[0].name.get("en", begun[0].id),
                path="productOrderItem",
            )


def merged(order: Document, wanted: Document) -> dict[str, Any]:
    """The order as it is to be kept: items that were left out stay in it, each in the state it has."""
    states = {item["id"]: item.get("state") for item in lines(order)}

    def joined(old: Iterable[Document], new: Iterable[Document]) -> list[dict[str, Any]]:
        given = {item["id"]: item for item in new}
        result = []
        for item in old:
            kept = copied(given.pop(item["id"], item))
            kept |= {name: item[name] for name in _OURS if name in item}
            parts = joined(item.get("productOrderItem") or (), kept.get("productOrderItem") or ())
            result.append({**kept, "productOrderItem": parts} if parts else kept)
        return result + [copied(item) for item in given.values()]

    items = joined(order["productOrderItem"], wanted["productOrderItem"])
    result = {**wanted, "productOrderItem": items}
    for item in lines(result):
        item["state"] = states.get(item["id"], "inProgress")
    return result


def replanned(
    plan: Plan,
    fresh: Iterable[Task],
    wanted: Amendment,
    bundles: Iterable[str],
    now: datetime,
    *,
    slots: Mapping[str, Slot],
    reason: str,
) -> Plan:
    """The plan for the order as amended. `fresh`: its tasks as they would be planned now; `bundles`: ids of the items
    that hold others."""
    plan = taken_back(plan, wanted.dropped, now, reason=reason) if wanted.dropped else planning.copied(plan)
    new = {task.id: task for task in fresh}
    anew = wanted.added | wanted.placed
    plan.task = [t for t in plan.task if t.item not in wanted.placed or t.undoes]
    undoing = [t for t in plan.task if t.undoes]
    plan.task = [t for t in plan.task if not t.undoes] + [t for t in new.values() if t.item in anew] + undoing
    there = {t.id for t in plan.task if not t.undoes and t.item not in wanted.dropped}
    whole = set(bundles)
    moved = {t.id for t in plan.task if t.item in anew}
    for task in plan.task:
        if task.undoes or task.item in wanted.dropped:
            continue
        if task.item in whole and task.id in new:
            task.depends_on = list(new[task.id].depends_on)
        if task.item in wanted.changed and task.kind in _RESTING:
            if task.state == "completed":
                planning.redo(task)
                moved.add(task.id)
            task.again = task.state == "inProgress"
        task.depends_on = [id for id in task.depends_on if id in there]
    done = {t.id for t in plan.task if t.state in planning.DONE}
    for task in plan.task:
        if task.state == "ready" and not task.undoes and not done.issuperset(task.depends_on):
            task.state = "pending"
    _date(plan, moved, slots, now)
    return planning.release(plan)


def _date(plan: Plan, moved: set[str], slots: Mapping[str, Slot], now: datetime) -> None:
    """Dates of what is still to come: not before what it waits for; what stays keeps its date otherwise."""
    ends: dict[str, datetime] = {}
    for task in planning.in_dependency_order(plan.task):
        if task.state not in {"pending", "ready"} or task.undoes:
            ends[task.id] = from_wire(task.end or task.planned_end)
            continue
        soonest = max((ends[d] for d in task.depends_on), default=now)
        length = timedelta(minutes=task.minutes)
        begin = max(soonest, now)
        if task.id not in moved:
            planned, until = from_wire(task.planned_start), from_wire(task.planned_end)
            length, begin = until - planned, max(soonest, planned)
        elif (slot := slots.get(task.id)) is not None and slot[0] >= begin:
            begin, length = slot[0], slot[1] - slot[0]
        ends[task.id] = begin + length
        task.planned_start, task.planned_end = to_wire(begin), to_wire(ends[task.id])
    plan.planned_end = max(
        (t.planned_end for t in plan.task if t.state != "cancelled"), default=plan.planned_end
    )


def promise(order: Document, wanted: Document, plan: Plan) -> str:
    """The promise after an amendment: the date asked for now, else the one that stands, but never before the end that
    is planned."""
    asked = wanted.get("requestedCompletionDate")
    base = asked if asked != order.get("requestedCompletionDate") else plan.promised
    end = from_wire(plan.planned_end)
    return to_wire(max(end, from_wire(base)) if base else end)
