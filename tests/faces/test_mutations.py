"""A valid order, mutated at random, is answered: with 2xx or 4xx, never with a fault of ours."""

import asyncio
import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.kit.access import Role
from tests.support.web import ORDERS, run_web, token_for
from tests.support.world import build, item, order

GOOD = order(
    item("1", "bundle", quantity=1),
    item(
        "2",
        "fibre",
        productOrderItemRelationship=[{"id": "1", "relationshipType": "reliesOn"}],
        itemPrice=[{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 500}}}],
        product={"productCharacteristic": [{"name": "vlan", "value": 7}]},
    ),
    item("3", None, action="delete", product={"id": "P-1"}),
    externalId="web-1",
    requestedCompletionDate="2026-06-10T12:00:00Z",
    note=[{"text": "call first"}],
    orderTotalPrice=[{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 1}}}],
)
STRANGE: list[Any] = [
    *(None, True, 0, -1, 2**63, 2**64, 0.5, 1e300, "", "x" * 5000, "й", "\u0000", "\ud800", "../..", "%00"),
    *([], {}, [[]], [{}], {"id": "1"}, {"@type": "X", "@schemaLocation": "http://x/y", "z": 1}, "NaN"),
    *("2026-02-30T00:00:00Z", "0000-00-00T00:00:00Z", "add", "customer", "C-2", "fibre", "1", "1.1", "held"),
]
NAMES = [
    "id",
    "action",
    "state",
    "product",
    "productOffering",
    "place",
    "quantity",
    "href",
    "@type",
    "zzz",
    "role",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path]
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        found += places(part, (*path, key))
    return found


def mutate(document: Any, chance: Random) -> Any:
    """Put something strange at a random place, or take away, double or rename what is there."""
    changed = copy.deepcopy(document)
    path = chance.choice(places(changed))
    if not path:
        return chance.choice(STRANGE) if chance.random() < 0.2 else changed
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    last = path[-1]
    kind = chance.randrange(5)
    if kind == 0:
        del parent[last]
    elif kind == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    elif kind == 2 and isinstance(parent, dict):
        parent[chance.choice(NAMES)] = parent.pop(last)
    elif kind == 3 and isinstance(parent[last], dict):
        parent[last][chance.choice(NAMES)] = chance.choice(STRANGE)
    else:
        parent[last] = chance.choice(STRANGE)
    return changed


async def test_no_mutation_of_an_order_is_a_fault_of_ours(dsn: str, tmp_path: Path) -> None:
    async with run_web(dsn, tmp_path) as web:
        await build(web.context)
        tokens = [token_for(tmp_path), token_for(tmp_path, Role.CLIENT, "C-1")]
        kept: list[str] = []

        def probe() -> None:
            with httpx.Client(base_url=web.url, timeout=20, trust_env=False) as http:

                @settings(
                    max_examples=250,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow],
                    database=None,
                )
                @given(st.integers(0, 2**40), st.integers(1, 4), st.sampled_from(tokens), st.booleans())
                def one(seed: int, times: int, token: str, patching: bool) -> None:
                    chance = Random(seed)
                    document: Any = GOOD
                    for _ in range(times):
                        document = mutate(document, chance)
                    body = json.dumps(document)
                    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                    if patching and kept:
                        answer = http.patch(f"{ORDERS}/{chance.choice(kept)}", content=body, headers=headers)
                    else:
                        answer = http.post(ORDERS, content=body, headers=headers)
                    assert answer.status_code < 500, (answer.status_code, answer.text, body[:2000])
                    if answer.status_code == 201:
                        kept.append(answer.json()["id"])
                        # What was taken can be read and listed again.
                        assert http.get(answer.json()["href"], headers=headers).status_code == 200
                    else:
                        assert answer.status_code == 200 or answer.json()["@type"] == "Error"

                one()

        await asyncio.to_thread(probe)
        listed = await web.admin.get(ORDERS)
        assert listed.status_code == 200 and len(listed.json()) <= len(kept)
