"""What the demo is made of, without a database: network, clients, catalogue, names and the rhythm of orders."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.demo import catalogue, clients, crews, names, network, rhythm
from abonent.demo.decompositions import ETHERNET, FIBRE
from abonent.demo.scale import FULL, SMALL, Scale
from abonent.demo.wishes import wish
from abonent.domain.catalog.texts import text_in
from abonent.domain.order_handling.lines import lines, product_id
from abonent.kit.shapes import encode

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)


@cache
def made(scale: Scale = SMALL, seed: int = 1) -> tuple[network.Network, clients.Clients]:
    wires = network.build(seed, scale.nodes)
    return wires, clients.build(seed, NOW, wires, scale)


@pytest.mark.parametrize("scale", [SMALL, FULL], ids=["small", "full"])
def test_every_adopted_document_has_its_shape(scale: Scale) -> None:
    wires, people = made(scale)
    documents = [*catalogue.documents(), *wires.documents, *crews.documents(), *people.documents]
    for resource, document in documents:
        before = encode(document)
        resource.shape.check(document)
        assert encode(document) == before  # nothing had to be mended either
    ids = [(resource.name, document["id"]) for resource, document in documents]
    assert len(set(ids)) == len(ids)
    assert len(people.by_id) == scale.clients


def test_the_same_seed_makes_the_same_operator() -> None:
    def written(number: int) -> bytes:
        wires = network.build(number, SMALL.nodes)
        people = clients.build(number, NOW, wires, SMALL)
        return encode([d for _, d in [*people.documents, *wires.documents]])

    assert written(1) == written(1)
    assert written(1) != written(2)


def test_the_topology_leads_from_every_port_to_the_core() -> None:
    documents = {d["id"]: d for r, d in network.build(1).documents if r.name == "resource"}
    kinds = Counter(d["category"] for d in documents.values())
    assert (kinds["coreRouter"], kinds["accessNode"]) == (2, 60)

    def above(id: str) -> list[str]:
        return [relation["resource"]["id"] for relation in documents[id]["resourceRelationship"]]

    for id, document in documents.items():
        steps, at = 0, id
        while documents[at]["category"] != "coreRouter":
            at, steps = above(at)[0], steps + 1
            assert steps <= 8, id
        assert document["category"] == "port" or set(above(id)) <= documents.keys()
    trees = [d for d in documents.values() if "-OLT-" in d["id"] and "-OLT-" in above(d["id"])[0]]
    assert len(trees) > 5
    for id, document in documents.items():
        if document["category"] == "aggregationNode":
            # A ring: whoever goes to its neighbour comes back the other way, too.
            assert all(other in network.CORES or id in above(other) for other in above(id))
            assert len(above(id)) == 2


def test_no_two_addresses_are_the_same() -> None:
    wires, _ = made(FULL)
    assert len({a["name"] for a in wires.address.values()}) == len(wires.address)
    assert len(wires.homes) > FULL.homes


def test_reserved_ports_are_those_that_products_use() -> None:
    wires, people = made(FULL)
    products = [d for r, d in people.documents if r.name == "product"]
    used = [r["id"] for p in products for r in p.get("realizingResource", ())]
    busy = [p["id"] for ports in wires.ports.values() for p in ports if p["resourceStatus"] == "reserved"]
    assert sorted(used) == sorted(busy)
    assert len(set(used)) == len(used)


def test_options_stand_over_what_they_need() -> None:
    _, people = made(FULL)
    for client in people.by_id.values():
        for offering in client.held:
            needed = catalogue.BY_ID[offering].any_of
            assert not needed or any(one in client.held for one in needed), client.id
            assert not any(rival in client.held for rival in catalogue.BY_ID[offering].excludes), client.id


def test_offerings_are_named_in_both_languages() -> None:
    offerings = [d for r, d in catalogue.documents() if r.name == "productOffering"]
    assert len(offerings) == 14
    for offering in offerings:
        for attribute in ("name", "description"):
            english, russian = (text_in(offering, attribute, language) for language in ("en", "ru"))
            assert english.isascii()
            assert not russian.isascii()
    assert text_in({"name": "Plain"}, "name", "ru") == "Plain"
    assert text_in(offerings[0], "name", "de") == offerings[0]["name"]


def test_without_crews_nothing_waits_for_a_visit() -> None:
    for resource, document in catalogue.documents(crews=False):
        if resource.name != "decomposition":
            continue
        resource.shape.check(document)
        ids = {task["id"] for task in document["task"]}
        assert all(set(task.get("dependsOn", ())) <= ids for task in document["task"])
        assert not any(task["kind"] == "workOrder" for task in document["task"])
        if document["id"] == "DC-fibre-1000":
            after = {task["id"]: task.get("dependsOn") for task in document["task"]}
            assert after["activate"] == ["line"]


def test_whoever_must_be_visited_has_a_crew() -> None:
    wires, _ = made(FULL)
    towns = {address["city"] for address in wires.address.values()}
    for skill in (FIBRE, ETHERNET):
        served = {
            district["city"]
            for _, crew in crews.documents()
            if skill in crew["skill"]
            for district in crew["district"]
        }
        assert served == towns


def test_names_are_written_in_latin_letters() -> None:
    assert names.latin("Фёдор Щербаков") == "fedor-shcherbakov"
    assert names.latin("ООО «Юг-76»") == "ooo-yug-76"
    assert names.latin("North Quay") == "north-quay"


def test_no_two_businesses_have_one_name() -> None:
    drawn = names.Businesses(Random(3))
    listed = [drawn.next()[1] for _ in range(400)]
    assert len(set(listed)) == 400


def test_a_taxpayer_number_has_its_check_digit() -> None:
    # The check of a real one, 7707083893, computed as the tax service prescribes.
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    assert sum(int(d) * w for d, w in zip("770708389", weights, strict=True)) % 11 % 10 == 3
    number = names.taxpayer_number(2701)
    assert number.startswith("00")
    assert sum(int(d) * w for d, w in zip(number[:9], weights, strict=True)) % 11 % 10 == int(number[9])


@given(st.integers(0, 10_000))
def test_a_wish_suits_the_client(number: int) -> None:
    wires, people = made()
    draw = Random(number)
    client = draw.choice(list(people.by_id.values()))
    items = wish(draw, client, wires)
    held = {product["id"] for product in client.held.values()}
    numbers = [item["id"] for item in lines({"productOrderItem": items})]
    assert len(set(numbers)) == len(numbers)
    for item in items:
        offering = item["productOffering"]["id"]
        if item["action"] == "add":
            needed = catalogue.BY_ID[offering].any_of
            together = {other["productOffering"]["id"] for other in items}
            assert not needed or together | client.held.keys() & set(needed)
            assert not catalogue.BY_ID[offering].technologies or item["product"]["place"]
        else:
            assert product_id(item) in held
    gone = {i["productOffering"]["id"] for i in items if i["action"] == "delete"}
    left = client.held.keys() - gone
    for offering in left if gone else ():
        needed = catalogue.BY_ID[offering].any_of
        assert not needed or left & set(needed), "an option was left behind without what it works over"


# ---- rhythm


def months(a_day: float = 40.0) -> list[tuple[datetime, bool]]:
    return list(rhythm.moments(Random(1), NOW - timedelta(days=120), NOW, a_day))


def test_orders_come_in_order_and_within_the_time() -> None:
    times = [at for at, _ in months()]
    assert times == sorted(times)
    assert NOW - timedelta(days=120) <= times[0]
    assert times[-1] < NOW


def test_working_days_are_busier_than_sundays() -> None:
    days = Counter(at.astimezone(rhythm.LOCAL).date().weekday() for at, _ in months())
    assert days[0] > 2 * days[6]
    assert days[1] > days[5] > days[6]


def test_the_counter_closes_and_the_site_does_not() -> None:
    hours = {True: Counter(), False: Counter()}
    for at, online in months():
        hours[online][at.astimezone(rhythm.LOCAL).hour] += 1
    assert set(hours[False]) <= set(range(8, 20))
    evening, morning = (sum(hours[True][h] for h in span) for span in (range(18, 23), range(7, 12)))
    assert evening > 2 * morning


def test_holidays_are_thin_and_business_grows() -> None:
    today = date(2026, 6, 3)
    assert rhythm.weight(date(2026, 5, 1), today) < 0.3 * rhythm.weight(date(2026, 4, 24), today)
    assert rhythm.weight(date(2026, 3, 4), today) / rhythm.MONTHS[2] < (
        rhythm.weight(today, today) / rhythm.MONTHS[5]
    )
    # September is the best month, July the worst.
    assert max(rhythm.MONTHS) == rhythm.MONTHS[8]
    assert min(rhythm.MONTHS) == rhythm.MONTHS[6]


def test_a_living_day_brings_as_many_as_a_past_one() -> None:
    noon = datetime(2026, 6, 3, tzinfo=rhythm.LOCAL)
    seconds = sum(rhythm.per_second(noon + timedelta(hours=h), 32.0) * 3600 for h in range(24))
    assert seconds == pytest.approx(32.0 * rhythm.WEEKDAYS[2])


@given(st.integers(0, 4 * 365 * 24 * 60))
def test_people_act_in_working_hours(minutes: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begun = rhythm.at_work(moment)
    assert begun >= moment
    assert rhythm.in_hours(begun)
    assert begun - moment < timedelta(days=11)
