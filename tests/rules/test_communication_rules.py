"""Quiet hours, preferences, filling and judging templates, what follows from attempts to send."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abonent.domain.communication.rules import (
    Preferences,
    QuietHours,
    addresses_of,
    is_quiet,
    pick_channel,
    preferences_of,
    quiet_until,
    read_quiet,
    with_preferences,
)
from abonent.domain.communication.rules_delivery import (
    LEASE,
    NO_REPORT,
    PAUSES,
    REPORT_WITHIN,
    Result,
    Step,
    attempts,
    being_sent,
    claimed,
    judged,
    reported,
    settled,
    steps,
)
from abonent.domain.communication.rules_messages import about
from abonent.domain.communication.rules_templates import faults, fill, named, sms_size
from abonent.domain.communication.texts import (
    CHANNELS,
    ORDER_TEXTS,
    PORTING_TEXTS,
    QUOTE_TEXTS,
    VISIT_TEXTS,
    built_in,
    events,
)
from abonent.kit.values import from_wire

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)

# ---- quiet hours


@pytest.mark.parametrize(
    ("now", "zone", "quiet", "until"),
    [
        # Moscow is three hours ahead of UTC and changes no clocks.
        ("2026-06-03T18:59Z", "Europe/Moscow", "22:00-08:00", None),
        ("2026-06-03T19:00Z", "Europe/Moscow", "22:00-08:00", "2026-06-04T05:00Z"),
        ("2026-06-03T23:30Z", "Europe/Moscow", "22:00-08:00", "2026-06-04T05:00Z"),
        ("2026-06-04T04:59Z", "Europe/Moscow", "22:00-08:00", "2026-06-04T05:00Z"),
        ("2026-06-04T05:00Z", "Europe/Moscow", "22:00-08:00", None),
        ("2026-06-04T11:00Z", "Europe/Moscow", "13:00-15:00", "2026-06-04T12:00Z"),
        # Berlin, the night of 29 March 2026: 02:00 becomes 03:00; eight in the morning is 06:00 UTC, not 07:00.
        ("2026-03-28T22:00Z", "Europe/Berlin", "22:00-08:00", "2026-03-29T06:00Z"),
        # An end that the clock jumps over: the same span later, 03:30 summer time.
        ("2026-03-29T00:30Z", "Europe/Berlin", "22:00-02:30", "2026-03-29T01:30Z"),
        # 25 October 2026: 03:00 becomes 02:00. 02:30 comes twice; the first one still ahead ends the quiet.
        ("2026-10-25T00:10Z", "Europe/Berlin", "22:00-02:30", "2026-10-25T00:30Z"),
        ("2026-10-25T01:10Z", "Europe/Berlin", "22:00-02:30", "2026-10-25T01:30Z"),
    ],
)
def test_quiet_hours_end_on_the_clients_wall_clock(
    now: str, zone: str, quiet: str, until: str | None
) -> None:
    found = quiet_until(Preferences(quiet=read_quiet(quiet), zone=zone), from_wire(now))
    assert found == (from_wire(until) if until else None)


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.times(),
    st.times(),
)
def test_quiet_hours_always_end_by_the_wall_clock(now: datetime, zone: str, start: time, end: time) -> None:
    quiet = QuietHours(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    assume(quiet.start != quiet.end)
    until = quiet_until(Preferences(quiet=quiet, zone=zone), now)
    here = now.astimezone(ZoneInfo(zone))
    if until is None:
        assert not is_quiet(quiet, here.time())
        return
    assert is_quiet(quiet, here.time())
    assert now < until <= now + timedelta(hours=49)
    assert not is_quiet(quiet, until.astimezone(ZoneInfo(zone)).time())


@pytest.mark.parametrize("text", ["22:00-08:00", "22:00 - 8:00", "22:00\u20138:00"])
def test_quiet_hours_are_read_as_people_write_them(text: str) -> None:
    assert read_quiet(text) == QuietHours(time(22), time(8))


@pytest.mark.parametrize(
    "text", ["", "night", "22:00", "24:00-08:00", "22:61-08:00", "8:00-8:00", None, 5, ["22"]]
)
def test_what_is_no_span_counts_as_no_quiet_hours(text: Any) -> None:
    assert read_quiet(text) is None


# ---- preferences


def test_preferences_go_into_the_customer_and_come_out_again() -> None:
    customer = {
        "id": "C-1",
        "contactMedium": [
            {"mediumType": "email", "preferred": True, "characteristic": {"emailAddress": "a@example.org"}},
            {"mediumType": "mobile", "characteristic": {"phoneNumber": "+79990000001"}},
        ],
        "characteristic": [{"name": "segment", "value": "gold"}, {"name": "language", "value": "en"}],
    }
    wanted = Preferences(
        "ru", "SMS", QuietHours(time(22), time(8)), "Asia/Yekaterinburg", frozenset({"orders"})
    )
    document = with_preferences(customer, wanted)
    assert preferences_of(document) == wanted
    assert list(addresses_of(document)) == ["SMS", "email"]
    assert {"name": "segment", "value": "gold"} in document["characteristic"]
    assert with_preferences(document, wanted) == document
    back = with_preferences(document, Preferences("en", "email"))
    assert preferences_of(back) == Preferences("en", "email")


def test_wishes_that_cannot_be_read_count_as_not_given() -> None:
    odd = [("language", "xx"), ("quietHours", 5), ("timeZone", "Mars/Olympus"), ("optedOutTopics", "orders")]
    customer = {"id": "C-1", "characteristic": [{"name": name, "value": value} for name, value in odd]}
    assert preferences_of(customer) == Preferences()
    assert preferences_of(None) == Preferences()


def test_a_channel_without_a_transport_gives_way_to_one_with() -> None:
    assert pick_channel(["SMS", "email"], {"email", "SMS"}) == "SMS"
    assert pick_channel(["SMS", "email"], {"email"}) == "email"
    assert pick_channel(["SMS"], {"email"}) == "SMS"
    assert pick_channel([], {"email"}) is None


# ---- templates


def test_every_built_in_template_is_fit_and_speaks_both_languages() -> None:
    texts = {
        "productOrder": ORDER_TEXTS,
        "appointment": VISIT_TEXTS,
        "quote": QUOTE_TEXTS,
        "portingRequest": PORTING_TEXTS,
    }
    for event in events():
        for channel in CHANNELS:
            template = built_in(event, channel)
            subject, _, state = event.partition(".")
            if state not in texts[subject]:
                assert template is None
                continue
            assert template is not None and faults(template) == []
            english, russian = template["text"]
            assert english["language"] == "en" and russian["language"] == "ru"
            assert english["content"] != russian["content"], f"{event} {channel} is not translated"
            assert named(english["content"]) == named(russian["content"])


def template(channel: str = "email", **texts: Any) -> dict[str, Any]:
    text = {"subject": "Order {order}", "content": "Order {order} is done."} | texts
    return {
        "event": "productOrder.completed",
        "channel": channel,
        "text": [{"language": language, **text} for language in ("en", "ru")],
    }


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (template(content="Hello {name}"), "text[0].content"),
        (template(content=" \n"), "text[0].content"),
        (template(content="Order {order"), "text[0].content"),
        (template(content="Order {order.__class__}"), "text[0].content"),
        (template(content="x" * 10_001), "text[0].content"),
        (template(subject=""), "text[0].subject"),
        (template(subject="two\nlines"), "text[0].subject"),
        (template("SMS", content="заказ " * 40), "text[0].content"),
        (template() | {"event": "productOrder.eaten"}, "event"),
        (template() | {"event": "nothing"}, "event"),
        (template() | {"text": [{"language": "en", "subject": "a", "content": "b"}]}, "text"),
        (template() | {"text": [*template()["text"], template()["text"][0]]}, "text[2].language"),
    ],
)
def test_an_unfit_template_is_told_with_the_field_at_fault(made: dict[str, Any], path: str) -> None:
    found = faults(made)
    assert found and found[0].path == path
    assert found[0].text.format(**found[0].facts).startswith(f"{path}: ")


def test_an_sms_needs_no_subject() -> None:
    assert faults(template("SMS", subject="")) == []


def test_filling_takes_known_facts_and_nothing_else() -> None:
    assert fill("{order}, {promised}, {0}, {a.b}", {"order": "O-1{x}"}) == "O-1{x}, \u2013, {0}, {a.b}"


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        # A part has room for 153: 76 escaped letters, never half of one.
        ("€" * 153, "GSM-7", 306, 3),
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 67, "UCS-2", 134, 3),
        ("a" * 69 + "\u2013", "UCS-2", 70, 1),
    ],
)
def test_the_parts_of_an_sms_are_those_of_the_norm(text: str, alphabet: str, units: int, parts: int) -> None:
    size = sms_size(text)
    assert (size.alphabet, size.units, size.parts) == (alphabet, units, parts)


# ---- delivery

BOTH = {"id": "C-1", "email": "a@example.org", "phoneNumber": "+79990000001"}


def message(*receivers: dict[str, Any], channel: str = "email", **more: Any) -> dict[str, Any]:
    return {
        "id": "M-1",
        "messageType": channel,
        "content": "x",
        "state": "initial",
        "receiver": list(receivers or (BOTH,)),
        **more,
    }


def test_the_channel_of_the_message_goes_first_and_the_other_one_when_it_is_refused() -> None:
    taken = claimed(message(), NOW)
    assert steps(taken, CHANNELS) == [Step(0, "email", "a@example.org")]
    after = settled(taken, [Result(Step(0, "email", "a@example.org"), "refused", "550 no")], NOW)
    assert (after.document["state"], after.again_at) == ("inProgress", NOW)
    assert steps(after.document, CHANNELS) == [Step(0, "SMS", "+79990000001")]
    again = claimed(after.document, NOW)
    end = settled(again, [Result(Step(0, "SMS", "+79990000001"), "refused", "no")], NOW)
    assert (end.document["state"], end.again_at) == ("failed", None)
    assert [a["outcome"] for a in attempts(end.document)] == ["refused", "refused"]
    assert steps(end.document, CHANNELS) == []


def test_temporary_failures_are_tried_again_ever_later_and_then_given_up() -> None:
    step, now = Step(0, "email", "a@example.org"), NOW
    document = message({"id": "C-1", "email": "a@example.org"})
    for pause in PAUSES:
        after = settled(claimed(document, now), [Result(step, "temporary", "451 later")], now)
        assert after.document["state"] == "inProgress" and after.again_at == now + pause
        document, now = after.document, now + pause
    after = settled(claimed(document, now), [Result(step, "temporary", "451 later")], now)
    assert (after.document["state"], after.again_at) == ("failed", None)


@pytest.mark.parametrize("wanted", [0, 1, 3])
def test_the_sender_may_ask_for_fewer_tries(wanted: int) -> None:
    document, tried = message({"email": "a@example.org"}, tryTimes=wanted), 0
    while document["state"] != "failed":
        tried += 1
        result = Result(Step(0, "email", "a@example.org"), "temporary")
        document = settled(claimed(document, NOW), [result], NOW).document
    assert tried == wanted + 1


def test_a_claim_holds_others_off_until_its_worker_must_be_dead() -> None:
    taken = claimed(message(), NOW)
    assert not being_sent(message(), NOW)
    assert being_sent(taken, NOW) and being_sent(taken, NOW + LEASE - timedelta(milliseconds=1))
    assert not being_sent(taken, NOW + LEASE) and not being_sent(taken, NOW - timedelta(seconds=1))
    second = claimed(taken, NOW + LEASE)
    assert [a["outcome"] for a in attempts(second)] == ["interrupted", "started"]
    assert being_sent(second, NOW + LEASE)


def test_an_accepted_sms_waits_for_its_report_and_not_for_ever() -> None:
    step = Step(0, "SMS", "+79990000001")
    after = settled(claimed(message(channel="SMS"), NOW), [Result(step, "accepted", reference="7")], NOW)
    assert (after.document["state"], after.again_at) == ("inProgress", NOW + REPORT_WITHIN)
    late = judged(after.document, NOW + REPORT_WITHIN)
    assert (late.document["state"], about(late.document, "statusReason")) == ("completed", NO_REPORT)
    told = reported(after.document, 0, True, "", NOW + timedelta(minutes=1))
    assert told is not None and told.document["state"] == "completed"
    assert reported(told.document, 0, True, "", NOW) is None
    assert reported(told.document, 0, False, "x", NOW) is None
    lost = reported(after.document, 0, False, "switched off", NOW)
    assert lost is not None and lost.again_at == NOW
    assert steps(lost.document, CHANNELS) == [Step(0, "email", "a@example.org")]


def test_a_report_that_is_quicker_than_the_note_counts_all_the_same() -> None:
    taken, step = claimed(message(channel="SMS"), NOW), Step(0, "SMS", "+79990000001")
    told = reported(taken, 0, True, "", NOW)
    assert told is not None and told.document["state"] == "completed"
    after = settled(told.document, [Result(step, "accepted")], NOW)
    assert after.document["state"] == "completed"
    assert [a["outcome"] for a in attempts(after.document)] == ["delivered"]
    lost = reported(taken, 0, False, "off", NOW)
    assert lost is not None
    after = settled(lost.document, [Result(step, "accepted")], NOW)
    assert after.again_at == NOW and steps(after.document, CHANNELS)[0].channel == "email"


def test_reports_about_nothing_that_was_sent_change_nothing() -> None:
    assert reported(message(), 0, True, "", NOW) is None
    assert reported(message(), 3, True, "", NOW) is None
    assert reported(message({"email": "a@example.org"}), 0, True, "", NOW) is None


def test_a_message_to_several_is_done_when_each_of_them_has_it() -> None:
    document = message({"email": "a@example.org"}, {"phoneNumber": "+7"}, {"name": "nobody"})
    taken = claimed(document, NOW)
    one, two = steps(taken, CHANNELS)
    assert (one.receiver, two.receiver, two.channel) == (0, 1, "SMS")
    after = settled(taken, [Result(one, "sent"), Result(two, "temporary")], NOW)
    assert after.document["state"] == "inProgress" and after.again_at == NOW + PAUSES[0]
    again = claimed(after.document, NOW)
    assert steps(again, CHANNELS) == [two]
    end = settled(again, [Result(two, "sent")], NOW)
    assert end.document["state"] == "failed"  # the third has no address, and that is said
    assert settled(claimed(message(*document["receiver"][:2]), NOW), [Result(one, "sent"), Result(two, "sent")],
                   NOW).document["state"] == "completed"  # fmt: skip


def test_sending_again_by_hand_begins_anew() -> None:
    step = Step(0, "email", "a@example.org")
    failed = settled(
        claimed(message({"email": "a@example.org"}), NOW), [Result(step, "refused")], NOW
    ).document
    assert steps(failed, CHANNELS) == []
    again = claimed(failed, NOW, by_hand=True)
    assert steps(again, CHANNELS) == [step]
    assert settled(again, [Result(step, "sent")], NOW).document["state"] == "completed"
