"""Can it be delivered: coverage, speed, capacity, compatibility, and what would fit instead."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.qualification.rules import BUSINESS, HOME, AccessPath, Demand, Feasibility, qualify
from abonent.domain.qualification.rules_availability import segment_of


def path(node: str = "N-1", technology: str = "GPON", mbps: int = 300, free: int = 4) -> AccessPath:
    return AccessPath(node, technology, mbps, free)


def demand(mbps: int = 100, offering: str = "fibre", technologies: tuple[str, ...] = ("GPON",),
           requires: tuple[str, ...] = (), excludes: tuple[str, ...] = (),
           keeps_access: bool = False, segments: tuple[str, ...] = ()) -> Demand:  # fmt: skip
    return Demand(offering, offering, f"PS-{offering}", technologies, mbps, requires, excludes, keeps_access,
                  segments=segments)  # fmt: skip


def codes(answer: Feasibility) -> list[str]:
    return [r.code for r in answer.reasons if not r.ok]


def test_covered_by_the_slowest_path_that_suffices() -> None:
    paths = [path("fast", mbps=1000), path("enough", mbps=100), path("slow", mbps=50)]
    answer = qualify(demand(100), "A-1", paths, [])
    assert answer.eligible and answer.path == paths[1]
    assert answer.reasons[0].code == "covered"
    assert answer.reasons[0].facts["node"] == "enough"


def test_among_equals_the_emptier_node_is_taken() -> None:
    answer = qualify(demand(), "A-1", [path("a", free=1), path("b", free=9)], [])
    assert answer.path and answer.path.node == "b"


@pytest.mark.parametrize(
    ("address", "paths", "code"),
    [
        (None, [path()], "addressMissing"),
        ("A-1", [], "noCoverage"),
        ("A-1", [path(technology="ADSL")], "noCoverage"),
        ("A-1", [path(mbps=99)], "tooSlow"),
        ("A-1", [path(free=0)], "noCapacity"),
        # A fast node without ports and a free one that is too slow: neither carries it.
        ("A-1", [path(mbps=300, free=0), path("N-2", mbps=50)], "noCapacity"),
    ],
)
def test_why_not(address: str | None, paths: list[AccessPath], code: str) -> None:
    answer = qualify(demand(100), address, paths, [])
    assert not answer.eligible and answer.path is None
    assert codes(answer) == [code]
    # Every reason is a sentence that can be said with its own facts.
    assert all("{" not in r.text.format(**r.facts) for r in answer.reasons)


def test_what_needs_no_line_needs_no_address() -> None:
    answer = qualify(demand(technologies=()), None, [], [])
    assert answer.eligible and answer.path is None
    assert [r.code for r in answer.reasons] == ["compatible"]


def test_a_product_that_keeps_its_line_needs_no_free_port() -> None:
    assert qualify(demand(keeps_access=True), "A-1", [path(free=0)], []).eligible
    assert codes(qualify(demand(500, keeps_access=True), "A-1", [path(free=0)], [])) == ["tooSlow"]


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([], ["needsProduct"]),
        (["PS-fibre"], []),
        (["PS-fibre", "PS-rival"], ["excludedBy"]),
        (["PS-rival"], ["needsProduct", "excludedBy"]),
    ],
)
def test_compatibility_with_what_the_client_holds(held: list[str], found: list[str]) -> None:
    television = demand(technologies=(), requires=("PS-fibre",), excludes=("PS-rival",))
    answer = qualify(television, None, [], held)
    assert codes(answer) == found
    assert answer.eligible == (not found)


def test_alternatives_are_of_the_same_kind_and_fit_here() -> None:
    others = [
        demand(50, "slow"),
        demand(300, "best"),
        demand(200, "better"),
        demand(100, "good"),
        demand(900, "too-fast"),
        demand(100, "adsl", ("ADSL",)),
        demand(0, "tv", ()),
        demand(500, "turbo"),
        demand(200, "needs", requires=("PS-x",)),
    ]
    answer = qualify(demand(500, "turbo"), "A-1", [path(mbps=300)], [], others)
    assert codes(answer) == ["tooSlow"]
    assert answer.alternatives == ("best", "better", "good")


@pytest.mark.parametrize(
    ("sold_to", "client", "text"),
    [
        ((), HOME, None),
        ((), BUSINESS, None),
        ((BUSINESS,), BUSINESS, None),
        ((HOME,), HOME, None),
        ((HOME, BUSINESS), HOME, None),
        # Nobody in particular asks: a catalogue page, a check without a client.
        ((BUSINESS,), "", None),
        ((BUSINESS,), HOME, "fibre is sold to businesses only."),
        ((HOME,), BUSINESS, "fibre is sold to private persons only."),
        (("wholesale", BUSINESS), HOME, "fibre is sold to other clients: wholesale, business."),
    ],
)
def test_who_it_is_sold_to(sold_to: tuple[str, ...], client: str, text: str | None) -> None:
    answer = qualify(demand(100, "fibre", segments=sold_to), "A-1", [path()], [], segment=client)
    assert answer.eligible == (text is None)
    told = [r.text.format(**r.facts) for r in answer.reasons if r.code == "otherSegment"]
    assert told == ([text] if text else [])


def test_what_is_sold_to_others_is_no_alternative() -> None:
    others = [
        demand(200, "office", segments=(BUSINESS,)),
        demand(150, "home", segments=(HOME,)),
        demand(100, "all"),
    ]
    for client, fitting in (
        (HOME, ("home", "all")),
        (BUSINESS, ("office", "all")),
        ("", ("office", "home", "all")),
    ):
        answer = qualify(demand(500, "turbo"), "A-1", [path(mbps=300)], [], others, client)
        assert answer.alternatives == fitting


@pytest.mark.parametrize(
    ("customer", "segment"),
    [
        (None, ""),
        ({"id": "C-1"}, HOME),
        ({"id": "C-1", "engagedParty": {"id": "I-1", "@referredType": "Individual"}}, HOME),
        ({"id": "C-1", "engagedParty": {"id": "ORG-1", "@referredType": "Organization"}}, BUSINESS),
    ],
)
def test_the_segment_of_a_client(customer: dict[str, Any] | None, segment: str) -> None:
    assert segment_of(customer) == segment


def test_there_are_no_alternatives_to_what_fits() -> None:
    assert qualify(demand(), "A-1", [path()], [], [demand(200, "other")]).alternatives == ()


@given(
    st.integers(0, 1000),
    st.lists(
        st.builds(
            AccessPath,
            st.sampled_from(["N-1", "N-2", "N-3"]),
            st.sampled_from(["GPON", "ADSL", "FTTB"]),
            st.integers(0, 1000),
            st.integers(0, 3),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_eligible_exactly_when_some_path_carries_it(mbps: int, paths: list[AccessPath], keeps: bool) -> None:
    wanted = demand(mbps, technologies=("GPON", "FTTB"), keeps_access=keeps)
    carrying = [
        p
        for p in paths
        if p.technology in ("GPON", "FTTB") and p.downstream_mbps >= mbps and (keeps or p.free_ports)
    ]
    answer = qualify(wanted, "A-1", paths, [])
    assert answer.eligible == bool(carrying)
    if carrying:
        assert answer.path in carrying
        assert answer.path.downstream_mbps == min(p.downstream_mbps for p in carrying)
