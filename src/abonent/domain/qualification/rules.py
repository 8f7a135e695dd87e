"""Can it be delivered (OH-1)? Pure: facts in, a decision with its reasons out: coverage at the address, free
capacity, compatibility with what the client holds or orders. May it be sold on credit: rules_credit.py.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abonent.kit.errors import N_

# Market segments (TMF620 marketSegment) that a client belongs to by what he is: a person or an organization.
HOME, BUSINESS = "home", "business"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `text` is an English sentence with named facts and the key of its translation; `texts`: the same by
    language, where the operator wrote it himself."""

    code: str
    text: str
    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        text = dict(self.texts) or self.text
        return {"code": self.code, "text": text, "ok": self.ok, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class AccessPath:
    """An access node that reaches an address: its technology, what it carries at most, ports that are free;
    `held`: one of them is kept for who asks."""

    node: str
    technology: str
    downstream_mbps: int
    free_ports: int
    held: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order item needs of the network and of the client's other products.

    technologies     access technologies that can carry it; empty: it needs no access line
    requires/excludes  ids of product specifications the client must (must not) hold or order besides
    requires_any     ids of which he must have one at least (television over any of the internet speeds)
    keeps_access     it changes a product that already has its line: no new port is needed
    segments         market segments it is sold to, HOME or BUSINESS; empty: to everybody
    """

    offering: str
    name: str
    specification: str | None
    technologies: tuple[str, ...] = ()
    downstream_mbps: int = 0
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    keeps_access: bool = False
    requires_any: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Answer for one demand: the path that would carry it, reasons, and offerings that would fit instead."""

    eligible: bool
    reasons: tuple[Reason, ...]
    path: AccessPath | None = None
    alternatives: tuple[str, ...] = ()


def _access(
    demand: Demand, address: str | None, paths: Sequence[AccessPath]
) -> tuple[AccessPath | None, Reason]:
    """The best path for a demand: fast enough, with a free port, slowest sufficient first (keeps fast ones free)."""
    facts: dict[str, Any] = {"name": demand.name, "mbps": demand.downstream_mbps}
    if address is None:
        return None, Reason(
            "addressMissing", N_("{name} needs an installation address; the item names none."), False, facts
        )
    fitting = [p for p in paths if p.technology in demand.technologies]
    if not fitting:
        facts["technologies"] = ", ".join(demand.technologies)
        return None, Reason("noCoverage", N_("No {technologies} network reaches this address."), False, facts)
    fast = [p for p in fitting if p.downstream_mbps >= demand.downstream_mbps]
    if not fast:
        facts["best"] = max(p.downstream_mbps for p in fitting)
        return None, Reason(
            "tooSlow", N_("The line here carries {best} Mbit/s at most; {name} needs {mbps}."), False, facts
        )
    free = [p for p in fast if p.free_ports > 0 or demand.keeps_access]
    if not free:
        facts["node"] = fast[0].node
        return None, Reason("noCapacity", N_("Access node {node} has no free port."), False, facts)
    best = min(free, key=lambda p: (not p.held, p.downstream_mbps, -p.free_ports, p.node))
    facts |= {"node": best.node, "technology": best.technology, "free": best.free_ports}
    return best, Reason(
        "covered", N_("{technology} from access node {node}, {free} ports free."), True, facts
    )


def qualify(
    demand: Demand,
    address: str | None,
    paths: Sequence[AccessPath],
    held: Iterable[str],
    others: Iterable[Demand] = (),
    segment: str = "",
) -> Feasibility:
    """Whether `demand` can be delivered at `address` to a client who holds the specifications `held`.

    `others` are the catalogue's other offerings; those that would fit here are named as alternatives. `segment`: the
    client's own, HOME or BUSINESS; empty while nobody is asked for in particular.
    """
    reasons: list[Reason] = []
    if segment and demand.segments and segment not in demand.segments:
        reasons.append(_other_segment(demand))
    path = None
    if demand.technologies:
        path, reason = _access(demand, address, paths)
        reasons.append(reason)
    owned = set(held)
    missing = [needed for needed in demand.requires if needed not in owned]
    if demand.requires_any and owned.isdisjoint(demand.requires_any):
        missing.append(" / ".join(demand.requires_any))
    for needed in missing:
        facts = {"name": demand.name, "needed": needed}
        reasons.append(Reason("needsProduct", N_("{name} works only together with {needed}."), False, facts))
    for rival in demand.excludes:
        if rival in owned:
            facts = {"name": demand.name, "rival": rival}
            reasons.append(
                Reason(
                    "excludedBy",
                    N_("{name} cannot stand beside {rival}, which the client has."),
                    False,
                    facts,
                )
            )
    if demand.requires or demand.requires_any or demand.excludes or not reasons:
        compatible = all(r.ok for r in reasons if r.code in {"needsProduct", "excludedBy"})
        if compatible:
            reasons.append(Reason("compatible", N_("Compatible with the client's products."), True))
    eligible = all(r.ok for r in reasons)
    alternatives = () if eligible else _alternatives(demand, address, paths, owned, others, segment)
    return Feasibility(eligible, tuple(reasons), path, alternatives)


def _other_segment(demand: Demand) -> Reason:
    facts: dict[str, Any] = {"name": demand.name, "segments": ", ".join(demand.segments)}
    if demand.segments == (BUSINESS,):
        return Reason("otherSegment", N_("{name} is sold to businesses only."), False, facts)
    if demand.segments == (HOME,):
        return Reason("otherSegment", N_("{name} is sold to private persons only."), False, facts)
    return Reason("otherSegment", N_("{name} is sold to other clients: {segments}."), False, facts)


def shared(answers: Mapping[str, Feasibility], keeping: Container[str] = ()) -> dict[str, Feasibility]:
    """The answers to several demands of one order, which share the free ports of a node: those for which none is left
    are no more eligible. `keeping`: demands whose line stands already."""
    taken: dict[str, int] = {}
    result = dict(answers)
    for id, answer in answers.items():
        path = answer.path
        if path is None or not answer.eligible or id in keeping:
            continue
        taken[path.node] = taken.get(path.node, 0) + 1
        if path.free_ports and taken[path.node] > path.free_ports:
            reason = Reason(
                "noCapacity",
                N_("Access node {node} has {free} free ports; the order needs more."),
                False,
                {"node": path.node, "free": path.free_ports},
            )
            result[id] = Feasibility(False, (*answer.reasons, reason), path)
    return result


def _alternatives(
    demand: Demand,
    address: str | None,
    paths: Sequence[AccessPath],
    owned: set[str],
    others: Iterable[Demand],
    segment: str,
) -> tuple[str, ...]:
    """At most three offerings of the same kind (they need an access line too) that fit, fastest first."""
    if not demand.technologies:
        return ()
    fitting = [
        o
        for o in others
        if o.offering != demand.offering
        and o.technologies
        and qualify(o, address, paths, owned, segment=segment).eligible
    ]
    fitting.sort(key=lambda o: (-o.downstream_mbps, o.offering))
    return tuple(o.offering for o in fitting[:3])
