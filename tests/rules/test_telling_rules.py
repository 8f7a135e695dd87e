"""Which rule decides what is told: an offering's, a category's, the default one; and what a rule may say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.communication.rules_telling import (
    BUILT_IN,
    MAX_DELAY,
    allowed,
    decide,
    faults,
    follow_days,
    rule_id,
    rules_wanted,
)
from abonent.faces.console.follow.view import followed, no_more, steps
from abonent.kit.i18n import Translator

EVENT = "productOrder.completed"
FIBRE = {"id": "fibre", "category": [{"id": "home"}]}
TV = {"id": "tv", "category": [{"id": "home"}]}


def rule(id: str, **said: Any) -> dict[str, dict[str, Any]]:
    return {id: {"id": id, "telling": [{"event": EVENT, **said}]}}


def test_the_nearest_rule_that_names_the_event_decides() -> None:
    wanted = rules_wanted([FIBRE])
    assert wanted == [["offering.fibre"], ["category.home"], ["default"]]
    assert decide(EVENT, wanted, {}) == BUILT_IN
    rules = rule("default", delayMinutes=5)
    assert (decide(EVENT, wanted, rules).delay, decide(EVENT, wanted, rules).by) == (5, "default")
    rules |= rule("category.home", told=False)
    assert not decide(EVENT, wanted, rules).told
    rules |= rule("offering.fibre", channel=["SMS"])
    assert decide(EVENT, wanted, rules).channels == ("SMS",)
    # Another event is none of its business.
    assert decide("productOrder.held", wanted, rules) == BUILT_IN


def test_of_several_offerings_any_that_wants_it_told_is_heard() -> None:
    wanted = rules_wanted([FIBRE, TV])
    rules = rule("offering.fibre", told=False) | rule(
        "offering.tv", channel=["SMS"], delayMinutes=30, link=False
    )
    told = decide(EVENT, wanted, rules)
    assert (told.told, told.channels, told.delay, told.link) == (True, ("SMS",), 30, False)
    both = rule("offering.fibre", channel=["email"], delayMinutes=10) | rule("offering.tv", channel=["SMS"])
    assert decide(EVENT, wanted, both).channels == ("email", "SMS")
    assert decide(EVENT, wanted, both).delay == 0
    assert decide(EVENT, wanted, both | rule("offering.tv")).channels == ()
    silent = rule("offering.fibre", told=False) | rule("offering.tv", told=False)
    assert not decide(EVENT, wanted, silent).told


@given(
    st.dictionaries(st.sampled_from(["email", "SMS"]), st.text(min_size=1), max_size=2),
    st.lists(st.sampled_from(["email", "SMS"]), unique=True),
)
def test_a_rule_narrows_the_channels_but_never_to_none(
    addresses: dict[str, str], channels: list[str]
) -> None:
    kept = allowed(addresses, channels)
    assert bool(kept) == bool(addresses)
    assert set(kept) <= set(addresses)
    if set(addresses) & set(channels):
        assert set(kept) <= set(channels)
    assert list(kept) == [c for c in addresses if c in kept]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"scope": "offering", "telling": []}, "subject"),
        ({"scope": "default", "subject": {"id": "x"}, "telling": []}, "subject"),
        ({"scope": "default", "followDays": 366, "telling": []}, "followDays"),
        ({"scope": "category", "subject": {"id": "x"}, "followDays": 3, "telling": []}, "followDays"),
        ({"scope": "default", "telling": [{"event": "productOrder.lost"}]}, "telling[0].event"),
        ({"scope": "default", "telling": [{"event": EVENT}, {"event": EVENT}]}, "telling[1].event"),
        ({"scope": "default", "telling": [{"event": EVENT, "delayMinutes": -1}]}, "telling[0].delayMinutes"),
        (
            {"scope": "default", "telling": [{"event": EVENT, "delayMinutes": MAX_DELAY + 1}]},
            "telling[0].delayMinutes",
        ),
        (
            {"scope": "default", "telling": [{"event": EVENT, "channel": ["SMS", "SMS"]}]},
            "telling[0].channel",
        ),
        ({"scope": "default", "telling": [{"event": EVENT, "variant": "gold"}]}, "telling[0].variant"),
    ],
)
def test_what_keeps_a_rule_from_being_saved(document: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in faults(document)] == [path]


def test_a_rule_that_is_fit() -> None:
    telling = {"event": EVENT, "told": True, "channel": ["SMS"], "delayMinutes": 0, "variant": "gold"}
    assert faults({"scope": "default", "followDays": 0, "telling": [telling]}, [(EVENT, "gold")]) == []
    assert (rule_id("default"), rule_id("offering", "fibre")) == ("default", "offering.fibre")
    assert (follow_days(None), follow_days({}), follow_days({"followDays": 0})) == (30, 30, 0)


NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)


def order(state: str, **more: Any) -> dict[str, Any]:
    return {"id": "O-1", "state": state, "orderDate": "2026-06-01T09:00:00.000Z", **more}


@pytest.mark.parametrize("days", [0, 1, 30])
def test_the_page_of_an_order_is_closed_some_days_after_its_end(days: int) -> None:
    done = order("completed", completionDate="2026-06-10T09:00:00.000Z")
    assert not no_more(done, days, NOW + timedelta(days=days))
    assert no_more(done, days, NOW + timedelta(days=days, seconds=1))
    assert not no_more(order("inProgress"), days, NOW + timedelta(days=4000))


def task(kind: str, state: str, **more: Any) -> dict[str, Any]:
    return {"id": f"1.{kind}", "kind": kind, "state": state, **more}


def test_steps_in_plain_words() -> None:
    t = Translator("en")
    plan = {
        "task": [
            task("reserve", "completed"),
            task("workOrder", "inProgress"),
            task("serviceOrder", "pending"),
            task("inventory", "pending"),
            task("reserve", "pending", undoes="1.x"),
        ]
    }
    shown = steps(order("inProgress"), plan, t)
    assert [step.stands for step in shown] == ["done", "done", "done", "now", "next", "next"]
    assert [step.stands for step in steps(order("acknowledged"), None, t)] == ["done", "now", "next"]
    assert steps(order("cancelled"), plan, t) == []


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(
    "state",
    ["acknowledged", "inProgress", "pending", "held", "assessingCancellation", "pendingCancellation", "completed",
     "partial", "failed", "rejected", "cancelled"],
)  # fmt: skip
def test_every_state_says_something_and_no_reason_of_ours(state: str, lang: str) -> None:
    document = order(
        state, cancellationReason="client is rude", productOrderItem=[], note=[{"text": "secret"}]
    )
    view = followed(document, None, [], {}, NOW, Translator(lang))
    assert view.said
    assert "rude" not in repr(view) and "secret" not in repr(view)


def test_a_visit_is_movable_until_a_day_before() -> None:
    def visit(hours: float, status: str = "confirmed") -> dict[str, Any]:
        begin, end = NOW + timedelta(hours=hours), NOW + timedelta(hours=hours + 2)
        period = {"startDateTime": begin.isoformat(), "endDateTime": end.isoformat()}
        return {"id": f"V{hours}", "status": status, "validFor": period}

    visits = [visit(40, "initialized"), visit(24), visit(-3), visit(30, "cancelled")]
    shown = followed(order("inProgress"), None, visits, {}, NOW, Translator("en")).visits
    assert [(v.id, v.proposed, v.movable) for v in shown] == [("V24", False, False), ("V40", True, True)]
