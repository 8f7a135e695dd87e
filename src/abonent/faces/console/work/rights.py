"""Who may do what with visits and crews by hand. Pure.

Agents read and book; engineers do the work; managers and administrators do both and keep the crews.
"""

from collections.abc import Mapping

from abonent.kit.access import STAFF, Caller, Role
from abonent.kit.errors import N_, Forbidden

_BOOKING = frozenset({Role.AGENT, Role.MANAGER, Role.ADMIN})
_WORKING = frozenset({Role.ENGINEER, Role.MANAGER, Role.ADMIN})

# What rules_work.ACTIONS names, and the keeping of crews.
RIGHTS: Mapping[str, frozenset[Role]] = {
    "start": _WORKING,
    "complete": _WORKING,
    "clientAbsent": _WORKING,
    "fail": _WORKING,
    "rebook": _BOOKING | _WORKING,
    "reassign": _BOOKING,
    "cancel": _BOOKING,
    "attach": _BOOKING | _WORKING,
    "crews": frozenset({Role.MANAGER, Role.ADMIN}),
}


def may(caller: Caller, what: str) -> bool:
    return caller.role in RIGHTS[what]


def demand(caller: Caller, what: str) -> None:
    """Forbidden that says who may, unless the caller may do it."""
    if may(caller, what):
        return
    if what == "crews":
        raise Forbidden(
            "crewsByManagers", N_("Crews and their absences are kept by managers; tell one of them.")
        )
    if RIGHTS[what] == _WORKING:
        raise Forbidden("workByEngineers", N_("How a visit went is told by the crew, or by a manager."))
    raise Forbidden("bookedByAgents", N_("Visits are given out and cancelled by agents and managers."))


def demand_staff(caller: Caller) -> None:
    """Forbidden for clients: their visits stand on the pages of their orders."""
    if caller.role not in STAFF:
        raise Forbidden("visitsByStaff", N_("Visits and crews are seen by the operator’s staff only."))
