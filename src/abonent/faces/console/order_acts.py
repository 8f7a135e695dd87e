"""What a person may do with an order by hand: which forms its page shows, and what a refusal says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from abonent.faces.console.data import Document
from abonent.faces.console.labels import ORDER, label
from abonent.faces.console.plan_model import Plan
from abonent.kit.errors import Conflict, Problem
from abonent.kit.i18n import Translator

RELEASABLE = frozenset({"held", "pending"})
CANCELLABLE = frozenset({"acknowledged", "held", "pending"})
_NOT_BEGUN = frozenset({"pending", "ready"})


@dataclass(frozen=True, slots=True)
class Act:
    """A form of the order's page; `step` is the last word of its address.

    follows   what happens when the button is pressed
    reason    the label of the field that asks why, empty where nothing is asked
    """

    step: str
    verb: str
    follows: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was asked for and refused: why, in the reader's words, and what he had typed."""

    step: str
    text: str
    typed: str = ""


def incomplete(state: str, plan: Plan | None, decisions: Sequence[Document]) -> bool:
    """Held before it could be assessed: something is missing that only an addition mends."""
    return state == "held" and plan is None and not decisions


def acts(
    state: str, plan: Plan | None, decisions: Sequence[Document], *, staff: bool, t: Translator
) -> list[Act]:
    """The forms that are legal now, for a reader who is staff; nobody else gets one."""
    if not staff:
        return []
    allowed: list[Act] = []
    if state in RELEASABLE and not incomplete(state, plan, decisions):
        allowed.append(Act("release", t.gettext("Release"), _release_follows(state, plan, t)))
    begun = plan is not None and any(task.state not in _NOT_BEGUN for task in plan.tasks)
    if state in CANCELLABLE and not begun:
        follows = t.gettext(
            "No work has begun, so nothing has to be undone. The client is told. "
            "A cancelled order does not come back."
        )
        asked = t.gettext("Why it is cancelled; kept with the order")
        allowed.append(Act("cancel", t.gettext("Cancel order"), follows, asked))
    return allowed


def _release_follows(state: str, plan: Plan | None, t: Translator) -> str:
    if plan is not None and plan.count("failed"):
        return t.gettext("The failed task is done again; what waits for it follows.")
    if plan is not None:
        return t.gettext("The tasks that wait begin.")
    if state == "pending":
        return t.gettext("Work begins without the client’s answer. Your name is kept with the order.")
    return t.gettext(
        "The order is assessed again; the credit decision is noted and no longer stops it. "
        "Your name is kept with the order."
    )


def refusal(problem: Problem, state: str, t: Translator) -> str:
    """Why a step was refused, without the words of the API; `state`: the order's present one."""
    if isinstance(problem, Conflict):
        return t.gettext("The order changed at the same moment. Look at it as it is now and repeat the step.")
    if problem.code in ("illegalStateTransition", "stateByProcess"):
        word = label(ORDER, state, t).word
        return t.gettext("The order is now “{state}”; from there this step is not possible.", state=word)
    if problem.code == "workBegan":
        return t.gettext("Work on the order has begun, so it cannot be cancelled like this any more.")
    return t.gettext(problem.text, **problem.facts)
