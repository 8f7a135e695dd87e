"""Pages of the queue and of one failed task, and the steps with it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from abonent.domain.order_handling import fallout
from abonent.domain.order_handling.activation import service_order_number
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.plan import Task, last_key_of
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.progress import Running, load
from abonent.domain.order_handling.queries_fallout import fallen_tasks
from abonent.domain.order_handling.resources import PRODUCT_ORDER, SERVICE_ORDER
from abonent.domain.order_handling.rules_porting import KIND as PORT_IN
from abonent.domain.order_handling.rules_porting import request_number
from abonent.domain.order_handling.rules_retest import failures
from abonent.domain.order_handling.service_tests import service_test_number
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.service_test.resources import SERVICE_TEST
from abonent.faces.console.acts import Refused, refuse, step_routes
from abonent.faces.console.addresses import fallout_path
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.fallout.list_view import PATH, list_view, read_filter
from abonent.faces.console.fallout.task_view import named_fields, task_view
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove, NotFound
from abonent.kit.retry import repeated

SECTION = "Orders"
ONE = PATH + "/{order_id}/{task_id}"
Document = Mapping[str, Any]
Step = Callable[[Context, str, str, Form], Awaitable[None]]


def _divided(document: Document, told: tuple[str, ...]) -> tuple[Document, Document]:
    """What was sent, and what came back under the names `told`."""
    answer = {name: document[name] for name in told if name in document}
    return {k: v for k, v in document.items() if k not in told}, answer


class FalloutPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """The queue."""
        demand_staff(visit)
        wanted = read_filter(visit.query)
        found = await fallen_tasks(self._ctx.store, kind=wanted.kind)
        view = list_view(found, wanted, visit.now, visit.t)
        return self._desk.page(visit, "fallout/list.html", {"view": view}, section=SECTION)

    async def task(self, visit: Visit) -> Response:
        """One failed task."""
        demand_staff(visit)
        return await self._page(visit)

    async def _page(self, visit: Visit, refused: Refused | None = None) -> Response:
        order_id, task_id = visit.path["order_id"], visit.path["task_id"]
        order = await self._ctx.store.get(visit.caller, PRODUCT_ORDER, order_id)
        running = await load(self._ctx, order_id)
        task = next((t for t in running.plan.task if t.id == task_id), None) if running else None
        if running is None or task is None:
            raise NotFound("noTask", N_("Order {order} has no task {task}."), order=order_id, task=task_id)
        sent, answer = await self._evidence(running, task)
        customer = (await self._ctx.store.find([(CUSTOMER_, running.plan.customer or "")])).values()
        history = await self._ctx.store.history(PRODUCT_ORDER, order_id)
        view = task_view(
            running.order.document or order.document,
            running.plan,
            task,
            next((each.document for each in customer), None),
            [row for row in history if row["attribute"] == f"task {task_id}"],
            sent,
            answer,
            visit.now,
            visit.t,
        )
        facts = {
            "view": view,
            "refused": refused,
            "here": fallout_path(order_id, task_id),
        }
        status = refused.status if refused else 200
        return self._desk.page(visit, "fallout/task.html", facts, section=SECTION, status=status)

    async def _evidence(self, running: Running, task: Task) -> tuple[Document | None, Document | None]:
        """What was sent for the last attempt, and what came back, as far as it was kept."""
        if task.kind == "serviceOrder":
            number = service_order_number(last_key_of(running.order.id, task))
            stored = await self._ctx.store.one(SERVICE_ORDER, number)
            told = ("state", "completionDate", "note", "errorMessage")
            return _divided(stored.document, told) if stored else (None, None)
        if task.kind == PORT_IN and not task.undoes:
            number = request_number(last_key_of(running.order.id, task))
            stored = await self._ctx.store.one(PORTING_REQUEST, number)
            told = ("state", "refusal", "window", "reportedAt", "externalId")
            return _divided(stored.document, told) if stored else (None, None)
        if task.kind == "serviceTest":
            return await self._tests(running, task)
        return task.spec or None, None

    async def _tests(self, running: Running, task: Task) -> tuple[Document | None, Document | None]:
        """What was asked of the last test, and what every test that failed found, the last one first."""
        last = service_test_number(running.order.id, task.id, task.attempts)
        numbers = list(dict.fromkeys([last, *reversed(failures(task))]))
        found = await self._ctx.store.find([(SERVICE_TEST, number) for number in numbers])
        kept = [each for n in numbers if (each := found.get((SERVICE_TEST.name, n))) is not None]
        if not kept:
            return None, None
        told = ("id", "state", "description", "testMeasure", "endDateTime")
        answers = [{name: s.document[name] for name in told if name in s.document} for s in kept]
        sent = {k: v for k, v in kept[0].document.items() if k not in told}
        return sent, answers[0] if len(answers) == 1 else {"serviceTest": answers}

    def step(self, name: str) -> list[BaseRoute]:
        """The routes of a step: it leads to the order, and a refusal stands at its form."""

        async def take(visit: Visit, form: Form) -> Response:
            demand_staff(visit)
            order_id, task_id = visit.path["order_id"], visit.path["task_id"]
            try:
                await STEPS[name](self._ctx.for_caller(visit.caller), order_id, task_id, form)
            except (BadInput, Conflict, IllegalMove) as problem:
                text = said(problem, visit.t)
                return await self._page(visit, refuse(name, problem, text, form, fields=()))
            return see(f"/orders/{order_id}")

        def page(visit: Visit) -> str:
            return fallout_path(visit.path["order_id"], visit.path["task_id"])

        return step_routes(self._desk, f"{ONE}/{name}", take, page)


async def _retry(ctx: Context, order: str, task: str, _: Form) -> None:
    await fallout.retry(ctx, order, task)


async def _skip(ctx: Context, order: str, task: str, form: Form) -> None:
    await fallout.skip(ctx, order, task, typed(form, "reason"))


async def _mend(ctx: Context, order: str, task: str, form: Form) -> None:
    await fallout.mend(ctx, order, task, named_fields(form))


async def _cancel(ctx: Context, order: str, task: str, form: Form) -> None:
    reason = typed(form, "reason")
    if not reason:
        raise BadInput("reasonMissing", N_("Say in a few words why the order is cancelled."))
    running = await load(ctx, order)
    item = next((t.item for t in running.plan.task if t.id == task), None) if running else None
    items = [item] if item and form.get("what") == "item" else None

    async def once() -> None:
        stored = await ctx.store.get(ctx.caller, PRODUCT_ORDER, order)
        document = stored.document if items else stored.document | {"cancellationReason": reason}
        await cancel(ctx, stored, document, items, reason)

    await repeated(once)


STEPS: Mapping[str, Step] = {"retry": _retry, "skip": _skip, "mend": _mend, "cancel": _cancel}
