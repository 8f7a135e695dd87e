"""TMF653 v4 client: implements ServiceTesting over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from abonent.domain.service_test.ports import Measure, ServiceTestRefused, ServiceTestUnavailable, TestReport
from abonent.gateways.tmf_client import (
    CorrelationId,
    MissingError,
    RefusedError,
    TmfClient,
    UnreachableError,
    decode_json,
)
from abonent.kit.errors import N_

BASE_PATH = "/tmf-api/serviceTestManagement/v4"
"""Base path of the API in the specification; to be put behind the network's root URL."""

_STATES = {"completed": "completed", "done": "completed", "passed": "completed", "failed": "failed"}


class _Value(msgspec.Struct):
    value: Any


class _Violation(msgspec.Struct):
    name: str | None = None
    description: str | None = None


class _TestMeasure(msgspec.Struct, rename="camel"):
    metric_name: str
    value: _Value
    unit_of_measure: str | None = None
    capture_date_time: datetime | None = None
    rule_violation: list[_Violation] | None = None


class _ServiceTest(msgspec.Struct, rename="camel"):
    id: Annotated[str, Meta(min_length=1, max_length=255)]
    state: str
    description: str | None = None
    end_date_time: datetime | None = None
    test_measure: list[_TestMeasure] | None = None


class HttpServiceTesting:
    """ServiceTesting over one TMF653 base URL. Close it when the process ends.

    base_url        e.g. http://127.0.0.1:9641/tmf-api/serviceTestManagement/v4
    correlation_id  returns the id of the work at hand, sent as X-Correlation-ID
    timeout         seconds for one test from question to answer; a test measures while the caller waits
    """

    def __init__(
        self,
        base_url: str,
        correlation_id: CorrelationId,
        *,
        timeout: float = 60.0,
        connections: int = 32,
        authorization: str | None = None,
    ) -> None:
        self._client = TmfClient(
            base_url, correlation_id, timeout=timeout, connections=connections, authorization=authorization
        )

    async def run(self, service_test: dict[str, Any], idempotency_key: str) -> TestReport:
        """See ServiceTesting.run."""
        try:
            body = await self._client.send("POST", "/serviceTest", service_test, idempotency_key)
        except MissingError as no:
            raise _unavailable(f"HTTP status {no.status} at {self._client.base_url}/serviceTest") from no
        except RefusedError as no:
            raise ServiceTestRefused(
                "serviceTestRefused",
                N_("The test system refused test {key}: {reason}. Correct it, run it under a new key."),
                key=idempotency_key,
                reason=no.reason,
                status=no.status,
            ) from no
        except UnreachableError as away:
            raise _unavailable(away.reason, away.retry_after) from away
        return _report(body)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def _report(body: bytes) -> TestReport:
    try:
        test = decode_json(body, _ServiceTest)
        state = _STATES.get(test.state.lower())
        if state is None:
            raise ValueError(f"the test has no result yet, its state is {test.state[:50]!r}")
        return TestReport(
            external_id=test.id,
            state=state,
            measures=tuple(_measure(one) for one in test.test_measure or []),
            at=_utc(test.end_date_time),
            message=test.description if state == "failed" else None,
        )
    except ValueError as error:
        raise _unavailable(f"unreadable answer: {error}") from error


def _measure(measure: _TestMeasure) -> Measure:
    value = measure.value.value
    if not isinstance(value, bool | int | float | str):
        raise ValueError(f"measure {measure.metric_name[:100]!r} is no number, text or truth value")
    violations = (one.description or one.name or "" for one in measure.rule_violation or [])
    return Measure(
        name=measure.metric_name,
        value=value,
        unit=measure.unit_of_measure,
        at=_utc(measure.capture_date_time),
        violations=tuple(text for text in violations if text),
    )


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _unavailable(reason: str, retry_after: int | None = None) -> ServiceTestUnavailable:
    return ServiceTestUnavailable(
        "serviceTestUnavailable",
        N_("The test system cannot be used now ({reason}). The test is run again."),
        reason=reason,
        retry_after=retry_after,
    )
