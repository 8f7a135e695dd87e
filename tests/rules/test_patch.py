"""Merge patch and JSON patch on plain documents."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.errors import BadInput, Conflict
from abonent.kit.patch import MAX_COPIED_NODES, MAX_DEPTH, MAX_OPERATIONS, json_patch, merge_patch, same

KEYS = st.text("ab/~0 й", max_size=3)
LEAVES = st.one_of(
    st.booleans(),
    st.integers(-9, 9),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.text(max_size=3),
)


def documents(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(KEYS, part))
    )


NO_NULLS = documents(LEAVES)
ANY = documents(st.one_of(LEAVES, st.none()))
OBJECTS = st.dictionaries(KEYS, NO_NULLS)


# --- merge patch -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doc", "patch", "expected"),
    [
        ({"state": "held"}, {"state": "active"}, {"state": "active"}),
        ({"state": "held"}, {"note": "later"}, {"state": "held", "note": "later"}),
        ({"state": "held", "note": "x"}, {"note": None}, {"state": "held"}),
        ({"state": "held"}, {"absent": None}, {"state": "held"}),
        ({"note": ["first"]}, {"note": "plain"}, {"note": "plain"}),
        ({"note": "plain"}, {"note": ["first"]}, {"note": ["first"]}),
        (
            {"place": {"city": "Омск", "zip": "1"}},
            {"place": {"city": "Тула", "zip": None}},
            {"place": {"city": "Тула"}},
        ),
        ({"item": [{"id": 1}, {"id": 2}]}, {"item": [{"id": 3}]}, {"item": [{"id": 3}]}),
        ({"item": [1, 2]}, {"item": [None]}, {"item": [None]}),
        ({"a": None}, {"b": 1}, {"a": None, "b": 1}),
        ({"place": "Омск"}, {"place": {"city": "Тула", "zip": None}}, {"place": {"city": "Тула"}}),
        ({}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({"a": 1}, ["b"], ["b"]),
        ({"a": 1}, None, None),
        (["a", "b"], {"a": "b", "c": None}, {"a": "b"}),
        ({"price": Decimal("1.10")}, {"price": Decimal("2.20")}, {"price": Decimal("2.20")}),
    ],
)
def test_merge_patch_cases(doc: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(doc, patch) == expected


def merge_diff(old: Any, new: Any) -> Any:
    """The merge patch that leads from `old` to `new`; holds for documents without nulls in objects."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    patch = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif not same(old[key], value):
            patch[key] = merge_diff(old[key], value)
    return patch


@given(NO_NULLS, NO_NULLS)
def test_merging_the_difference_gives_the_other_document(old: Any, new: Any) -> None:
    assert same(merge_patch(old, merge_diff(old, new)), new)


@given(ANY, ANY)
def test_merge_twice_is_merge_once_and_changes_no_argument(doc: Any, patch: Any) -> None:
    before = copy.deepcopy((doc, patch))
    once = merge_patch(doc, patch)
    assert (doc, patch) == before
    assert same(merge_patch(once, patch), once)


def test_merge_result_shares_nothing_with_its_arguments() -> None:
    doc, patch = {"kept": {"list": [1]}}, {"new": {"list": [2]}}
    result = merge_patch(doc, patch)
    result["kept"]["list"].append(9)
    result["new"]["list"].append(9)
    assert doc == {"kept": {"list": [1]}}
    assert patch == {"new": {"list": [2]}}


# --- JSON patch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doc", "operations", "expected"),
    [
        ({"a": 1}, [], {"a": 1}),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 2}], {"a": 1, "b": 2}),
        ({"a": 1}, [{"op": "add", "path": "/a", "value": 2}], {"a": 2}),
        ({"l": [1, 3]}, [{"op": "add", "path": "/l/1", "value": 2}], {"l": [1, 2, 3]}),
        ({"l": [1]}, [{"op": "add", "path": "/l/1", "value": 2}], {"l": [1, 2]}),
        ({"l": [1]}, [{"op": "add", "path": "/l/-", "value": [2]}], {"l": [1, [2]]}),
        ({"a": 1}, [{"op": "add", "path": "", "value": {"z": 0}}], {"z": 0}),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": None}], {"a": 1, "b": None}),
        ({"a": 1, "b": 2}, [{"op": "remove", "path": "/a"}], {"b": 2}),
        ({"l": [1, 2, 3]}, [{"op": "remove", "path": "/l/1"}], {"l": [1, 3]}),
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": {"b": 1}}], {"a": {"b": 1}}),
        ({"l": [1, 2]}, [{"op": "replace", "path": "/l/0", "value": 9}], {"l": [9, 2]}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": 5}], 5),
        ({"a": {"x": 1}, "b": {}}, [{"op": "move", "from": "/a/x", "path": "/b"}], {"a": {}, "b": 1}),
        ({"l": [1, 2, 3]}, [{"op": "move", "from": "/l/0", "path": "/l/2"}], {"l": [2, 3, 1]}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
        ({"a": {"b": 7}}, [{"op": "move", "from": "/a/b", "path": "/a"}], {"a": 7}),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
        ({"a/b": 1}, [{"op": "test", "path": "/a~1b", "value": 1}], {"a/b": 1}),
        ({"m~n": 2, "mn": 1}, [{"op": "remove", "path": "/m~0n"}], {"mn": 1}),
        ({"~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"~1": 10}),
        ({"": {"": 1}}, [{"op": "replace", "path": "//", "value": 2}], {"": {"": 2}}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": Decimal("1.0")}], {"a": 1}),
        ({"a": 1.1}, [{"op": "test", "path": "/a", "value": Decimal("1.10")}], {"a": 1.1}),
        ({"x": 1, "y": []}, [{"op": "test", "path": "", "value": {"y": [], "x": 1}}], {"x": 1, "y": []}),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": 2, "unknown": "ignored"}], {"a": 1, "b": 2}),
    ],
)  # fmt: skip
def test_json_patch_cases(doc: Any, operations: list[Any], expected: Any) -> None:
    before = copy.deepcopy((doc, operations))
    assert json_patch(doc, operations) == expected
    assert (doc, operations) == before


@pytest.mark.parametrize(
    "operation",
    [
        "add",
        {},
        {"op": "add", "value": 1},
        {"op": "add", "path": 5, "value": 1},
        {"path": "/a", "value": 1},
        {"op": "delete", "path": "/a"},
        {"op": "add", "path": "/b"},
        {"op": "replace", "path": "/a"},
        {"op": "test", "path": "/a"},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add", "path": "/a~2", "value": 1},
        {"op": "add", "path": "/no/way", "value": 1},
        {"op": "add", "path": "/a/x", "value": 1},
        {"op": "add", "path": "/l/3", "value": 1},
        {"op": "add", "path": "/l/01", "value": 1},
        {"op": "add", "path": "/l/-1", "value": 1},
        {"op": "add", "path": "/l/\u0661", "value": 1},
        {"op": "remove", "path": ""},
        {"op": "remove", "path": "/b"},
        {"op": "remove", "path": "/l/-"},
        {"op": "remove", "path": "/l/2"},
        {"op": "replace", "path": "/b", "value": 1},
        {"op": "replace", "path": "/l/-", "value": 1},
        {"op": "move", "path": "/b"},
        {"op": "move", "path": "/b", "from": "/none"},
        {"op": "move", "path": "/o/x/y", "from": "/o"},
        {"op": "copy", "path": "/b", "from": "/none"},
        {"op": "test", "path": "/b", "value": 1},
    ],
)
def test_a_bad_operation_is_named_by_its_number(operation: Any) -> None:
    doc = {"a": 1, "l": [1, 2], "o": {"x": {}}}
    with pytest.raises(BadInput) as caught:
        json_patch(doc, [{"op": "add", "path": "/first", "value": 1}, operation])
    assert caught.value.code == "badPatch"
    assert caught.value.facts["index"] == 1
    assert "Operation 1" in str(caught.value)
    if isinstance(operation, dict) and isinstance(operation.get("path"), str):
        assert caught.value.facts["path"] == operation["path"]
    assert doc == {"a": 1, "l": [1, 2], "o": {"x": {}}}


@pytest.mark.parametrize(
    ("value", "tested"),
    [(1, True), (0, False), (1, "1"), (None, 0), ([1, 2], [2, 1]), ({"a": 1}, {"a": 1, "b": 2})],
)
def test_a_failed_test_is_a_conflict(value: Any, tested: Any) -> None:
    with pytest.raises(Conflict) as caught:
        json_patch({"v": value}, [{"op": "test", "path": "/v", "value": tested}])
    assert (caught.value.status, caught.value.facts["index"], caught.value.facts["path"]) == (409, 0, "/v")


def test_the_missing_part_of_a_path_is_named() -> None:
    with pytest.raises(BadInput, match=r"nothing at /item/1$"):
        json_patch({"item": [{}]}, [{"op": "replace", "path": "/item/1/state", "value": "held"}])


@pytest.mark.parametrize("operations", [{"op": "add"}, None, "add", [{"op": "test"}] * (MAX_OPERATIONS + 1)])
def test_what_is_no_list_of_operations_is_refused(operations: Any) -> None:
    with pytest.raises(BadInput):
        json_patch({}, operations)


def test_copies_that_double_the_document_are_stopped() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/copy{n}"} for n in range(60)]
    with pytest.raises(BadInput, match="too large"):
        json_patch({"a": list(range(100))}, doubling)
    assert MAX_COPIED_NODES < 1_000_000


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_nesting_has_a_limit_in_both_patches() -> None:
    assert merge_patch({}, nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(BadInput, match="flatter"):
        merge_patch({}, nested(MAX_DEPTH + 2))
    with pytest.raises(BadInput, match="flatter"):
        json_patch({}, [{"op": "add", "path": "/x", "value": nested(MAX_DEPTH + 1)}])
    deeper = [
        {"op": "add", "path": "/x", "value": nested(MAX_DEPTH - 2)},
        {"op": "add", "path": "/y", "value": nested(10)},
        {"op": "move", "from": "/x", "path": "/y/a/a/a/a/x"},
    ]
    with pytest.raises(BadInput, match="flatter"):
        json_patch({}, deeper)


def pointer(tokens: tuple[str, ...]) -> str:
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def json_diff(old: Any, new: Any, at: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The operations that lead from `old` to `new`, each preceded by a test of what is removed."""
    if isinstance(old, dict) and isinstance(new, dict):
        found: list[dict[str, Any]] = []
        for key in old.keys() - new.keys():
            found.append({"op": "test", "path": pointer((*at, key)), "value": old[key]})
            found.append({"op": "remove", "path": pointer((*at, key))})
        for key in new.keys() - old.keys():
            found.append({"op": "add", "path": pointer((*at, key)), "value": new[key]})
        for key in old.keys() & new.keys():
            found.extend(json_diff(old[key], new[key], (*at, key)))
        return found
    if isinstance(old, list) and isinstance(new, list):
        shared = min(len(old), len(new))
        found = [step for n in range(shared) for step in json_diff(old[n], new[n], (*at, str(n)))]
        found += [{"op": "remove", "path": pointer((*at, str(shared)))}] * (len(old) - shared)
        return found + [{"op": "add", "path": pointer((*at, "-")), "value": value} for value in new[shared:]]
    return [] if same(old, new) else [{"op": "replace", "path": pointer(at), "value": new}]


@given(ANY, ANY)
def test_the_operations_of_a_difference_give_the_other_document(old: Any, new: Any) -> None:
    before = copy.deepcopy((old, new))
    assert same(json_patch(old, json_diff(old, new)), new)
    assert (old, new) == before


@given(OBJECTS, KEYS, KEYS)
def test_move_is_copy_and_remove(doc: dict[str, Any], source: str, target: str) -> None:
    doc = {**doc, source: {"moved": [1]}}
    moved = json_patch(doc, [{"op": "move", "from": pointer((source,)), "path": pointer((target,))}])
    expected = {**doc, target: doc[source]}
    if source != target:
        del expected[source]
    assert same(moved, expected)
