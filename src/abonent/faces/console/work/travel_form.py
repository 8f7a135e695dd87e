"""How a crew gets from visit to visit, as it is typed into the crew's form, and back. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from abonent.domain.workforce.rules_travel import FASTEST, MOST_MINUTES
from abonent.kit.errors import N_, BadInput, Problem

Document = dict[str, Any]
_LINE = re.compile(r"(.+?)(?:\s+[-\u2013\u2014]\s+|\s*,\s*)(.+?)\s*:\s*(\d{1,4})")
_MOST_LEGS = 200


def travel_fields(travel: Mapping[str, Any] | None) -> dict[str, str]:
    """The fields `speed` (km/h), `least` (minutes) and `legs` (a line each) of a crew's travel."""
    given = travel or {}
    lines = (f"{leg['from']} \u2013 {leg['to']}: {leg['minutes']}" for leg in given.get("leg") or ())
    speed = given.get("kmPerHour")
    return {
        "speed": "" if speed is None else f"{float(speed):g}",
        "least": str(given.get("minimumMinutes", "")),
        "legs": "\n".join(lines),
    }


def travel_of(
    speed: str, least: str, legs: str, kept: Mapping[str, Any] | None
) -> tuple[Document | None, dict[str, Problem]]:
    """A crew's travel with what was typed, None when all is empty, and what is wrong by field. `kept`: the travel so
    far, whose other attributes stay."""
    if not (speed or least or legs.strip()):
        return None, {}
    wrong: dict[str, Problem] = {}
    known = {"kmPerHour", "minimumMinutes", "leg"}
    travel: Document = {name: value for name, value in (kept or {}).items() if name not in known}
    if speed:
        number = speed.replace(",", ".")
        if re.fullmatch(r"(?a)\d{1,3}(\.\d)?", number) and 1 <= float(number) <= FASTEST:
            travel["kmPerHour"] = float(number) if "." in number else int(number)
        else:
            wrong["speed"] = BadInput(
                "speedWrong", N_("Write the speed in km/h, from 1 to {most}."), most=FASTEST
            )
    if least:
        if re.fullmatch(r"(?a)\d{1,4}", least) and int(least) <= MOST_MINUTES:
            travel["minimumMinutes"] = int(least)
        else:
            wrong["least"] = BadInput(
                "minutesWrong", N_("Write whole minutes, from 0 to {most}."), most=MOST_MINUTES
            )
    listed: list[Document] = []
    for line in (line.strip() for line in legs.splitlines()):
        if not line:
            continue
        found = _LINE.fullmatch(line)
        if found is None or int(found[3]) > MOST_MINUTES or len(listed) >= _MOST_LEGS:
            wrong["legs"] = BadInput(
                "legWrong",
                N_("Write each way as “Town \u2013 Town: minutes”; this line is not: {line}"),
                line=line[:80],
            )
            break
        listed.append({"from": found[1][:100], "to": found[2][:100], "minutes": int(found[3])})
    if listed:
        travel["leg"] = listed
    return travel or None, wrong
