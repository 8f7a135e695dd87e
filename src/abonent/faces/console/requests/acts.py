"""The steps with a request: which forms its page shows to whom, what follows from each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from abonent.domain.agreement.rules_quote import Sum, limit_of, may_approve, may_price, who_may
from abonent.domain.qualification.rules_engineering import answered
from abonent.faces.console.acts import Act
from abonent.faces.console.labels import ROLE, word
from abonent.kit.access import Role
from abonent.kit.i18n import NP_, Translator

Document = Mapping[str, object]

# Step of an address -> (verb, key). The order is that of the page.
STEPS: Mapping[str, tuple[tuple[str, str], str]] = {
    "assign": (NP_("step", "Give to engineers"), "g"),
    "answer": (NP_("step", "Answer a part"), "a"),
    "approve": (NP_("step", "Approve the cost"), "y"),
    "quote": (NP_("step", "Make the offer"), "o"),
    "grant": (NP_("step", "Grant the price"), "y"),
    "accept": (NP_("step", "Client accepts"), "y"),
    "decline": (NP_("step", "Client declines"), "d"),
    "calloff": (NP_("step", "Call the offer off"), "x"),
    "built": (NP_("step", "It is built"), "b"),
    "reject": (NP_("step", "It cannot be done"), "f"),
    "withdraw": (NP_("step", "Withdraw the request"), "w"),
}
_WORKING = frozenset({Role.ENGINEER, Role.MANAGER, Role.ADMIN})
_OPEN = frozenset({"requested", "assigned", "assessed"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands: its state, its newest quote's, whether something is being built for its order."""

    state: str
    quote: str = ""
    building: bool = False
    parts: tuple[Document, ...] = ()
    cost: Sum | None = None


def acts(standing: Standing, role: Role, policy: Mapping[str, object], t: Translator) -> list[Act]:
    """The forms that are legal now and that this person may send; the first one leads."""
    legal = [step for step in STEPS if _may(step, standing, role, policy)]
    return [
        Act(
            step,
            t.pgettext(*STEPS[step][0]),
            _follows(step, t),
            STEPS[step][1],
            place == 0 and step not in _ENDING,
        )
        for place, step in enumerate(legal)
    ]


_ENDING = frozenset({"reject", "withdraw", "calloff"})


def _may(step: str, at: Standing, role: Role, policy: Mapping[str, object]) -> bool:
    open_quote = at.quote in {"pending", "approved"}
    match step:
        case "assign":
            return at.state in {"requested", "assigned"}
        case "answer":
            waits = any(not answered(part) for part in at.parts)
            return at.state == "assigned" and waits and role in _WORKING
        case "approve":
            return at.state == "assessed" and at.cost is not None and may_approve(policy, role, at.cost)
        case "reject":
            return at.state in _OPEN and role in _WORKING
        case "withdraw":
            return at.state in _OPEN or (at.state == "approved" and not open_quote and at.quote != "accepted")
        case "quote":
            return at.state == "approved" and not open_quote and at.quote != "accepted"
        case "grant":
            return at.quote == "pending" and may_price(role)
        case "accept" | "decline":
            return at.quote == "approved"
        case "calloff":
            return open_quote
        case _:
            return at.building and role in _WORKING


def _follows(step: str, t: Translator) -> str:
    match step:
        case "assign":
            return t.gettext(
                "Each part stands in its engineer’s queue until he answers. Empty rows do not count."
            )
        case "answer":
            return t.gettext("With the last answer the cost is summed up and waits for approval.")
        case "approve":
            return t.gettext("Then the offer to the client can be made. Your name and the reason are kept.")
        case "quote":
            return t.gettext("The client gets the offer by message, with a link to accept or decline it.")
        case "grant":
            return t.gettext("The price is below the least margin. Granted, the offer goes to the client.")
        case "accept":
            return t.gettext("The order is placed at the agreed price, and its plan begins.")
        case "decline":
            return t.gettext("The offer is closed with his reason. Another one can be made.")
        case "calloff":
            return t.gettext("The client is told that the offer does not hold any more.")
        case "built":
            return t.gettext("The address is on the network from then on, and the order’s plan goes on.")
        case "reject":
            return t.gettext("The request is closed with this reason; what was answered stays with it.")
        case _:
            return t.gettext("The request is closed with this reason; nobody goes on with it.")


def why_nothing(standing: Standing, role: Role, policy: Mapping[str, object], t: Translator) -> str:
    """Why the step one would expect is missing; empty when it is there, or nothing is left to do."""
    if standing.state == "assessed" and standing.cost is not None:
        if may_approve(policy, role, standing.cost):
            return ""
        limit = limit_of(policy, role)
        able = ", ".join(word(ROLE, each.value, t) for each in who_may(policy, standing.cost)) or "\u2013"
        if limit.once < 0:
            return t.gettext("The cost waits to be approved; for this sum by: {able}.", able=able)
        mine = t.money(limit.once, standing.cost.currency, cents=False)
        return t.gettext(
            "The cost is above what you may approve ({limit} once). It needs: {able}.", limit=mine, able=able
        )
    if standing.quote == "pending" and not may_price(role):
        return t.gettext("The price earns less than the least margin: a manager grants it or not.")
    if standing.building and role not in _WORKING:
        return t.gettext("It is being built. An engineer says here when it stands.")
    if standing.state == "assigned" and role not in _WORKING:
        return t.gettext("Parts are answered by engineers.")
    return ""
