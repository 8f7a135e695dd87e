"""What a person may do with an order by hand: which forms its page shows, and what a refusal says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from abonent.domain.order_handling.lines import lines, offering_id, product_id
from abonent.faces.console.acts import Act
from abonent.faces.console.data import Document
from abonent.faces.console.labels import ORDER, label
from abonent.faces.console.plan_model import Plan
from abonent.kit.errors import Conflict, Problem
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire

RELEASABLE = frozenset({"held", "pending"})
# Of these every one may be cancelled as a whole unless work began; one that is in work, while its plan lets it.
CANCELLABLE = frozenset({"acknowledged", "held", "pending"})
WHOLE = "order"
_LEAVING = frozenset({"completed", "failed", "rejected", "cancelled", "pendingCancellation"})
_NOT_BEGUN = frozenset({"pending", "ready"})


@dataclass(frozen=True, slots=True)
class OrderAct(Act):
    """A form of the order's page.

    reason    the label of the field that asks why, empty where nothing is asked
    choices   what it may be about, value and word; the first is chosen. Empty where there is nothing to choose
    """

    reason: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def incomplete(state: str, plan: Plan | None, decisions: Sequence[Document]) -> bool:
    """Held before it could be assessed: something is missing that only an addition mends."""
    return state == "held" and plan is None and not decisions


def acts(
    state: str,
    plan: Plan | None,
    decisions: Sequence[Document],
    items: Sequence[Document] = (),
    *,
    staff: bool,
    t: Translator,
    amend: str = "",
    anew: str = "",
) -> list[OrderAct]:
    """The forms that are legal now, for a reader who is staff; nobody else gets one. `items`: those of the order, with
    the nested ones; `amend`: the page on which it is changed, while anything of it can be; `anew`: where one is begun
    for the same client."""
    if not staff:
        return []
    allowed: list[OrderAct] = []
    if state in RELEASABLE and not incomplete(state, plan, decisions):
        follows = _release_follows(state, plan, t)
        allowed.append(OrderAct("release", t.gettext("Release"), follows, "r", primary=True))
    if anew and incomplete(state, plan, decisions) and names_nothing(items):
        follows = t.gettext(
            "What is ordered cannot be added here. Begin a new order for the client with it; when it is placed, "
            "cancel this one below."
        )
        allowed.append(OrderAct("anew", t.gettext("Place it anew"), follows, "e", primary=True, href=anew))
    elif amend:
        follows = t.gettext(
            "Quantity, characteristics, dates, address. Before it is sent you see what is done again or taken back, "
            "the price and the new promise."
        )
        allowed.append(OrderAct("amend", t.gettext("Change the order"), follows, "e", href=amend))
    cancelling = _cancel(state, plan, items, t)
    return [*allowed, cancelling] if cancelling else allowed


def names_nothing(items: Sequence[Document]) -> bool:
    """Whether an item says neither which offering nor which product it is about: no form can ask what else of it."""
    return any(not offering_id(item) and not product_id(item) for item in items)


def _cancel(state: str, plan: Plan | None, items: Sequence[Document], t: Translator) -> OrderAct | None:
    """The form that cancels the order or items of it, while anything can be."""
    if state not in CANCELLABLE and not (state == "inProgress" and plan is not None):
        return None
    begun = plan is not None and any(task.state not in _NOT_BEGUN for task in plan.tasks)
    fixed = _fixed(plan, items)
    left = [item for item in items if item.get("state") not in _LEAVING]
    free = [item for item in left if item["id"] not in fixed]
    whole = not fixed
    if not whole and not free:
        return None
    choices = [(WHOLE, t.gettext("the whole order"))] if whole else []
    if len(left) > 1 or not whole:
        choices += [(str(item["id"]), f"{item['id']} · {_named(item, t)}") for item in free]
    follows = (
        t.gettext(
            "What was done is taken back, the last thing first; what is at work is waited for. "
            "The client is told. What is cancelled does not come back."
        )
        if begun
        else t.gettext(
            "No work has begun, so nothing has to be undone. The client is told. "
            "A cancelled order does not come back."
        )
    )
    return OrderAct(
        "cancel",
        t.gettext("Cancel order") if whole else t.gettext("Cancel an item"),
        follows,
        "c",
        reason=t.gettext("Why it is cancelled; kept with the order"),
        choices=tuple(choices) if len(choices) > 1 or not whole else (),
    )


def _named(item: Document, t: Translator) -> str:
    name = (item.get("productOffering") or {}).get("name") or (item.get("product") or {}).get("name")
    return t.name(name) if name else str(item["id"])


def _fixed(plan: Plan | None, items: Sequence[Document]) -> set[str]:
    """Items past their point of no return, or delivered, with the bundles that hold one."""
    gone = {str(item["id"]) for item in items if item.get("state") == "completed"}
    for task in plan.tasks if plan else ():
        if task.point_of_no_return and task.state in {"inProgress", "completed"}:
            gone.add(task.item)
    holding = {str(item["id"]) for item in items if any(part["id"] in gone for part in lines(item))}
    return gone | holding


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
    if problem.code == "pointOfNoReturn" and problem.facts.get("since", "-") != "-":
        since = t.moment(from_wire(problem.facts["since"]))
        return t.gettext(problem.text, **{**problem.facts, "since": since})
    return t.gettext(problem.text, **problem.facts)
