"""An absence of a crew as it is typed into a form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from abonent.faces.console.desk import typed
from abonent.kit.errors import N_
from abonent.kit.values import to_wire

_LONGEST_AHEAD = timedelta(days=3 * 366)
FROM, UNTIL, REASON = "from", "until", "reason"


@dataclass(frozen=True, slots=True)
class TypedAbsence:
    """The fields as typed, what they mean (UTC; `end` None: until further notice), and what is wrong by field."""

    fields: Mapping[str, str]
    start: datetime | None
    end: datetime | None
    wrong: Mapping[str, str]

    @property
    def has_time(self) -> bool:
        return not {FROM, UNTIL} & self.wrong.keys()

    def document(self, crew: Mapping[str, Any]) -> dict[str, Any]:
        """The absence; call it only when nothing is wrong."""
        assert self.start is not None
        valid = {"startDateTime": to_wire(self.start)}
        if self.end is not None:
            valid["endDateTime"] = to_wire(self.end)
        who = {"id": crew["id"], "name": crew["name"], "@referredType": "Crew"}
        return {"crew": who, "validFor": valid, "reason": self.fields[REASON]}


def read_absence_form(form: Mapping[str, str], now: datetime, zone: tzinfo) -> TypedAbsence:
    """What was typed; times are of the reader's zone. Messages are msgids."""
    fields = {name: typed(form, name, 200).replace("\n", " ") for name in (FROM, UNTIL, REASON)}
    start, end = _moment(fields[FROM], zone), _moment(fields[UNTIL], zone)
    wrong: dict[str, str] = {}
    if start is None or start > now + _LONGEST_AHEAD:
        wrong[FROM] = N_("Say when the absence begins, by day and time.")
    if end is None and fields[UNTIL]:
        wrong[UNTIL] = N_("Say when it ends, by day and time, or leave it empty.")
    elif end is not None and start is not None and end <= start:
        wrong[UNTIL] = N_("It must end after it begins.")
    elif end is not None and end <= now:
        wrong[UNTIL] = N_("It is over already. Enter absences that are to come or go on.")
    if not fields[REASON]:
        wrong[REASON] = N_("Say in a few words why the crew is away.")
    return TypedAbsence(fields, start, end, wrong)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """A moment on the wall clock of a zone as UTC; None for anything that is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= at.year <= 2100:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
