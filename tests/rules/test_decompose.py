"""From order items to tasks: by action, several items, bundles, and items that rely on each other."""

from itertools import product as pairs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.plan import Task, in_dependency_order
from tests.support.world import FIBRE_TASKS

FIBRE = {"task": FIBRE_TASKS}
STREAM = {
    "task": [
        {"id": "stream", "kind": "serviceOrder", "minutes": 3},
        {"id": "inventory", "kind": "inventory", "dependsOn": ["stream"]},
    ]
}


def item(id: str, action: str = "add", *, relies_on: str | None = None, **more: Any) -> dict[str, Any]:
    made = {"id": id, "action": action, **more}
    if relies_on is not None:
        made["productOrderItemRelationship"] = [{"id": relies_on, "relationshipType": "reliesOn"}]
    return made


def tasks(*items: dict[str, Any], **decomposition_of: Any) -> dict[str, Task]:
    """Tasks by id; decompositions by item id, fibre where none is given."""
    flat: list[dict[str, Any]] = []
    left = list(items)
    while left:
        flat.append(one := left.pop())
        left += one.get("productOrderItem") or []
    templates = {i["id"]: decomposition_of.get("i" + i["id"].replace(".", "_"), FIBRE) for i in flat}
    addresses = {i["id"]: "A-1" for i in flat}
    made = tasks_of({"id": "O-1", "productOrderItem": list(items)}, templates, addresses, {"1": "N-1"})
    assert len({t.id for t in made}) == len(made)
    in_dependency_order(made)
    return {t.id: t for t in made}


def after(found: dict[str, Task], id: str) -> set[str]:
    """Everything that must be done before a task."""
    direct = set(found[id].depends_on)
    return direct.union(*(after(found, d) for d in direct))


def test_add_takes_every_task_with_its_node_and_address() -> None:
    found = tasks(item("1"))
    assert list(found) == ["1.port", "1.access", "1.test", "1.inventory"]
    assert found["1.access"].depends_on == ["1.port"]
    assert found["1.access"].point_of_no_return
    assert found["1.port"].spec["node"] == "N-1"
    assert found["1.access"].spec["address"] == "A-1"
    assert found["1.access"].spec["serviceSpecification"] == {"id": "GPON", "name": "GPON access"}
    assert found["1.port"].name == {"en": "Port", "ru": "Порт"}
    assert [t.minutes for t in found.values()] == [1, 10, 2, 0]


def test_modify_keeps_the_port() -> None:
    found = tasks(item("1", "modify"))
    assert list(found) == ["1.access", "1.test", "1.inventory"]
    assert found["1.access"].depends_on == []
    assert "node" not in found["1.access"].spec
    assert found["1.access"].spec["action"] == "modify"


def test_delete_ends_the_service_before_the_product() -> None:
    found = tasks(item("1", "delete"))
    assert list(found) == ["1.access", "1.inventory"]
    assert found["1.inventory"].depends_on == ["1.access"]


def test_a_task_left_out_passes_its_dependencies_on() -> None:
    """inventory waits for the test alone, which a delete leaves out: it must wait for the line all the same."""
    chain = {
        "task": [
            {"id": "access", "kind": "serviceOrder"},
            {"id": "test", "kind": "serviceTest", "dependsOn": ["access"], "action": ["add"]},
            {"id": "inventory", "kind": "inventory", "dependsOn": ["test"]},
        ]
    }
    assert tasks(item("1", "delete"), i1=chain)["1.inventory"].depends_on == ["1.access"]
    assert tasks(item("1"), i1=chain)["1.inventory"].depends_on == ["1.test"]


def test_an_item_that_changes_nothing_touches_no_network() -> None:
    assert [t.kind for t in tasks(item("1", "noChange")).values()] == ["inventory"]


def test_a_product_without_decomposition_enters_the_inventory() -> None:
    assert [(t.id, t.kind) for t in tasks(item("1"), i1=None).values()] == [("1.inventory", "inventory")]


def test_items_do_not_wait_for_each_other_unasked() -> None:
    found = tasks(item("1"), item("2"))
    assert len(found) == 8
    assert not any(d.startswith("1.") for d in after(found, "2.inventory"))


@pytest.mark.parametrize("word", ["reliesOn", "requires", "dependsOn", "RELIESON"])
def test_an_item_that_relies_on_another_starts_when_that_is_delivered(word: str) -> None:
    television = item("2")
    television["productOrderItemRelationship"] = [{"id": "1", "relationshipType": word}]
    found = tasks(item("1"), television, i2=STREAM)
    assert found["2.stream"].depends_on == ["1.inventory"]
    assert found["2.inventory"].depends_on == ["2.stream"]
    assert "1.inventory" in after(found, "2.inventory")


def test_other_relationships_order_nothing() -> None:
    found = tasks(item("1"), item("2") | {"productOrderItemRelationship": [{"id": "1"}]})
    assert found["2.port"].depends_on == []


def test_a_bundle_is_entered_after_its_parts() -> None:
    bundle = item("1", productOrderItem=[item("1.1"), item("1.2")])
    found = tasks(bundle, i1_2=STREAM)
    assert found["1.inventory"].kind == "inventory"
    assert after(found, "1.inventory") == found.keys() - {"1.inventory"}


def test_bundles_in_bundles_close_from_the_inside() -> None:
    inner = item("1.1", productOrderItem=[item("1.1.1")])
    found = tasks(item("1", productOrderItem=[inner]))
    assert found["1.inventory"].depends_on and "1.1.inventory" in after(found, "1.inventory")
    assert "1.1.1.inventory" in after(found, "1.1.inventory")


def test_a_bundle_that_relies_on_an_item_holds_its_parts_back() -> None:
    bundle = item("1", productOrderItem=[item("1.1"), item("1.2")], relies_on="9")
    found = tasks(bundle, item("9"), i1_2=STREAM)
    for first in ("1.1.port", "1.2.stream"):
        assert found[first].depends_on == ["9.inventory"]
    assert "9.inventory" in after(found, "1.inventory")


def test_an_item_that_relies_on_a_bundle_waits_for_all_of_it() -> None:
    bundle = item("1", productOrderItem=[item("1.1"), item("1.2")])
    found = tasks(bundle, item("2", relies_on="1"), i1_2=STREAM)
    assert found["2.port"].depends_on == ["1.inventory"]


@given(st.permutations(["1", "1.1", "11", "1.1.1", "2"]), st.data())
def test_every_reliance_is_kept_whatever_the_ids_look_like(ids: list[str], data: st.DataObject) -> None:
    """Each item may rely on ones listed before it: all its tasks come after all of theirs."""
    items, relied = [], set()
    for place, id in enumerate(ids):
        on = data.draw(st.sampled_from([None, *ids[:place]])) if place else None
        items.append(item(id, relies_on=on))
        if on is not None:
            relied.add((id, on))
    found = tasks(*items)
    for id, on in relied:
        mine = [t.id for t in found.values() if t.item == id]
        theirs = [t.id for t in found.values() if t.item == on]
        assert all(before in after(found, own) for own, before in pairs(mine, theirs))
