"""What was read last: whole or not at all, copies, a bound."""

from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Stored
from abonent.kit.recall import Recall


def offering(id: str, version: int = 1, **more: object) -> Stored:
    return Stored(PRODUCT_OFFERING, {"id": id, **more}, version)


def test_all_of_what_is_wanted_or_nothing() -> None:
    recall = Recall()
    recall.keep([offering("a"), offering("b", 7)])
    found = recall.find([(PRODUCT_OFFERING, "a"), (PRODUCT_OFFERING, "b")])
    assert found is not None and found["productOffering", "b"].version == 7
    assert recall.find([(PRODUCT_OFFERING, "a"), (PRODUCT_OFFERING, "c")]) is None
    assert recall.find([(CUSTOMER_, "a")]) is None
    assert recall.find([]) == {}


def test_what_a_caller_does_with_his_copy_is_his_own_affair() -> None:
    recall = Recall()
    original = offering("a", name="Fibre", parts=[])
    recall.keep([original])
    original.document["name"] = "changed"
    for _ in range(2):
        found = recall.find([(PRODUCT_OFFERING, "a")])
        assert found is not None
        assert found["productOffering", "a"].document == {"id": "a", "name": "Fibre", "parts": []}
        found["productOffering", "a"].document["parts"].append("x")


def test_the_newest_stay() -> None:
    recall = Recall(most=2)
    recall.keep([offering("a"), offering("b")])
    recall.keep([offering("a", 2)])
    recall.keep([offering("c")])
    assert recall.find([(PRODUCT_OFFERING, "b")]) is None
    found = recall.find([(PRODUCT_OFFERING, "a"), (PRODUCT_OFFERING, "c")])
    assert found is not None and found["productOffering", "a"].version == 2
