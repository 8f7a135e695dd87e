"""Every pair of states of appointments and work orders, every action in every state, against tables written here."""

from itertools import product

import pytest

from abonent.domain.workforce import resources, rules_work
from abonent.domain.workforce.states import APPOINTMENT_STATUS, SEARCH_STATUS, WORK_ORDER_STATE
from abonent.kit.errors import IllegalMove
from abonent.kit.states import StateMachine

APPOINTMENT_MOVES = {
    *(("initialized", new) for new in ("confirmed", "cancelled", "completed", "failed")),
    *(("confirmed", new) for new in ("cancelled", "completed", "failed")),
}
# The life cycle that TMF697 has from product orders, and the moves of a visit that found nobody.
WORK_ORDER_MOVES = {
    *(("acknowledged", new) for new in ("inProgress", "pending", "held", "rejected", "cancelled", "failed")),
    *(
        ("pending", new)
        for new in ("acknowledged", "inProgress", "held", "assessingCancellation", "cancelled", "failed")
    ),
    *(
        ("held", new)
        for new in ("acknowledged", "inProgress", "pending", "assessingCancellation", "cancelled", "failed")
    ),
    *(
        ("inProgress", new)
        for new in ("pending", "held", "assessingCancellation", "completed", "failed", "partial")
    ),
    *(("assessingCancellation", new) for new in ("inProgress", "pending", "held", "pendingCancellation")),
    ("pendingCancellation", "cancelled"),
}


@pytest.mark.parametrize(
    ("machine", "moves", "initial"),
    [
        (APPOINTMENT_STATUS, APPOINTMENT_MOVES, {"initialized", "confirmed", "failed"}),
        (WORK_ORDER_STATE, WORK_ORDER_MOVES, {"acknowledged", "pending", "rejected"}),
    ],
)
def test_every_pair(machine: StateMachine, moves: set[tuple[str, str]], initial: set[str]) -> None:
    for old, new in product(machine.states, repeat=2):
        assert machine.may(old, new) is ((old, new) in moves), (old, new)
    assert machine.initial == initial


@pytest.mark.parametrize(
    ("resource", "kind", "machine"),
    [
        (resources.APPOINTMENT, "AppointmentStateType", APPOINTMENT_STATUS),
        (resources.SEARCH_TIME_SLOT, "SearchTimeSlotStateType", SEARCH_STATUS),
        (resources.WORK_ORDER, "WorkOrderStateType", WORK_ORDER_STATE),
    ],
)
def test_the_states_are_those_of_the_specification(resource, kind: str, machine: StateMachine) -> None:
    values = resource.shape.vocabulary.reachable(resource.shape.definition.fields.values())[kind].values
    assert machine.states == set(values)


# Action -> states in which it may be done.
TABLE = {
    "start": "acknowledged",
    "complete": "inProgress",
    "fail": "acknowledged pending held inProgress",
    "clientAbsent": "acknowledged inProgress",
    "rebook": "acknowledged pending held",
    "reassign": "acknowledged",
    "cancel": "acknowledged pending held inProgress",
}


def test_every_action_in_every_state() -> None:
    assert set(TABLE) == set(rules_work.ACTIONS)
    for action, state in product(TABLE, WORK_ORDER_STATE.states):
        legal = state in TABLE[action].split()
        assert rules_work.may(action, state) is legal
        if legal:
            rules_work.demand(action, "WO-1", state)
        else:
            with pytest.raises(IllegalMove) as refused:
                rules_work.demand(action, "WO-1", state)
            assert refused.value.facts["possible"] == (", ".join(rules_work.actions_in(state)) or "-")


def test_nothing_may_be_done_when_it_is_over() -> None:
    assert all(rules_work.actions_in(state) == [] for state in WORK_ORDER_STATE.final)
    assert rules_work.OPEN.isdisjoint(WORK_ORDER_STATE.final)
    assert rules_work.OPEN_APPOINTMENT.isdisjoint(APPOINTMENT_STATUS.final)


def test_the_third_time_the_client_is_away_is_the_last() -> None:
    assert [rules_work.after_absence(n) for n in (1, 2, 3, 4)] == ["pending", "pending", "failed", "failed"]
