"""Service orders that are posted and cancelled, services of a place, the agreement of a contract: the rules alone."""

from itertools import pairwise
from typing import Any

import pytest

from abonent.domain.agreement.resources import AGREEMENT
from abonent.domain.agreement.rules_agreement import agreed, agreement_number, contract_of
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.resources import SERVICE_ORDER
from abonent.domain.order_handling.rules_service_orders import (
    check_free,
    items_of,
    moved,
    taken,
    way_to_cancel,
    with_items,
)
from abonent.domain.order_handling.states import SERVICE_ORDER as STATES
from abonent.domain.qualification.rules import AccessPath
from abonent.domain.qualification.rules_service_query import (
    Criteria,
    activated,
    answer_item,
    criteria_of,
    of_category,
)
from abonent.domain.workforce.rules_work import by_hand
from abonent.kit.errors import IllegalMove

AT = "2026-06-03T09:51:00.000Z"


def order(state: str = "acknowledged", **item: Any) -> dict[str, Any]:
    part = {"id": "1.1", "action": "add", "service": {}, "state": state}
    first = {"id": "1", "action": "add", "service": {}, "state": state, "serviceOrderItem": [part]} | item
    return {"id": "SO-1", "state": state, "serviceOrderItem": [first]}


def states(document: dict[str, Any]) -> list[str]:
    return [item["state"] for item in items_of(document)]


def test_a_service_order_as_it_is_taken() -> None:
    new = taken({"serviceOrderItem": order("completed")["serviceOrderItem"]}, "SO-2", AT)
    assert (new["id"], new["state"], new["orderDate"]) == ("SO-2", "acknowledged", AT)
    assert states(new) == ["acknowledged", "acknowledged"]
    SERVICE_ORDER.shape.check(new)


def test_items_that_are_over_stay_so() -> None:
    document = order("inProgress")
    document["serviceOrderItem"][0]["serviceOrderItem"][0]["state"] = "failed"
    assert states(with_items(document, "cancelled", STATES.final)) == ["cancelled", "failed"]
    assert states(document) == ["inProgress", "failed"]


@pytest.mark.parametrize("state", sorted(STATES.states))
def test_every_state_has_a_legal_way_to_cancelled_or_none(state: str) -> None:
    if state in STATES.final:
        with pytest.raises(IllegalMove, match=state):
            way_to_cancel(order(state))
        return
    steps = [state, *way_to_cancel(order(state)), "cancelled"]
    assert all(STATES.may(old, new) for old, new in pairwise(steps)), steps


def test_what_is_done_in_part_is_not_cancelled_as_a_whole() -> None:
    document = order("inProgress")
    document["serviceOrderItem"][0]["serviceOrderItem"][0]["state"] = "completed"
    with pytest.raises(IllegalMove, match=r"Items 1\.1"):
        way_to_cancel(document)


@pytest.mark.parametrize(
    ("old", "new", "date"),
    [
        ("acknowledged", "inProgress", "startDate"),
        ("inProgress", "completed", "completionDate"),
        ("inProgress", "partial", "completionDate"),
        ("held", "cancelled", "cancellationDate"),
        ("acknowledged", "held", None),
        ("held", "held", None),
    ],
)
def test_dates_follow_the_state(old: str, new: str, date: str | None) -> None:
    after = moved({"state": old}, {"state": new, "description": "x"}, AT)
    assert after == {"state": new, "description": "x"} | ({date: AT} if date else {})
    assert moved({"state": "held", "startDate": "1"}, {"state": "inProgress"}, AT) == {"state": "inProgress"}


def test_that_of_a_plan_is_told_where_it_can_be_cancelled() -> None:
    task = Task(
        id="1.line", item="1", name={"en": "Line"}, kind="serviceOrder", minutes=1, state="inProgress"
    )
    product_order = {"id": "O-1", "productOrderItem": [{"id": "1", "state": "inProgress"}]}
    plan = Plan(id="O-1", planned_start=AT, planned_end=AT, task=[task])
    check_free("SO-1", None, product_order, plan)
    with pytest.raises(IllegalMove) as refused:
        check_free("SO-1", task, product_order, plan)
    assert refused.value.facts["items"] == ["1"] and "O-1" in str(refused.value)


def test_criteria_of_a_query() -> None:
    assert criteria_of({"searchCriteria": {}}) == Criteria(None, None, None)
    service = {"place": [{"id": "A-1"}], "serviceSpecification": {"id": "GPON"}}
    full = {"searchCriteria": {"service": service, "category": {"id": "access"}}}
    assert criteria_of(full) == Criteria("A-1", "GPON", "access")


def test_services_are_those_that_a_decomposition_activates() -> None:
    def decomposition(id: str, *services: str) -> dict[str, Any]:
        tasks = [{"spec": {"serviceSpecification": {"id": each}}} for each in services]
        return {"id": id, "task": [{"kind": "inventory"}, *tasks]}

    first, second = decomposition("a", "GPON", "GPON"), decomposition("b", "GPON", "IPTV")
    assert activated([first, second, {"id": "c"}]) == {"GPON": [first, second], "IPTV": [second]}


def test_a_category_and_its_candidates() -> None:
    candidates = [
        {"id": "1", "serviceSpecification": {"id": "GPON"}, "category": [{"id": "access"}]},
        {"id": "2", "serviceSpecification": {"id": "DSL"}},
        {"id": "3", "serviceSpecification": {"id": "IPTV"}, "category": [{"id": "screen"}]},
    ]
    categories = [{"id": "access", "serviceCandidate": [{"id": "2"}]}, {"id": "screen"}]
    assert of_category("access", categories, candidates) == {"GPON", "DSL"}
    assert of_category("other", categories, candidates) == set()


def test_an_answer_names_service_place_and_line() -> None:
    asked = {"service": {"place": [{"id": "A-1", "role": "x"}]}, "category": {"id": "access"}}
    item = answer_item(2, {"id": "GPON"}, asked, AccessPath("N-1", "GPON", 300, 2))
    assert (item["id"], item["category"]) == ("2", {"id": "access"})
    assert item["service"]["serviceSpecification"]["name"] == "GPON"
    assert item["service"]["place"] == asked["service"]["place"]
    assert answer_item(1, {"id": "TV", "name": "Television"}, {}, None)["service"].keys() == {
        "serviceSpecification"
    }


def test_the_agreement_of_a_contract() -> None:
    contract = {
        "id": "CTR-1",
        "since": AT,
        "customer": {"id": "C-1"},
        "template": {"id": "T", "version": 3},
        "sha256": "ab",
        "productOrder": {"id": "O-1"},
        "acceptance": {"at": AT, "by": "olga", "how": "office"},
    }
    made = agreed(contract)
    AGREEMENT.shape.check(dict(made))
    assert made["id"] == agreement_number("CTR-1") == "AGR-CTR-1"
    assert contract_of(made["id"]) == "CTR-1" and contract_of("AGR-10001") is None
    assert made["agreementAuthorization"][0]["signatureRepresentation"] == "written"
    assert made["version"] == "3" and made["engagedParty"][0]["name"] == "C-1"


def test_work_orders_by_hand_have_a_plain_number() -> None:
    assert by_hand("WO-10001")
    assert not by_hand("WO-10001-1.visit")
