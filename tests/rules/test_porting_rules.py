"""What numbers may be brought, in which time, and what the answers of the clearing house do to a request."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import rules_cancel, rules_numbers
from abonent.domain.order_handling import rules_porting as rules
from abonent.domain.order_handling.plan import Task
from abonent.domain.order_handling.porting_resources import PORTING_STATES
from abonent.domain.order_handling.ports import PortingReport
from abonent.kit.errors import BadInput, IllegalMove
from tests.support.porting import BROUGHT, mobile
from tests.support.world import item, order

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TERMS = rules.Terms()
PERSON = {"id": "C-1", "name": "Анна Соколова", "engagedParty": {"@referredType": "Individual"}}
BUSINESS = {"id": "C-2", "name": "ООО Причал", "engagedParty": {"@referredType": "Organization"}}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("+79161234567", "+79161234567"),
        ("8 (916) 123-45-67", "+79161234567"),
        ("7 916 123 45 67", "+79161234567"),
        ("+7\u00a0916\u00a0123-45-67", "+79161234567"),
        ("", ""),
        ("ask me", "ask me"),
        ("+7916+1234567", "+7916+1234567"),
        ("+4915112345678", "+4915112345678"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, meant: str) -> None:
    assert rules.plain(typed) == meant


@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_every_number_of_a_mobile_code_may_be_brought_however_it_is_written(n: int) -> None:
    number = f"+79{n:09d}"
    spelled = f"8 ({number[2:5]}) {number[5:8]}-{number[8:10]}-{number[10:]}"
    assert rules.plain(spelled) == rules.plain(number) == number
    assert rules.problem(number, TERMS) is None


@given(st.text(max_size=20))
def test_whatever_is_typed_is_read_without_an_error(typed: str) -> None:
    number = rules.plain(typed)
    assert rules.plain(number) == number or rules.problem(number, TERMS) is not None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "numberMissing"),
        ("abc", "numberMalformed"),
        ("+7", "numberMalformed"),
        ("+" + "7" * 16, "numberMalformed"),
        ("+74852123456", "numberNotMobile"),
        ("+4915112345678", "numberNotMobile"),
        ("+7916123456", "numberMalformed"),
        ("+791612345678", "numberMalformed"),
    ],
)
def test_what_is_no_mobile_number_is_refused_with_how_to_mend_it(number: str, code: str) -> None:
    with pytest.raises(BadInput) as no:
        rules.check(order(mobile(number)), {"1": TERMS})
    assert no.value.code == code
    assert no.value.facts["path"] == "productOrderItem 1, phoneNumber"
    assert "+79161234567" in str(no.value) or "+79" in str(no.value)


def test_an_offering_has_to_allow_it_and_a_number_is_brought_once() -> None:
    with pytest.raises(BadInput) as no:
        rules.check(order(mobile()), {"1": None})
    assert (no.value.code, no.value.facts["path"]) == ("portInNotOffered", "productOrderItem 1, portIn")
    two = order(mobile(), mobile("8 916 123-45-67", "2"))
    with pytest.raises(BadInput) as twice:
        rules.check(two, {"1": TERMS, "2": TERMS})
    assert (twice.value.code, twice.value.facts["other"]) == ("numberTwice", "1")
    with pytest.raises(BadInput) as long:
        rules.check(order(mobile(donorOperator="x" * 121)), {"1": TERMS})
    assert (long.value.code, long.value.facts["path"]) == ("tooLong", "productOrderItem 1, donorOperator")
    rules.check(order(mobile(), mobile("+79161234568", "2")), {"1": TERMS, "2": TERMS})


@pytest.mark.parametrize("said", [True, "true", "1", "on", "True"])
def test_an_item_says_that_it_brings_a_number(said: Any) -> None:
    wish = rules.wish_of(mobile(portIn=said, numberOwner="Пётр Соколов"))
    assert wish == rules.Wish("1", BROUGHT, "Северная сотовая", "Пётр Соколов")


@pytest.mark.parametrize("said", [False, "false", "", None, "no"])
def test_an_item_that_does_not_say_so_names_a_number_of_ours(said: Any) -> None:
    assert rules.wish_of(mobile(portIn=said)) is None
    assert rules_numbers.named(order(mobile(portIn=said)))["1"]["phoneNumber"] == BROUGHT


def test_only_what_is_added_and_still_wanted_brings_a_number() -> None:
    assert rules.wish_of(mobile() | {"action": "modify"}) is None
    assert rules.wishes(order(mobile() | {"state": "cancelled"})) == {}
    # The pools are not asked for it.
    assert "phoneNumber" not in rules_numbers.named(order(mobile()))["1"]


def test_terms_are_the_catalogues() -> None:
    assert rules.terms_of([{"kind": "reserve", "spec": {"pool": "N"}}, {"kind": "inventory"}]) is None
    assert rules.terms_of([{"spec": {"portIn": True}}]) == rules.Terms(8, 29, "+79", 11)
    told = {"personDays": 3, "businessDays": 10, "prefix": "+491", "digits": 13}
    assert rules.terms_of([{"spec": {"portIn": told}}]) == rules.Terms(3, 10, "+491", 13)


def _tasks(terms: Any = True) -> list[Task]:
    number = {"pool": "N", "characteristic": "phoneNumber"} | ({"portIn": terms} if terms else {})
    return [
        Task(id="1.number", item="1", name={"en": "n"}, kind="reserve", minutes=1, spec=number),
        Task(id="1.card", item="1", name={"en": "c"}, kind="reserve", minutes=1, spec={"pool": "C"}),
        Task(
            id="1.activate",
            item="1",
            name={"en": "a"},
            kind="serviceOrder",
            minutes=30,
            depends_on=["1.number", "1.card"],
        ),
    ]


@pytest.mark.parametrize(
    ("customer", "ready"),
    [
        # 24 November 09:00 and 8 days: 2 December 09:00; half an hour to activate the card.
        (PERSON, datetime(2026, 12, 2, 9, 30, tzinfo=UTC)),
        # 24 November and 29 days: 6 are left of November, so 23 December.
        (BUSINESS, datetime(2026, 12, 23, 9, 30, tzinfo=UTC)),
        (None, datetime(2026, 12, 2, 9, 30, tzinfo=UTC)),
    ],
)
def test_the_promise_counts_on_the_longest_time(customer: Any, ready: datetime) -> None:
    tasks = rules.with_porting(order(mobile()), _tasks(), customer)
    assert [t.kind for t in tasks] == ["portIn", "reserve", "serviceOrder"]
    plan = planning.build("O-1", tasks, now=NOW, requested=None, customer="C-1")
    assert planning.from_wire(plan.planned_end) == ready
    assert {t.id for t in plan.ready} == {"1.number", "1.card"}


def test_who_brings_no_number_waits_for_none() -> None:
    plain = item("1", "mobile", address=None)
    assert [t.kind for t in rules.with_porting(order(plain), _tasks(), PERSON)] == [
        "reserve",
        "reserve",
        "serviceOrder",
    ]


def _request(**more: Any) -> dict[str, Any]:
    task = rules.with_porting(order(mobile()), _tasks(), PERSON)[0]
    wish = rules.wish_of(mobile())
    assert wish is not None
    made = rules.new_request("O-1/1.number", order(mobile()) | {"id": "O-1"}, task, wish, PERSON, NOW)
    return made | more


def test_a_request_names_the_owner_and_the_last_day() -> None:
    made = _request()
    assert (made["id"], made["state"], made["numberOwner"]) == ("PRT-1-1.number", "asked", "Анна Соколова")
    assert (made["latest"], made["forBusiness"]) == ("2026-12-02T09:00:00.000Z", False)


WINDOW = (NOW + timedelta(days=3), NOW + timedelta(days=3, hours=6))
STORY = [
    PortingReport("k", "received", at=NOW, external_id="NP-1"),
    PortingReport("k", "accepted", at=NOW + timedelta(hours=1), window=WINDOW, donor="Волга"),
    PortingReport("k", "ported", at=WINDOW[0]),
]


def test_reports_in_any_order_and_any_number_of_times_end_alike() -> None:
    for order_ in permutations([*STORY, *STORY]):
        request = _request()
        for told in order_:
            request = rules.taken_up(request, told) or request
        assert request["state"] == "ported"
        assert request["reportedAt"] == "2026-11-27T09:00:00.000Z"


def test_a_window_may_be_agreed_anew_and_an_old_report_of_it_is_nothing() -> None:
    request = rules.taken_up(_request(), STORY[1])
    assert request is not None
    later = (WINDOW[0] + timedelta(days=1), WINDOW[1] + timedelta(days=1))
    moved = rules.taken_up(request, PortingReport("k", "accepted", at=NOW + timedelta(hours=5), window=later))
    assert moved is not None
    assert rules.window_of(moved) == later
    assert rules.taken_up(moved, STORY[1]) is None
    # The donor named himself only because the client had not.
    assert moved["donorOperator"] == "Северная сотовая"


@pytest.mark.parametrize(("state", "told"), list(product(PORTING_STATES.moves, PORTING_STATES.moves)))
def test_every_pair_of_states_is_a_legal_move_or_nothing(state: str, told: str) -> None:
    fresh = rules.taken_up(_request(state=state), PortingReport("k", told, at=NOW))
    moves = PORTING_STATES.moves[state]
    if told in moves:
        assert fresh is not None
        assert fresh["state"] == told
    else:
        # The same state told again may bring news (a window, a moment); it never moves the request.
        assert fresh is None or fresh["state"] == state


@pytest.mark.parametrize("code", rules.REFUSALS)
def test_each_reason_of_donors_is_said_in_words_for_the_client(code: str) -> None:
    said = rules.reason_of(code, "subscriber debt 340")
    assert "340" not in said
    assert said.endswith(".")


def test_a_reason_that_nobody_knows_is_told_as_the_donor_says_it() -> None:
    assert rules.reason_of("other", "line 7") == "The other operator does not let the number go: line 7"
    refused = rules.taken_up(_request(), PortingReport("k", "refused", at=NOW, code="debt", text="340"))
    assert refused is not None
    assert refused["refusal"] == {"code": "debt", "text": "340"}


def test_it_is_asked_at_the_window_else_after_the_usual_while() -> None:
    hour = timedelta(hours=1)
    assert rules.ask_again_at(_request(), NOW, hour) == NOW + hour
    agreed = rules.taken_up(_request(), STORY[1]) or {}
    assert rules.ask_again_at(agreed, NOW, hour) == WINDOW[0]
    assert rules.ask_again_at(agreed, WINDOW[0], hour) == WINDOW[0] + hour


def test_what_the_clearing_house_is_at_cannot_become_another_number() -> None:
    before = order(mobile(), id="O-1")
    plan = planning.build(
        "O-1", rules.with_porting(before, _tasks(), PERSON), now=NOW, requested=None, customer="C-1"
    )
    after = order(mobile("+79161234568"), id="O-1")
    rules.check_amended(before, after, plan)
    busy = planning.started(plan, "1.number", NOW)
    with pytest.raises(IllegalMove) as no:
        rules.check_amended(before, after, busy)
    assert no.value.code == "portingUnderWay"
    rules.check_amended(before, before, busy)
    rules.check_amended(before, order(mobile() | {"state": "pendingCancellation"}), busy)
    refused = planning.failed(busy, "1.number", NOW, reason="debt")
    rules.check_amended(before, after, refused)


def test_taking_back_what_came_takes_no_days() -> None:
    plan = planning.build(
        "O-1", rules.with_porting(order(mobile()), _tasks(), PERSON), now=NOW, requested=None, customer="C-1"
    )
    done = planning.completed(
        planning.started(plan, "1.number", NOW), "1.number", NOW, result="", output={"porting": "k"}
    )
    undone = rules_cancel.taken_back(done, ["1"], NOW, reason="r")
    undo = next(t for t in undone.task if t.undoes == "1.number")
    assert (undo.kind, undo.minutes, undo.state) == ("portIn", 1.0, "ready")
