"""Tasks that the network executes: a service order through the port, and its reports, which may come late, twice,
out of order or never."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling.lines import ADD, product_id
from abonent.domain.order_handling.plan import Plan, Task, key_of
from abonent.domain.order_handling.ports import (
    ActivationFailed,
    ActivationReport,
    ActivationUnavailable,
    ServiceActivation,
)
from abonent.domain.order_handling.products import merged_service
from abonent.domain.order_handling.progress import Running, begin, finish, load, stop
from abonent.domain.order_handling.resources import SERVICE_ORDER
from abonent.domain.order_handling.rules_numbers import characteristics as characteristics_of
from abonent.domain.order_handling.rules_porting import ASKED_ONLY
from abonent.domain.order_handling.rules_product_acts import MOVE, RESUME, SUSPEND
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.jobs import TryAgain
from abonent.kit.retry import repeated
from abonent.kit.values import ref, to_wire

POLL = "order_handling.poll_activation"
# A report that has not come by then is asked for. Asking is cheap and repeats until an answer comes.
POLL_AFTER = timedelta(seconds=15)
_TRIES = 8


def _task_of(plan: Plan, key: str) -> Task | None:
    """The task whose present attempt has this key. Reports of earlier attempts find none."""
    return next((t for t in plan.task if t.kind == "serviceOrder" and key_of(plan.id, t) == key), None)


def service_order_number(key: str) -> str:
    """Id of the service order of a task: SO-10001-1.access for the key O-10001/1.access."""
    return f"SO-{key.removeprefix('O-').replace('/', '-')}"


def service_number(order_id: str, task_id: str) -> str:
    """Id of the service that a task creates."""
    return f"S-{order_id.removeprefix('O-')}-{task_id}"


async def start(ctx: Context, running: Running, task: Task) -> None:
    """Executor of kind serviceOrder: keep the service order, then submit it; the report finishes the task."""
    key = key_of(running.order.id, task)
    document = await _asked(ctx, running, task)
    if task.state == "ready":
        change = ctx.change()
        change.insert(
            SERVICE_ORDER,
            document
            | {"id": service_order_number(key), "state": "acknowledged", "orderDate": to_wire(ctx.now())},
        )
        begin(ctx, change, running, task)
        change.set_timer(timer_key(key), ctx.now() + POLL_AFTER, POLL, order=running.order.id, task=task.id)
        await ctx.store.commit(change)
    await _submit(ctx, document, key)


async def poll(ctx: Context, order: str, task: str, **_: Any) -> None:
    """Job of the timer: the report did not come, so ask. Submitting again under the same key executes nothing twice."""
    running = await load(ctx, order)
    if running is None or running.plan.find(task).state != "inProgress":
        return
    current = running.plan.find(task)
    key = key_of(order, current)
    change = ctx.change()
    change.set_timer(timer_key(key), ctx.now() + POLL_AFTER, POLL, order=order, task=task)
    await ctx.store.commit(change)
    await _submit(ctx, await _asked(ctx, running, current), key)


async def _submit(ctx: Context, document: dict[str, Any], key: str) -> None:
    try:
        answer = await ctx.port(ServiceActivation).submit(document, key)
        if answer.is_final and answer.is_success and not answer.services:
            answer = await ctx.port(ServiceActivation).look_up(answer.external_id)
    except ActivationUnavailable as away:
        raise TryAgain(str(away)) from away
    except ActivationFailed as refused:
        answer = ActivationReport(external_id="", state="rejected", key=key, message=str(refused))
    if answer.is_final:
        await report(ctx, answer)


def timer_key(key: str) -> str:
    """Key of the timer at which a service order is asked for."""
    return f"activation/{key}"


async def _asked(ctx: Context, running: Running, task: Task) -> dict[str, Any]:
    """The TMF641 order of a task; one that was sent before the order was amended stays what it was."""
    if task.again:
        number = service_order_number(key_of(running.order.id, task))
        sent = await ctx.store.one(SERVICE_ORDER, number)
        if sent is not None:
            kept = ("externalId", "category", "description", "serviceOrderItem")
            return {name: sent.document[name] for name in kept}
    return await _service_order(ctx, running, task)


async def _service_order(ctx: Context, running: Running, task: Task) -> dict[str, Any]:
    """The TMF641 order of a task. Nothing in it depends on the time or the attempt: the key stands for this body."""
    action = task.spec["action"]
    specification = task.spec.get("serviceSpecification") or {"id": "service", "name": "Service"}
    characteristics = dict(task.spec.get("characteristic") or {})
    item = running.item_of[task.item]
    for given in (item.get("product") or {}).get("productCharacteristic") or ():
        if given["name"] not in ASKED_ONLY:
            characteristics[given["name"]] = given.get("value")
    for earlier in running.plan.task:
        if earlier.item == task.item and "port" in earlier.output:
            characteristics["port"] = earlier.output["port"]
    characteristics |= characteristics_of(running.plan, task.item)
    service_id = service_number(running.order.id, task.undoes or task.id)
    # What an item adds is ours to name: an id that its sender gave might be another client's.
    held = await _product(ctx, product_id(item)) if item["action"] != ADD else {}
    act = task.spec.get("act")
    if task.spec.get("ends"):
        service_id = task.spec["ends"]
    elif act == MOVE:
        kept = {c["name"]: c.get("value") for c in held.get("productCharacteristic") or ()}
        characteristics = kept | characteristics
    elif item["action"] != ADD:
        service_id = _existing_service(held, specification["id"]) or service_id
        if task.undoes:
            characteristics = await _as_before(ctx, service_id) or characteristics
    service: dict[str, Any] = {
        "id": service_id,
        "name": specification.get("name", specification["id"]),
        "serviceSpecification": {**specification, "@referredType": "ServiceSpecification"},
        "serviceCharacteristic": [{"name": n, "value": v} for n, v in sorted(characteristics.items())],
        "state": _state(action, act, held, undoing=task.undoes is not None),
    }
    if task.spec.get("address"):
        service["place"] = [
            {"id": task.spec["address"], "role": "installationAddress", "@referredType": "GeographicAddress"}
        ]
    return {
        "externalId": key_of(running.order.id, task),
        "category": "service",
        "description": f"{running.order.id} {task.name.get('en', task.id)}",
        "serviceOrderItem": [{"id": "1", "action": action, "service": service}],
    }


def _state(action: str, act: str | None, product: dict[str, Any], *, undoing: bool) -> str:
    """The state a service shall have. What is suspended stays so until it is resumed; undone, all is as before."""
    if action == "delete":
        return "terminated"
    suspended = product.get("status") == "suspended" and act not in {RESUME, MOVE}
    if act == SUSPEND:
        suspended = not undoing
    elif act == RESUME:
        suspended = undoing
    return "inactive" if suspended else "active"


async def _product(ctx: Context, product: str | None) -> dict[str, Any]:
    stored = await ctx.store.one(PRODUCT, product or "")
    return stored.document if stored else {}


def _existing_service(product: dict[str, Any], specification: str) -> str | None:
    """The service of this specification that realizes the product."""
    realizing = product.get("realizingService") or ()
    for service in realizing:
        if specification == service.get("name") or len(realizing) == 1:
            return service["id"]
    return None


async def _as_before(ctx: Context, service: str) -> dict[str, Any]:
    """The characteristics of a service as the inventory has them: as they were before the order."""
    stored = await ctx.store.one(SERVICE, service)
    given = stored.document.get("serviceCharacteristic") or () if stored else ()
    return {each["name"]: each.get("value") for each in given}


async def report(ctx: Context, told: ActivationReport) -> None:
    """Take up what the network says of a service order. Repeats and stale reports change nothing."""
    # Another task of the same order may end at this moment.
    await repeated(lambda: _take_up(ctx, told), _TRIES)


async def _take_up(ctx: Context, told: ActivationReport) -> None:
    running = await load(ctx, (told.key or "").partition("/")[0])
    task = _task_of(running.plan, told.key or "") if running else None
    if running is None or task is None:
        return
    number = service_order_number(told.key or "")
    found = await ctx.store.find([(SERVICE_ORDER, number)])
    stored = found.get((SERVICE_ORDER.name, number))
    if stored is None or task.state != "inProgress":
        return
    change = ctx.change()
    if not told.is_final:
        if stored.state != "acknowledged" or told.state != "inProgress":
            return
        change.update(stored, stored.document | {"state": "inProgress"})
    else:
        _close(ctx, change, running, task, stored, told)
    await ctx.store.commit(change)


def _close(
    ctx: Context, change: Change, running: Running, task: Task, stored: Stored, told: ActivationReport
) -> None:
    """Note in `change` the end of a service order and of its task."""
    if stored.state == "acknowledged":
        # The report of its start was lost or comes later: the history shows the move all the same.
        change.flip(SERVICE_ORDER, stored.id, "state", "acknowledged", "inProgress")
        stored = Stored(SERVICE_ORDER, stored.document | {"state": "inProgress"}, stored.version)
    final = "completed" if told.is_success else "failed"
    done = to_wire(told.at or ctx.now())
    document = stored.document | {"state": final, "completionDate": done}
    if told.message:
        document["note"] = [*document.get("note", ()), {"text": told.message, "date": done}]
    change.update(stored, document, told.message)
    change.stop_timer(timer_key(told.key or ""))
    if told.is_success:
        services = _with_earlier(task, told.services)
        finish(ctx, change, running, task, result=_summary(services), output={"services": services})
    else:
        reason = told.message or f"service order {told.state}"
        stop(ctx, change, running, task, reason, passing=told.state == "failed")


def _with_earlier(task: Task, told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The services of a report, upon what the task's earlier attempt had made."""
    earlier = {each["id"]: each for each in task.output.get("services", ())}
    return [merged_service(earlier[s["id"]], s) if s["id"] in earlier else dict(s) for s in told]


def _summary(services: list[dict[str, Any]]) -> str:
    """What was activated in one line: "ontSerial ELTX5F00A1B2, vlan 1204"."""
    values = [f"{c['name']} {c['value']}" for s in services for c in s.get("serviceCharacteristic") or ()]
    return ", ".join(values[:4]) or "activated"


def service_reference(service: dict[str, Any]) -> dict[str, Any]:
    """A TMF638 reference whose name is the service's specification, by which a later change finds it."""
    specification = (service.get("serviceSpecification") or {}).get("id")
    return ref(service, "Service") | ({"name": specification} if specification else {})
