"""An order's page as words and figures: labels, notices, permissions, prices, history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.faces.console.data import HistoryRow, OrderFile
from abonent.faces.console.labels import FINAL_ORDER_STATES, ITEM, MESSAGE, ORDER
from abonent.faces.console.messages.labels import message_label
from abonent.faces.console.order_parts import address_of, item_rows, prices_of
from abonent.faces.console.order_view import OrderView, jeopardy, order_view
from abonent.faces.console.traits import TROUBLES, result_told
from abonent.kit.i18n import Translator

NOW = datetime(2026, 6, 17, 11, 20, tzinfo=UTC)
EN, RU = Translator("en"), Translator("ru")
HOUR = timedelta(hours=1)


def wire(hours: float) -> str:
    return (NOW + hours * HOUR).isoformat()


def plan(promised: float, gate: str = "pending", line: str = "inProgress") -> dict[str, Any]:
    """A line planned from -2 h to 1 h, then a gate of an hour."""
    first = {"id": "line", "name": "Line", "state": line, "plannedStart": wire(-2), "plannedEnd": wire(1)}
    first |= {"start": wire(-2)} if line in ("inProgress", "failed") else {}
    first |= {"end": wire(-1), "result": "no light"} if line == "failed" else {}
    second = {"id": "port", "name": "Porting", "state": gate, "plannedStart": wire(1), "plannedEnd": wire(2)}
    second |= {"dependsOn": ["line"], "pointOfNoReturn": True} | (
        {"start": wire(-1)} if gate != "pending" else {}
    )
    return {"promised": wire(promised), "task": [first, second]}


def view(state: str = "inProgress", t: Translator = EN, **more: Any) -> OrderView:
    return order_view(OrderFile({"id": "O-1", "state": state, "description": "x"}, 1, **more), NOW, t)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_every_state_of_the_apis_has_a_label_of_its_own() -> None:
    # TMF622 v4: ProductOrderStateType, ProductOrderItemStateType; TMF681 v4: CommunicationMessageStateType
    both = {"acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "completed", "failed"}
    both |= {"assessingCancellation", "pendingCancellation"}
    assert set(ORDER) == both | {"partial"}
    assert set(ITEM) == both
    assert set(MESSAGE) >= {"initial", "inProgress", "completed", "cancelled", "failed"}
    words = [RU.pgettext(*marked) for _, marked in ORDER.values()]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("state", "promised", "forecast", "expected"),
    [
        ("inProgress", 2, 1, None),
        ("inProgress", 2, 2, None),
        ("inProgress", 2, 3, "hazard"),
        ("inProgress", 0, 3, "hazard"),
        ("inProgress", -1, 3, "critical"),
        ("inProgress", -1, None, "critical"),
        ("completed", -1, 3, None),
        ("inProgress", None, 3, None),
    ],
)
def test_jeopardy(state: str, promised: float | None, forecast: float | None, expected: str | None) -> None:
    at = [NOW + hours * HOUR if hours is not None else None for hours in (promised, forecast)]
    assert jeopardy(state, at[0], at[1], NOW) == expected


def test_the_notice_names_the_most_pressing_fact() -> None:
    assert view(plan=plan(promised=5)).notice is None
    risk = view(plan=plan(promised=1.5)).notice
    assert risk is not None
    assert plain(risk.lead) == "The promise of 12:50 cannot be kept; 13:20 can."
    late = view(plan=plan(promised=-1)).notice
    assert late is not None
    assert plain(late.lead + late.rest) == (
        "The promise of 10:20 has passed.The order is 1 h late; the forecast is 13:20."
    )
    broken = view(plan=plan(promised=-1, line="failed")).notice
    assert broken is not None
    assert (broken.tone, broken.lead, broken.rest) == ("bad", "Task 1, “Line”, failed.", "no light")


@pytest.mark.parametrize("state", sorted(FINAL_ORDER_STATES))
def test_an_order_that_is_over_allows_nothing_and_is_not_looked_at_again(state: str) -> None:
    over = view(state, plan=plan(promised=-5))
    assert [each.icon for each in over.permissions] == ["off"]
    assert len(over.labels) == 1
    assert over.refresh == 0
    assert "Point of no return" not in [fact.term for fact in over.facts]


def test_permissions_end_at_the_point_of_no_return() -> None:
    before = view(plan=plan(promised=5))
    assert [(each.icon, plain(each.lead)) for each in before.permissions] == [
        ("ok", "Amend"),
        ("ok", "Cancel"),
    ]
    after = view(plan=plan(promised=5, gate="inProgress"))
    assert [each.icon for each in after.permissions] == ["lock"]
    gate = next(fact for fact in after.facts if fact.term == "Point of no return")
    assert (gate.value, gate.context) == ("10:20", "passed with “Porting”")


def test_a_completed_order_says_whether_the_promise_was_kept() -> None:
    order = {"id": "O-1", "state": "completed", "completionDate": wire(-3)}
    done = order_view(OrderFile(order, 1, plan(promised=-5)), NOW, EN)
    ended = next(fact for fact in done.facts if fact.term == "Ended")
    assert (ended.value, plain(ended.context), ended.tone) == ("08:20", "2 h after the promise", "bad")


def amount(value: float | str, key: str = "dutyFreeAmount") -> dict[str, Any]:
    return {"price": {key: {"unit": "RUB", "value": value}}}


def test_prices_are_summed_exactly_over_nested_items() -> None:
    items = [
        {
            "id": "1",
            "itemPrice": [{"priceType": "recurring", **amount("0.1")}, {"priceType": "oneTime", **amount(5)}],
        },
        {
            "id": "2",
            # the total of the line wins over the price of a piece
            "itemTotalPrice": [{"priceType": "recurring", **amount("0.2")}],
            "itemPrice": [{"priceType": "recurring", **amount(99)}],
            "productOrderItem": [
                {"id": "2.1", "itemPrice": [{"recurringChargePeriod": "month", **amount("0.3")}]}
            ],
        },
        {
            "id": "3",
            "itemPrice": [{"priceType": "usage", **amount(7)}, {"priceType": "oneTime", "price": {}}],
        },
    ]
    prices = prices_of(items)
    assert (prices.monthly, prices.once, prices.taxed) == (Decimal("0.6"), Decimal(5), False)
    assert [row.id for row in item_rows(items, EN)] == ["1", "2", "2.1", "3"]
    taxed = prices_of([{"itemPrice": [{"priceType": "oneTime", **amount(3, "taxIncludedAmount")}]}])
    assert (taxed.once, taxed.taxed) == (Decimal(3), True)


def test_the_address_is_the_first_place_named() -> None:
    nested = {
        "productOrderItem": [
            {"product": {"place": [{"city": "Tver", "streetName": "Mira", "streetNr": "4"}]}}
        ]
    }
    assert address_of([{"product": {"place": [{}]}}, nested], {}) == "Tver, Mira 4"
    assert address_of([], {}) == ""


def test_a_place_given_by_number_is_told_from_its_record() -> None:
    items = [{"product": {"place": [{"id": "A-1", "role": "installationAddress"}]}}]
    assert address_of(items, {"A-1": {"id": "A-1", "city": "Tver", "streetName": "Mira"}}) == "Tver, Mira"
    assert address_of(items, {}) == "A-1"


def test_history_speaks_of_tasks_by_their_names() -> None:
    history = [
        HistoryRow(NOW - 2 * HOUR, "order", None, "acknowledged", None, "portal"),
        HistoryRow(NOW - HOUR, "task/line", "ready", "inProgress", "On hold", "crew 4"),
        HistoryRow(NOW, "task/gone", "pending", "cancelled"),
    ]
    lines = [row.text for row in view(plan=plan(promised=5), history=history).log]
    assert lines == [
        "task/gone: Cancelled, was Ahead",
        "Line: In work, was Ready to start",
        "Order: Received",
    ]
    russian = view(t=RU, plan=plan(promised=5), history=history).log
    assert russian[2].text == "Заказ: Принят"


def test_free_text_with_braces_is_shown_as_it_is() -> None:
    reasons = [
        {"code": "x", "text": "{oops", "ok": False},
        {"code": "y", "text": "{a}", "facts": {"b": 1}, "ok": True},
    ]
    shown = view(decisions=[{"kind": "credit", "outcome": "refer", "reasons": reasons}]).decisions[0]
    assert [reason.text for reason in shown.reasons] == ["{oops", "{a}"]
    assert shown.label.tone == "wait"


SLOT = {
    "id": "visit",
    "name": "Visit",
    "kind": "workOrder",
    "item": "1",
    "attempts": 1,
    "state": "inProgress",
}
SLOT |= {"plannedStart": wire(15), "plannedEnd": wire(17)}
WORK = {
    "WO-1-visit": {"id": "WO-1-visit", "relatedEntity": [{"id": "CR-1", "name": "North", "role": "crew"}]}
}


def visit_page(now_in_slot: bool = False, **more: Any) -> OrderView:
    at = {"plannedStart": wire(-1), "plannedEnd": wire(1)} if now_in_slot else {}
    plan = {"promised": wire(17.2), "task": [{**SLOT, **at, **more}]}
    return view(plan=plan, works=WORK)


def fact_of(page: OrderView, term: str) -> Any:
    return next(fact for fact in page.facts if fact.term == term)


def test_a_visit_waits_for_its_slot_and_is_not_in_work_before_the_crew_is() -> None:
    page = visit_page()
    assert page.tasks[0].label.word == "Waits for the visit" and page.tasks[0].actual == ""
    assert "1 waits for its visit" in page.counts
    assert fact_of(page, "Forecast").value == EN.near(NOW + 17 * HOUR, NOW)
    assert page.picture is not None
    assert "running" not in {bar.look for lane in page.picture.wide.lanes for bar in lane.bars}
    # A crew comes some time within its slot: that breaks no promise.
    late = visit_page(now_in_slot=True)
    assert fact_of(late, "Forecast").value == EN.near(NOW + HOUR, NOW) and late.notice is None
    begun = visit_page(now_in_slot=True, start=wire(-0.5))
    assert begun.tasks[0].label.word == "In work"
    assert fact_of(begun, "Forecast").value == EN.near(NOW + HOUR, NOW)


def test_the_visit_has_a_tile_with_crew_and_for_staff_a_link() -> None:
    file = OrderFile({"id": "O-1", "state": "inProgress"}, 1, plan={"task": [{**SLOT}]}, works=WORK)
    client, staff = (order_view(file, NOW, EN, staff=staff) for staff in (False, True))
    tile = fact_of(client, "Visit")
    assert (tile.value, tile.context, tile.href) == (
        EN.span(NOW + 15 * HOUR, NOW + 17 * HOUR, NOW),
        "North",
        "",
    )
    assert fact_of(staff, "Visit").href == "/work-orders/WO-1-visit"
    assert not [fact for fact in view(plan=plan(2)).facts if fact.term == "Visit"]


def test_a_change_shows_the_new_price_the_old_one_and_where_the_product_is() -> None:
    old = [{"priceType": "recurring", **amount("690.00", "taxIncludedAmount")}]
    new = [{"priceType": "recurring", **amount("990.00", "taxIncludedAmount")}]
    item = {"id": "1", "action": "modify", "productOffering": {"id": "b", "name": "Fast"}}
    item |= {"product": {"id": "P-1"}, "itemPrice": new, "itemTotalPrice": new}
    product = {"id": "P-1", "productOffering": {"id": "a"}, "productPrice": old, "place": [{"id": "A-1"}]}
    order = {"id": "O-1", "state": "inProgress", "productOrderItem": [item]}
    file = OrderFile(
        order, 1, products={"P-1": product}, places={"A-1": {"id": "A-1", "name": "Mill Lane 4"}}
    )
    page = order_view(file, NOW, EN)
    assert plain(page.items[0].monthly) == "990.00" and plain(page.items[0].was) == "was 690.00"
    assert page.items[0].href == "/products/P-1"
    price = fact_of(page, "A month / once")
    assert "990.00" in price.value and "was RUB 690.00 a month" in plain(price.context)
    assert fact_of(page, "Address").value == "Mill Lane 4"
    # Once the product has the offering there is nothing left that it was.
    done = replace(file, products={"P-1": {**product, "productOffering": {"id": "b"}, "productPrice": new}})
    assert order_view(done, NOW, EN).items[0].was == ""


def test_an_order_that_is_being_cancelled_promises_nothing_and_is_looked_at_often() -> None:
    page = view("pendingCancellation", plan=plan(1))
    assert [each.word for each in page.labels] == ["Being cancelled"]
    assert page.notice is not None and page.notice.lead == "The order is being cancelled."
    assert fact_of(page, "Forecast").value == "being cancelled"
    assert page.refresh == 2


def test_a_message_has_one_word_for_its_state_on_every_page() -> None:
    accepted: dict[str, Any] = {"id": "M-1", "state": "completed", "subject": "x", "sendTime": wire(-1)}
    accepted["characteristic"] = [{"name": "attempts", "value": [{"outcome": "sent"}]}]
    page = view(messages=[accepted])
    assert page.messages[0].label == message_label(accepted, EN)


def test_our_own_key_is_no_number_of_theirs() -> None:
    order: dict[str, Any] = {"id": "O-1", "state": "inProgress", "externalId": "console-b88e-1"}
    order |= {"channel": [{"id": "console", "name": "Console"}]}
    assert order_view(OrderFile(order, 1), NOW, RU).origin == "канал: консоль"


def test_measured_numbers_have_the_digits_that_say_something() -> None:
    told = result_told("packet loss 0.097087 %, downstream 314.519 Mbit/s, YAR-OLT-26 port 24", RU)
    assert plain(told) == "потеря пакетов 0,097 %, скорость к клиенту 314,52 Мбит/с, YAR-OLT-26 порт 24"


def test_staff_calls_the_client_from_his_order_and_sees_what_he_owes() -> None:
    customer = {
        "id": "C-1",
        "name": "Olga",
        "status": "active",
        "contactMedium": [{"mediumType": "mobile", "characteristic": {"phoneNumber": "+79990000012"}}],
    }
    balance = {"balanceType": "receivableBalance", "amount": {"value": "690.00", "unit": "RUB"}}
    account = {"id": "A-1", "paymentStatus": "in arrears", "accountBalance": [balance]}
    file = OrderFile({"id": "O-1", "state": "held"}, 1, customer=customer, accounts=[account])
    shown = fact_of(order_view(file, NOW, EN, staff=True), "Client")
    assert (shown.href, shown.tone) == ("/clients/C-1", "risk")
    assert plain(shown.context) == "C-1 · Active · +7 999 000-00-12 · owes RUB 690.00"
    own = fact_of(order_view(file, NOW, EN), "Client")
    assert (own.href, own.tone, own.context) == ("", "", "C-1 · Active")


def test_a_reason_names_tasks_and_measures_as_the_reader_calls_them() -> None:
    measured = RU.gettext(
        "The test failed: {reason}. “{task}” is done again (failure {number} of {most}).",
        reason="скорость к клиенту 171 Мбит/с", task="Включить", number=1, most=3,
    )  # fmt: skip
    kept = (
        "The test failed: downstream 171.0 Mbit/s. “Activate internet access” is done again (failure 1 of 3)."
    )
    tasks = {"promised": wire(1), "task": [
        {"id": "a", "name": {"en": "Activate internet access", "ru": "Включить"}, "state": "inProgress",
         "plannedStart": wire(-2), "plannedEnd": wire(1), "start": wire(-2)},
    ]}  # fmt: skip
    log = view("held", RU, plan=tasks, history=[HistoryRow(NOW, "order", "inProgress", "held", kept)]).log
    assert plain(log[0].reason) == measured
    for trouble in TROUBLES:
        assert result_told(trouble, RU) != trouble


def test_a_message_of_the_order_opens_to_its_words() -> None:
    rows = view(
        messages=[{"id": "M-1", "subject": "Hello", "state": "completed", "sendTime": wire(-1)}]
    ).messages
    assert [row.href for row in rows] == ["/messages/M-1"]


def test_of_messages_of_one_moment_the_receipt_comes_first() -> None:
    def told(state: str) -> dict[str, Any]:
        template = {"name": "template", "value": f"productOrder.{state}.email v1"}
        return {"id": state, "subject": state, "sendTime": wire(-1), "characteristic": [template]}

    for given in (["rejected", "acknowledged"], ["acknowledged", "rejected"]):
        assert [row.text for row in view(messages=[told(state) for state in given]).messages] == [
            "rejected",
            "acknowledged",
        ]


def test_a_cancellation_asked_for_makes_the_promise_fall_away() -> None:
    page = view("assessingCancellation", plan=plan(4))
    assert fact_of(page, "Forecast").value == "being cancelled"
    assert page.notice is not None and page.notice.lead == "The order is being cancelled."
