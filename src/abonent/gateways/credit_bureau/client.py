"""CreditBureau over HTTP: POST {url}/reports, one question, one answer, within two seconds or not at all.

Sent: {"reference", "name", "kind", "birthDate"?, "documents": [{"type", "number"}]}. Read: {"score", "reportId"?}; 404:
the bureau does not know this client. Bureaus differ; another one is another gateway behind the same port.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from abonent.domain.qualification.ports import BureauAway, BureauReport, BureauSubject
from abonent.gateways.brake import Brake
from abonent.gateways.tmf_client import (
    CorrelationId,
    MissingError,
    RefusedError,
    TmfClient,
    UnreachableError,
    decode_json,
)
from abonent.kit.errors import N_

TIMEOUT = 2.0


class _Report(msgspec.Struct, rename="camel"):
    score: Annotated[int, Meta(ge=0, le=10_000)]
    report_id: str | None = None


class HttpCreditBureau:
    """One bureau. After three failures in a row it is left alone for 15 seconds. Close it when the process ends.

    timeout  seconds for one question, from end to end
    """

    def __init__(
        self,
        url: str,
        correlation_id: CorrelationId,
        *,
        authorization: str | None = None,
        timeout: float = TIMEOUT,
        brake: Brake | None = None,
    ) -> None:
        self._client = TmfClient(
            url, correlation_id, timeout=timeout, connections=16, authorization=authorization
        )
        self._brake = brake or Brake()

    async def report(self, subject: BureauSubject) -> BureauReport:
        """See CreditBureau.report."""
        held = self._brake.held()
        if held is not None:
            raise _away(held)
        try:
            body = await self._client.send("POST", "/reports", _question(subject))
            told = decode_json(body, _Report)
        except MissingError:
            self._brake.answered()
            return BureauReport(None)
        except RefusedError as refused:
            # It answers, but not to this question: as good as no answer, and no reason to leave it alone.
            self._brake.answered()
            raise _away(f"{refused.reason} (HTTP status {refused.status})") from refused
        except (UnreachableError, ValueError) as error:
            self._brake.failed(str(error))
            raise _away(str(error)) from error
        self._brake.answered()
        return BureauReport(told.score, told.report_id)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def _question(subject: BureauSubject) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "reference": subject.reference,
        "name": subject.name,
        "kind": subject.kind,
        "documents": [{"type": kind, "number": number} for kind, number in subject.documents],
    }
    if subject.birth_date:
        asked["birthDate"] = subject.birth_date
    return asked


def _away(reason: str) -> BureauAway:
    return BureauAway(
        "bureauAway", N_("The credit bureau gives no answer now ({reason})."), reason=reason[:300]
    )
