"""Executor of kind serviceTest (OH-3): measure, judge, keep the evidence; a failure reopens the work, the third one is
a person's to decide."""

from typing import Any

from abonent.domain.order_handling import delivery
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.plan import Task, attempt_of, key_of
from abonent.domain.order_handling.progress import Running, advance, finish, stop
from abonent.domain.order_handling.rules_retest import (
    MOST_FAILURES,
    failures,
    mender,
    reopened,
    violations,
    with_failure,
)
from abonent.domain.service_test import rules as testing
from abonent.domain.service_test.ports import ServiceTesting, ServiceTestRefused, ServiceTestUnavailable
from abonent.domain.service_test.ports import TestReport as Report
from abonent.domain.service_test.resources import SERVICE_TEST
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.errors import N_
from abonent.kit.jobs import TryAgain
from abonent.kit.values import to_wire

REOPENED = N_("The test failed: {reason}. “{task}” is done again (failure {number} of {most}).")
ESCALATED = N_("The test failed {number} times, last: {reason}. A person decides.")


def service_test_number(order_id: str, task_id: str, attempt: int) -> str:
    """Id of the test that an attempt at a task made: ST-10001-1.test-1."""
    return f"ST-{order_id.removeprefix('O-')}-{task_id}-{attempt}"


async def run_test(ctx: Context, running: Running, task: Task) -> None:
    """Measure the service against the limits of its decomposition and keep the result."""
    limits = task.spec.get("limits") or []
    service = delivery.activated_service(running.plan, task.item)
    order_test: dict[str, Any] = {
        "name": task.name.get("en", task.id),
        "mode": "ONDEMAND",
        "relatedService": {"id": service or delivery.product_number(running.order.id, task.item)},
        "testSpecification": {"id": task.spec.get("testSpecification") or "default"},
        "characteristic": testing.characteristics(limits),
    }
    change = ctx.change()
    try:
        report = await ctx.port(ServiceTesting).run(order_test, key_of(running.order.id, task))
    except ServiceTestUnavailable as away:
        raise TryAgain(str(away)) from away
    except ServiceTestRefused as refused:
        stop(ctx, change, running, task, str(refused))
        await ctx.store.commit(change)
        return
    verdict = testing.judge(limits, report.measures)
    passed = verdict.passed and report.state == "completed"
    test_id = service_test_number(running.order.id, task.id, attempt_of(task))
    change.insert(SERVICE_TEST, _evidence(ctx, order_test, test_id, limits, report, verdict, passed=passed))
    told = testing.told(verdict)
    if passed:
        finish(ctx, change, running, task, result=told, output={"serviceTest": test_id})
    else:
        _failed(ctx, change, running, task, report.message or told, test_id)
    await ctx.store.commit(change)


def _evidence(
    ctx: Context,
    order_test: dict[str, Any],
    test_id: str,
    limits: list[dict[str, Any]],
    report: Report,
    verdict: testing.Verdict,
    *,
    passed: bool,
) -> dict[str, Any]:
    """The TMF653 test as it is kept: what was measured, and which limits were broken."""
    done = to_wire(ctx.now())
    broken = {finding.name for finding in verdict.failures}
    measures = []
    for measure in report.measures:
        document = _measure_document(measure.name, measure.value, measure.unit, done)
        if measure.name in broken:
            document["ruleViolation"] = violations(limits, measure.name)
        measures.append(document)
    kept = {
        "id": test_id,
        "state": "completed" if passed else "failed",
        "startDateTime": done,
        "endDateTime": to_wire(report.at or ctx.now()),
        "testMeasure": measures,
    }
    if report.message:
        kept["description"] = report.message
    return order_test | kept


def _failed(ctx: Context, change: Change, running: Running, task: Task, reason: str, evidence: str) -> None:
    """Note in `change` that a test failed: the work that can mend it is ready again, or it is a person's turn."""
    work = mender(running.plan, task)
    if running.leaving(task.item) or work is None:
        stop(ctx, change, running, task, reason, passing=True)
        return
    plan = with_failure(running.plan, task.id, evidence)
    number = len(failures(plan.find(task.id)))
    noted = Running(running.order, running.stored_plan, plan)
    if number >= MOST_FAILURES:
        told = ESCALATED.format(number=number, reason=reason)
        stop(ctx, change, noted, task, told)
        return
    name = work.name.get("en", work.id)
    told = REOPENED.format(reason=reason, task=name, number=number, most=MOST_FAILURES)
    plan = planning.failed(plan, task.id, ctx.now(), reason=told)
    plan = reopened(plan, task.id, work.id, ctx.now())
    advance(ctx, change, noted, plan, reasons={task.id: told, work.id: told})


def _measure_document(name: str, value: Any, unit: str | None, at: str) -> dict[str, Any]:
    return {"metricName": name, "captureDateTime": at, "value": {"name": name, "value": value}} | (
        {"unitOfMeasure": unit} if unit else {}
    )
