"""What may be done with a work order in which state, and what follows. Pure."""

from abonent.kit.errors import N_, IllegalMove

# A client who is not at home so many times is a matter for a person, not for a fourth slot.
MOST_ATTEMPTS = 3

ACTIONS: dict[str, frozenset[str]] = {
    "start": frozenset({"acknowledged"}),
    "complete": frozenset({"inProgress"}),
    "fail": frozenset({"acknowledged", "pending", "held", "inProgress"}),
    "clientAbsent": frozenset({"acknowledged", "inProgress"}),
    "rebook": frozenset({"acknowledged", "pending", "held"}),
    "reassign": frozenset({"acknowledged"}),
    "cancel": frozenset({"acknowledged", "pending", "held", "inProgress"}),
}
"""Action -> states of the work order in which it may be done."""

OPEN = frozenset({"acknowledged", "pending", "held", "inProgress"})
OPEN_APPOINTMENT = frozenset({"initialized", "confirmed"})


def may(action: str, state: str | None) -> bool:
    """Whether an action may be done in a state."""
    return state in ACTIONS[action]


def actions_in(state: str | None) -> list[str]:
    """What may be done in a state, in the order of ACTIONS."""
    return [action for action in ACTIONS if may(action, state)]


def demand(action: str, id: str, state: str | None) -> None:
    """IllegalMove that says what may be done instead, unless the action may be done."""
    if not may(action, state):
        raise IllegalMove(
            "workOrderState",
            N_("Work order {id} is {state}, so this cannot be done ({action}). Possible now: {possible}."),
            id=id,
            state=state or "-",
            action=action,
            possible=", ".join(actions_in(state)) or "-",
        )


def by_hand(id: str) -> bool:
    """Whether a work order was entered by hand; those of an order's plan have its number and the task's."""
    return id.removeprefix("WO-").isdigit()


def after_absence(attempts: int) -> str:
    """State of a work order after the client was not at home, `attempts` times counting this one."""
    return "failed" if attempts >= MOST_ATTEMPTS else "pending"
