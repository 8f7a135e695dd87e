"""What an answer must say, what parts come to, prices and limits, the memory of earlier assessments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.agreement import rules_quote as prices
from abonent.domain.agreement.documents import lead_days, longest, ran_out
from abonent.domain.agreement.rules_quote import DEFAULT_POLICY, Sum
from abonent.domain.agreement.states import QUOTE
from abonent.domain.order_handling import rules_quoted
from abonent.domain.order_handling.plan import Task
from abonent.domain.qualification import rules_engineering as rules
from abonent.domain.qualification.rules_engineering import Answer
from abonent.domain.qualification.rules_similar import Wish, metres_between, similar
from abonent.domain.qualification.states_engineering import ENGINEERING_ASSESSMENT
from abonent.faces.console.requests.fields import amount
from abonent.kit.access import Role
from abonent.kit.errors import BadInput, Forbidden, IllegalMove
from abonent.kit.values import to_wire

NOW = datetime(2026, 5, 26, 9, tzinfo=UTC)
GOOD = Answer(Decimal(48_000), Decimal(500), 30, NOW + timedelta(days=30))


# ---- answers and totals


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("once", replace(GOOD, once=Decimal(-1))),
        ("monthly", replace(GOOD, monthly=Decimal(10) ** 11)),
        ("leadTimeDays", replace(GOOD, days=1001)),
        ("validUntil", replace(GOOD, valid_until=NOW)),
        ("downstreamMbps", replace(GOOD, node="N-1")),
    ],
)
def test_an_answer_that_cannot_be_meant_is_refused_at_its_field(field: str, answer: Answer) -> None:
    with pytest.raises(BadInput) as refused:
        rules.check_answer(answer, NOW)
    assert refused.value.facts["path"] == field


amounts = st.decimals(0, 10**9, places=2)
answers = st.builds(
    Answer,
    amounts,
    amounts,
    st.integers(0, 1000),
    st.integers(1, 1000).map(lambda days: NOW + timedelta(days=days)),
)


@given(st.lists(answers, min_size=1, max_size=6))
def test_parts_add_up_side_by_side(given_answers: list[Answer]) -> None:
    parts = [
        rules.with_answer({"id": str(n), "engineer": "pavel"}, each, "pavel", NOW)
        for n, each in enumerate(given_answers)
    ]
    whole = rules.total(parts)
    assert whole is not None
    assert whole.cost.once == sum(a.once for a in given_answers)
    assert whole.cost.monthly == sum(a.monthly for a in given_answers)
    assert whole.days == max(a.days for a in given_answers)
    assert whole.valid_until == min(a.valid_until for a in given_answers)
    assert [rules.answer_of(p) for p in parts] == given_answers
    assert rules.total([*parts, {"id": "x", "engineer": "vera"}]) is None


def test_without_parts_there_is_no_total() -> None:
    assert rules.total([]) is None


@pytest.mark.parametrize(
    ("text", "sum"),
    [("48000", "48000"), ("48 000,50", "48000.50"), ("48,000.50", "48000.50"), ("48,000", "48000"), ("48,5", "48.5")],
)  # fmt: skip
def test_sums_are_read_as_people_write_them(text: str, sum: str) -> None:
    assert amount({"once": text}, "once") == Decimal(sum)


@pytest.mark.parametrize("text", ["", "many", "-1", "1.234", "1e5000", "NaN", "99999999999"])
def test_what_is_no_sum_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        amount({"once": text}, "once")
    assert refused.value.facts["path"] == "once"


# ---- prices and who may


def test_the_price_is_the_cost_with_its_margin() -> None:
    price = prices.proposed(Sum(Decimal(48_000), Decimal(700)), DEFAULT_POLICY)
    assert (price.once, price.monthly) == (Decimal("60000.00"), Decimal("980.00"))


@given(amounts, amounts)
def test_the_usual_price_is_never_thin(once: Decimal, monthly: Decimal) -> None:
    cost = Sum(once, monthly)
    price = prices.proposed(cost, DEFAULT_POLICY)
    # A cost of a few hundredths is rounded; its margin is no matter of policy.
    assert once < 1 or monthly < 1 or not prices.thin(price, cost, DEFAULT_POLICY)
    assert prices.price_of(prices.price_entries(price)) == price


def test_a_price_below_the_least_margin_is_thin() -> None:
    cost = Sum(Decimal(1000), Decimal(0))
    assert prices.thin(Sum(Decimal("1099.99"), Decimal(0)), cost, DEFAULT_POLICY)
    assert not prices.thin(Sum(Decimal(1100), Decimal(0)), cost, DEFAULT_POLICY)
    # What costs nothing earns no share; a free gift of it is not thin.
    assert not prices.thin(Sum(Decimal(1100), Decimal(0)), Sum(Decimal(1000), Decimal(0)), DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("once", "monthly", "able"),
    [
        (50_000, 5_000, [Role.ENGINEER, Role.MANAGER, Role.ADMIN]),
        (50_001, 0, [Role.MANAGER, Role.ADMIN]),
        (0, 5_001, [Role.MANAGER, Role.ADMIN]),
        (1_000_001, 0, [Role.ADMIN]),
        (10_000_001, 0, []),
    ],
)
def test_who_may_approve_what(once: int, monthly: int, able: list[Role]) -> None:
    cost = Sum(Decimal(once), Decimal(monthly))
    assert prices.who_may(DEFAULT_POLICY, cost) == able
    for role in (Role.AGENT, Role.ENGINEER, Role.MANAGER, Role.ADMIN):
        if role not in able:
            with pytest.raises(Forbidden):
                prices.demand_approval(DEFAULT_POLICY, role, cost)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quoteDays": 0},
        {"marginOnce": -1},
        {"approvalLimit": [{"role": "manager", "once": 1, "monthly": 1}] * 2},
        {"approvalLimit": [{"role": "manager", "once": -1, "monthly": 1}]},
    ],
)
def test_a_policy_that_could_not_decide_is_refused(wrong: dict[str, Any]) -> None:
    prices.check_policy(DEFAULT_POLICY)
    with pytest.raises(BadInput):
        prices.check_policy({**DEFAULT_POLICY, **wrong})


def test_a_quote_is_never_good_for_longer_than_its_costs() -> None:
    assert longest(NOW, 14, None) == NOW + timedelta(days=14)
    assert longest(NOW, 14, NOW + timedelta(days=3)) == NOW + timedelta(days=3)
    assert longest(NOW, 14, NOW + timedelta(days=30)) == NOW + timedelta(days=14)


def test_running_out_is_told_from_calling_off() -> None:
    assert ran_out({"state": "cancelled", "note": [{"id": "expired-1"}]})
    assert not ran_out({"state": "cancelled", "note": [{"id": "calledOff-1"}]})
    assert not ran_out({"state": "approved"})
    assert lead_days({"quoteItem": []}) == 0


@pytest.mark.parametrize("machine", [QUOTE, ENGINEERING_ASSESSMENT])
def test_every_pair_of_states_is_legal_or_refused(machine: Any) -> None:
    for old in machine.states:
        for new in machine.states - {old}:
            if machine.may(old, new):
                assert machine.check("it", old, new)
            else:
                with pytest.raises(IllegalMove):
                    machine.check("it", old, new)
    assert machine.final


# ---- memory

HERE = {"id": "A-1", "city": "Yaroslavl", "streetName": "Svobody", "streetNr": "12"}
MAP = {"geographicLocation": {"geometry": [{"x": "39.8700", "y": "57.6260"}]}}


def earlier(id: str = "EA-1", mbps: int | None = 500, state: str = "approved", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "build",
        "state": state,
        "requestedCharacteristic": [{"name": "downstream", "value": mbps}] if mbps else [],
        "part": [{"id": "1", "engineer": "pavel", "answeredBy": "pavel", "node": "N-1"}],
        "total": Sum(Decimal(48_000), Decimal(0)).document(),
        "leadTimeDays": 30,
        "validFor": {
            "startDateTime": "2026-05-12T09:00:00.000Z",
            "endDateTime": to_wire(NOW + timedelta(days=30)),
        },
        **more,
    }


def found(place: dict[str, Any], wish: Wish | None = None, **more: Any) -> list[tuple[str, int | None]]:
    answer = similar(wish or Wish("build", 300, HERE), [(earlier(**more), place)], within=300, now=NOW)
    return [(s.nearness, s.metres) for s in answer]


def test_the_same_address_house_and_street_are_near() -> None:
    assert found(HERE) == [("address", 0)]
    assert found({**HERE, "id": "A-9", "streetName": "SVOBODY "}) == [("house", None)]
    assert found({**HERE, "id": "A-9", "streetNr": "40"}) == [("street", None)]
    assert found({**HERE, "id": "A-9", "city": "Tver"}) == []


def test_on_the_map_the_distance_decides() -> None:
    there = {**HERE, "id": "A-9", "streetNr": "40"}
    wish = Wish("build", 300, HERE | MAP)
    near = {"geographicLocation": {"geometry": [{"x": "39.8730", "y": "57.6260"}]}}
    far = {"geographicLocation": {"geometry": [{"x": "39.8800", "y": "57.6260"}]}}
    assert found(there | near, wish) == [("near", 179)]
    assert found(there | far, wish) == []
    # Near by, but on a line from a node that does not come here.
    assert found(there | near, replace(wish, nodes=frozenset({"N-7"}))) == []
    assert found(there | near, replace(wish, nodes=frozenset({"N-1"}))) == [("near", 179)]


def test_kind_and_speed_must_suit() -> None:
    assert found(HERE, Wish("sla", 300, HERE)) == []
    assert found(HERE, Wish("build", 500, HERE)) and found(HERE, Wish("build", None, HERE))
    assert found(HERE, Wish("build", 501, HERE)) == []
    assert found(HERE, mbps=None) == []


def test_what_holds_comes_first_then_the_nearest_then_the_newest() -> None:
    old: dict[str, Any] = {
        "validFor": {"startDateTime": "2025-05-12T09:00:00.000Z", "endDateTime": to_wire(NOW)}
    }
    street = {**HERE, "id": "A-9", "streetNr": "40"}
    listed = [(earlier("past", **old), HERE), (earlier("street"), street), (earlier("here"), HERE),
              (earlier("expired", state="expired"), HERE)]  # fmt: skip
    answer = similar(Wish("build", 300, HERE), listed, within=300, now=NOW)
    assert [(s.id, s.usable) for s in answer] == [
        ("here", True),
        ("street", True),
        ("expired", False),
        ("past", False),
    ]


points = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(points, points)
def test_distance_is_the_same_both_ways(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert metres_between(one, one) == pytest.approx(0, abs=1e-3)
    assert metres_between(one, other) == pytest.approx(metres_between(other, one))
    assert 0 <= metres_between(one, other) <= 20_100_000


# ---- the order of a quote


def test_what_is_built_takes_what_the_other_tasks_leave_of_the_lead_time() -> None:
    quote = {"id": "QU-1", "state": "accepted", "quoteItem": [{"id": "1"}]}
    order = {
        "productOrderItem": [
            {
                "id": "1",
                "action": "add",
                "quoteItem": {"id": "1", "quoteId": "QU-1"},
                "itemTerm": [{"name": "leadTime", "duration": {"amount": 2, "units": "day"}}],
                "product": {"productCharacteristic": [{"name": "downstream", "value": 500}]},
            }
        ]
    }
    limits = [{"name": "downstream", "min": 90, "max": 110}, {"name": "loss", "max": 1}]
    tasks = [
        Task(id="1.port", item="1", name={}, kind="reserve", minutes=80),
        Task(id="1.test", item="1", name={}, kind="serviceTest", minutes=100, depends_on=["1.port"],
             spec={"limits": limits}),
    ]  # fmt: skip
    access = {"QU-1": {"node": "N-1", "technology": "GPON", "downstreamMbps": 1000}}
    build, port, test = rules_quoted.with_building(order, tasks, {"QU-1": quote}, access)
    assert (build.kind, build.minutes, build.point_of_no_return) == ("build", 2 * 1440 - 180, True)
    assert port.depends_on == ["1.build"] and port.spec["node"] == "N-1"
    assert test.depends_on == ["1.port"]
    assert test.spec["limits"] == [{"name": "downstream", "min": 450, "max": 550}, {"name": "loss", "max": 1}]
    # Without an accepted quote nothing is built.
    assert rules_quoted.with_building(order, tasks, {}, {}) == tasks
