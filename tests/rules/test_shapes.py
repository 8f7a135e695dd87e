"""The vocabulary of wire types: what it takes, what it refuses and how it says so."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling.shapes import PRODUCT_ORDERING
from abonent.kit import shape_check
from abonent.kit.errors import BadInput
from abonent.kit.shapes import Lookup, Shape, Vocabulary, decode, encode

TEXT = """
# A small order, with every mark and every scalar.
Order: id= href= name! note:Note[] item!:Item[] state^:State origin~ created=:date-time
    due:date-time day:date count:integer price:Money urgent:boolean link:uri extra:any tag:string[] @*
Item: id! action!:Action product:Product item:Item[]
Product: name characteristic:Characteristic[] part:Product[] item:Item
Characteristic: name! value!:any @*
Note: text! date:date-time
Money: unit value:number
Action: add | modify | delete
State: held | in progress | done
"""
V = Vocabulary(TEXT)
ORDER = V["Order"]
MINIMAL: dict[str, Any] = {"name": "n", "item": [{"id": "1", "action": "add"}]}


def with_(**more: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(MINIMAL)), **more}


def create(doc: Any, shape: Shape = ORDER) -> dict[str, Any]:
    return shape.read_create(json.dumps(doc).encode())


def fault(call: Callable[[], object]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        call()
    assert caught.value.status == 400
    return caught.value


def test_a_later_text_overrides_a_type_also_for_the_types_below_it() -> None:
    vocabulary = Vocabulary("A: inner:B\nB: x", "B: y!")
    assert create({"inner": {"y": "1"}}, vocabulary["A"]) == {"inner": {"y": "1"}}
    assert fault(lambda: create({"inner": {"x": "1"}}, vocabulary["A"])).facts["path"] == "inner.x"


def test_an_unknown_type_names_its_neighbours() -> None:
    with pytest.raises(KeyError, match="Order"):
        V["Ordr"]
    with pytest.raises(KeyError, match="no object type State"):
        V["State"]
    assert "Order" in V
    assert "Action" not in V


def test_a_shape_tells_its_marks() -> None:
    assert ORDER.mandatory == {"name", "item"}
    assert ORDER.server_set == {"id", "href", "state", "created"}
    assert ORDER.not_patchable == {"id", "href", "created", "origin"}
    assert list(ORDER.fields)[:4] == ["id", "href", "name", "note"]
    assert ORDER.fields["@schemaLocation"].type == "uri"


# ---- what is taken


def test_a_good_document_is_taken_whole_and_in_order() -> None:
    doc = with_(
        tag=["a", "b"],
        day="2026-02-28",
        due="2026-11-24T05:22:20.123Z",
        count=3,
        urgent=False,
        origin="web",
        price={"value": 5, "unit": "RUB"},
        link="https://example.org/x",
        extra={"free": [1, None, {}]},
        note=[{"text": "t"}],
        **{"@type": "Order"},
    )
    taken = create(doc)
    assert taken == doc
    assert list(taken) == list(doc)


def test_money_keeps_its_digits() -> None:
    raw = b'{"name":"n","item":[{"id":"1","action":"add"}],"price":{"value":1234567890.1234567890}}'
    doc = ORDER.read_create(raw)
    assert doc["price"]["value"] == Decimal("1234567890.1234567890")
    assert encode(doc) == raw
    assert encode(decode(raw.replace(b"1234567890.1234567890", b"0.10"))).endswith(b'{"value":0.10}}')


def test_what_the_server_sets_is_ignored_on_create_whatever_it_is() -> None:
    doc = create(with_(id="x", href=7, state="nonsense", created=None))
    assert doc == MINIMAL


def test_nulls_of_optional_attributes_are_dropped_and_free_json_keeps_its_own() -> None:
    assert create(with_(due=None, note=[{"text": "t", "date": None}], extra=None)) == with_(
        note=[{"text": "t"}], extra=None
    )
    assert fault(lambda: create(with_(name=None))).code == "missingAttribute"


def test_an_extension_may_carry_anything_and_nothing_else_may() -> None:
    extension = {"@type": "FibreNote", "@schemaLocation": "https://example.org/note.json"}
    product = {"characteristic": [{"name": "n", "value": 1, "colour": {"deep": [1]}, **extension}]}
    doc = with_(item=[{"id": "1", "action": "add", "product": product}])
    assert create(doc) == doc

    del product["characteristic"][0]["@schemaLocation"]
    problem = fault(lambda: create(doc))
    assert (problem.code, problem.facts["path"]) == (
        "unknownAttribute",
        "item[0].product.characteristic[0].colour",
    )
    # The extension of the outer object does not open the inner ones.
    assert (
        fault(lambda: create({**doc, **extension})).facts["path"]
        == "item[0].product.characteristic[0].colour"
    )
    # Known attributes keep their type under an extension.
    assert fault(lambda: create(with_(count="x", other=1, **extension))).facts["path"] == "count"


def test_an_unknown_attribute_is_named_with_its_place_and_a_guess() -> None:
    doc = with_(item=[{"id": "1", "action": "add"}, {"id": "2", "action": "add", "produkt": {}}])
    problem = fault(lambda: create(doc))
    assert problem.code == "unknownAttribute"
    assert str(problem).startswith("item[1].produkt: unknown attribute; did you mean product?")
    assert "suggestion" not in fault(lambda: create(with_(zzzzz=1))).facts


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"name": 5}, "wrongType", "name"),
        ({"note": {}}, "wrongType", "note"),
        ({"note": ["text"]}, "wrongType", "note[0]"),
        ({"note": [{}]}, "missingAttribute", "note[0].text"),
        ({"item": []}, "emptyList", "item"),
        ({"item": [{"id": "1", "action": "destroy"}]}, "notInEnumeration", "item[0].action"),
        ({"item": [{"id": "1", "action": 1}]}, "wrongType", "item[0].action"),
        ({"item": [{"id": "1"}]}, "missingAttribute", "item[0].action"),
        (
            {"item": [{"id": "1", "action": "add", "item": [{"action": "add"}]}]},
            "missingAttribute",
            "item[0].item[0].id",
        ),
        ({"count": 1.5}, "wrongType", "count"),
        ({"count": True}, "wrongType", "count"),
        ({"count": "1"}, "wrongType", "count"),
        ({"count": 2**63}, "numberOutOfRange", "count"),
        ({"price": {"value": "5.00"}}, "wrongType", "price.value"),
        ({"price": {"value": False}}, "wrongType", "price.value"),
        ({"urgent": 1}, "wrongType", "urgent"),
        ({"tag": ["a", 1]}, "wrongType", "tag[1]"),
        ({"link": "not a uri"}, "malformedUri", "link"),
        ({"link": ""}, "malformedUri", "link"),
        ({"day": "2026-02-29"}, "malformedDate", "day"),
        ({"day": "20260201"}, "malformedDate", "day"),
        ({"due": "2026-02-29T00:00:00Z"}, "malformedDateTime", "due"),
        ({"due": "2026-02-20"}, "malformedDateTime", "due"),
        ({"due": "tomorrow"}, "malformedDateTime", "due"),
        ({"due": "2026-02-20T10:00:00+23:00"}, "malformedDateTime", "due"),
        ({"due": "2026-02-20T24:00:00Z"}, "malformedDateTime", "due"),
        ({"due": "2026-02-20T10:00:00Z\n"}, "malformedDateTime", "due"),
        ({"due": 1767225600}, "wrongType", "due"),
    ],
)
def test_faults_are_named(change: dict[str, Any], code: str, path: str) -> None:
    problem = fault(lambda: create(with_(**change)))
    assert (problem.code, problem.facts["path"]) == (code, path)
    assert str(problem).startswith(f"{path}: ")
    # The same holds for a whole document after a patch.
    assert fault(lambda: ORDER.check(with_(id="1", **change))).facts["path"] == path


def test_an_enumeration_fault_lists_what_is_allowed() -> None:
    problem = fault(lambda: ORDER.check(with_(state="open")))
    assert str(problem) == "state: `open` is not one of: held, in progress, done."
    ORDER.check(with_(state="in progress"))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-11-24T05:22:20.123Z", "2026-11-24T05:22:20.123Z"),
        ("2026-11-24T05:22:20+03:00", "2026-11-24T05:22:20+03:00"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("2026-11-24T05:22:20", "2026-11-24T05:22:20Z"),
        ("2026-11-24T05:22", "2026-11-24T05:22:00Z"),
        ("2026-11-24t05:22:20.5z", "2026-11-24T05:22:20.5Z"),
        ("2026-11-24 05:22:20", "2026-11-24T05:22:20Z"),
    ],
)
def test_timestamps_are_stored_with_an_offset(sent: str, stored: str) -> None:
    assert create(with_(due=sent))["due"] == stored
    doc = with_(note=[{"text": "t", "date": sent}])
    ORDER.check(doc)
    assert doc["note"][0]["date"] == stored


@given(st.from_regex(r"\A[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]0\d:[0-5]\d)\Z"))
def test_a_timestamp_is_taken_exactly_if_the_calendar_has_it(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        assert fault(lambda: create(with_(due=text))).code == "malformedDateTime"
    else:
        assert create(with_(due=text))["due"] == text


@given(st.from_regex(r"\A[12]\d{3}-[01]\d-[0-3]\d\Z"))
def test_a_day_is_taken_exactly_if_the_calendar_has_it(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        assert fault(lambda: create(with_(day=text))).code == "malformedDate"
    else:
        assert create(with_(day=text))["day"] == text


# ---- patches


def test_a_whole_document_may_hold_what_the_server_sets() -> None:
    ORDER.check(with_(id="1", state="held", created="2026-01-01T00:00:00.000Z"))
    assert fault(lambda: ORDER.check({"id": "1", "name": "n"})).facts["path"] == "item"


@pytest.mark.parametrize("name", ["id", "href", "created", "origin"])
def test_a_patch_may_not_touch_what_is_fixed(name: str) -> None:
    old = with_(**{name: "2026-01-01T00:00:00Z"})
    ORDER.check_patch_names(old, dict(old))
    for new in ({**old, name: "2027-01-01T00:00:00Z"}, {k: v for k, v in old.items() if k != name}):
        problem = fault(lambda new=new: ORDER.check_patch_names(old, new))
        assert (problem.code, problem.facts["path"]) == ("notPatchable", name)
    assert fault(lambda: ORDER.check_patch_names(MINIMAL, old)).facts["path"] == name


def test_a_patch_may_move_the_state_and_change_the_rest() -> None:
    ORDER.check_patch_names(with_(state="held"), with_(state="done", name="other", extra=1))


@pytest.mark.parametrize("name", ["@type", "@baseType", "@schemaLocation"])
def test_the_class_of_an_object_may_be_given_later_but_not_changed(name: str) -> None:
    ORDER.check_patch_names(MINIMAL, with_(**{name: "x"}))
    for new in (with_(**{name: "y"}), MINIMAL):
        assert fault(lambda new=new: ORDER.check_patch_names(with_(**{name: "x"}), new)).facts["path"] == name


# ---- paths and OpenAPI


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("state", Lookup("string", (False,))),
        ("link", Lookup("string", (False,))),
        ("day", Lookup("string", (False,))),
        ("created", Lookup("date-time", (False,))),
        ("urgent", Lookup("boolean", (False,))),
        ("price", Lookup("object", (False,))),
        ("price.value", Lookup("number", (False, False))),
        ("tag", Lookup("string", (True,))),
        ("item.item.product.part.name", Lookup("string", (True, True, False, True, False))),
        ("item.product.characteristic.value", Lookup("any", (True, False, True, False))),
        (
            "item.product.characteristic.value.deep.er",
            Lookup("any", (True, False, True, False, False, False)),
        ),
        ("@type", Lookup("string", (False,))),
        ("item.nothing", None),
        ("state.deeper", None),
        ("nothing", None),
    ],
)
def test_paths_are_looked_up(path: str, expected: Lookup | None) -> None:
    assert ORDER.lookup(tuple(path.split("."))) == expected


def test_openapi_components_are_closed_and_follow_the_marks() -> None:
    components = ORDER.openapi()
    assert {
        "Order",
        "Order_Create",
        "Order_Update",
        "Item",
        "Product",
        "State",
        "Action",
    } <= components.keys()
    assert set(components["Order"]["properties"]) == set(ORDER.fields)
    assert not ORDER.server_set & components["Order_Create"]["properties"].keys()
    assert components["Order_Create"]["required"] == ["name", "item"]
    assert "state" in components["Order_Update"]["properties"]
    assert "origin" not in components["Order_Update"]["properties"]
    assert "required" not in components["Order_Update"]
    assert components["State"] == {"type": "string", "enum": ["held", "in progress", "done"]}
    assert components["Order"]["properties"]["item"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Item"},
        "minItems": 1,
    }
    for name in references(components):
        assert name in components


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[-1]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


# ---- the fast validator and the exact walk judge alike

words = st.sampled_from(
    ["", "x", "add", "held", "done", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02"]
)
leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.just(2**70) | st.just(Decimal("0.10")) | words
FIELD_NAMES = sorted({name for kind in V.names() for name in V[kind].fields} | {"odd"})
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELD_NAMES), inner, max_size=5)
    ),
    max_leaves=15,
)


@st.composite
def near_orders(draw: st.DrawFn) -> dict[str, Any]:
    item = st.fixed_dictionaries(
        {"id": st.just("1"), "action": st.sampled_from(["add", "delete"]) | leaves},
        optional={"product": trees, "item": trees},
    )
    return draw(
        st.fixed_dictionaries(
            {"name": st.text(max_size=3) | leaves, "item": st.lists(item, max_size=2)},
            optional={name: trees for name in FIELD_NAMES if name not in ("name", "item")},
        )
    )


@given(near_orders() | trees)
def test_the_fast_way_and_the_exact_way_agree(doc: Any) -> None:
    if not isinstance(doc, dict):
        assert fault(lambda: ORDER.read_create(encode(doc))).code == "notAnObject"
        return
    walked = decode(encode(doc))
    try:
        shape_check.walk_object(V.types, ORDER.definition, walked, "")
    except BadInput as expected:
        assert fault(lambda: ORDER.check(doc)).facts == expected.facts
    else:
        ORDER.check(doc)
        assert doc == walked
        # Once mended it stays as it is.
        again = decode(encode(doc))
        ORDER.check(again)
        assert again == walked


def test_a_real_product_order_is_taken() -> None:
    shape = PRODUCT_ORDERING["ProductOrder"]
    order = {
        "externalId": "crm-1",
        "requestedStartDate": "2026-11-24T05:22:20.123Z",
        "relatedParty": [{"id": "p-17", "role": "Customer", "@referredType": "Individual"}],
        "productOrderItem": [
            {
                "id": "1",
                "quantity": 1,
                "action": "add",
                "productOffering": {"id": "internet-500"},
                "product": {"productCharacteristic": [{"name": "speed", "value": 500}]},
                "productOrderItem": [
                    {"id": "1.1", "action": "add", "itemTerm": [{"duration": {"amount": 12}}]}
                ],
            }
        ],
    }
    assert create(order, shape) == order
    assert shape.lookup(("productOrderItem", "productOffering", "id")) == Lookup(
        "string", (True, False, False)
    )
