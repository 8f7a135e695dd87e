"""Amending an order by the form of the console, over real HTTP and a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from tests.support.pages import page_of
from tests.support.people import ANNA, CLIENT, admit, sign_in
from tests.support.stages import sell_in_stages
from tests.support.web import Web, run_web
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, item, order

SPEED = "value.1.speed"


@dataclass
class Desk:
    """An order `id` in work, the jobs behind it, and a person at the console."""

    web: Web
    shop: Workshop
    id: str
    client: httpx.AsyncClient

    @property
    def path(self) -> str:
        return f"/orders/{self.id}/amend"

    async def ask(self, **form: str) -> httpx.Response:
        """Send the form, the names of its fields with __ for each dot; `seen` as the page before had it."""
        token = (await page_of(self.client, self.path)).token()
        named = {name.replace("__", "."): value for name, value in form.items()}
        return await self.client.post(self.path, data={"token": token, "do": "look", **named})

    async def amended(self, **form: str) -> httpx.Response:
        """Look at what follows, and send that."""
        looked = await self.ask(**form)
        assert looked.status_code == 200, looked.text
        return await self.ask(**form, do="send", seen=seen_in(looked))


def seen_in(answer: httpx.Response) -> str:
    mark = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    return mark


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with (
        run_web(dsn, tmp_path) as web,
        workshop(dsn) as shop,
        httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client,
    ):
        await build(shop.context)
        await sell_in_stages(shop.context)
        await choosable(shop)
        await admit(web.context.store, ANNA, CLIENT)
        shop.network.prompt = False
        given = {"productCharacteristic": [{"name": "speed", "value": 100}]}
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre", product=given)))
        await shop.drain()
        await sign_in(client, "anna")
        yield Desk(web, shop, placed["id"], client)


async def choosable(shop: Workshop) -> None:
    """The catalogue lets one choose the speed of fibre."""
    sql = """
        UPDATE product_specification SET doc = doc || jsonb_build_object('productSpecCharacteristic',
            '[{"name": "speed", "configurable": true, "valueType": "number", "productSpecCharacteristicValue":
               [{"value": 100, "isDefault": true}, {"value": 300}, {"value": 500}]}]'::jsonb)
        WHERE id = (SELECT doc #>> '{productSpecification,id}' FROM product_offering WHERE id = 'fibre')"""
    async with shop.context.store.database.connection() as conn:
        assert await conn.execute(sql) == "UPDATE 1"


class TestLooking:
    async def test_the_order_leads_to_the_form_with_what_may_be_chosen(self, desk: Desk) -> None:
        assert f'href="{desk.path}"' in (await desk.client.get(f"/orders/{desk.id}")).text
        page = await desk.client.get(desk.path)
        assert page.status_code == 200
        assert f'name="{SPEED}"' in page.text and "Show what follows" in page.text
        assert "Send the change" not in page.text

    async def test_what_follows_is_told_and_nothing_is_saved(self, desk: Desk) -> None:
        await desk.shop.report(f"{desk.id}/1.line", "completed")
        await desk.shop.drain()
        await desk.shop.report(f"{desk.id}/1.access", "failed", message="no light")
        before = await desk.shop.order(desk.id)
        looked = await desk.ask(value__1__speed="300")
        assert looked.status_code == 200
        for told in ("speed: 300, was 100", "Done once more", "Send the change", "Promised"):
            assert told in looked.text, told
        assert await desk.shop.order(desk.id) == before
        history = await desk.shop.context.store.history(PRODUCT_ORDER, desk.id)
        assert not [row for row in history if row["attribute"] == "amendment"]

    async def test_an_unchanged_form_has_nothing_to_send(self, desk: Desk) -> None:
        looked = await desk.ask(value__1__speed="100", do="send")
        assert "Nothing is changed yet." in looked.text

    async def test_a_wrong_field_is_told_beside_it_and_keeps_what_was_typed(self, desk: Desk) -> None:
        looked = await desk.ask(value__1__speed="300", end="2020-01-01")
        assert looked.status_code == 400
        assert "This day has passed" in looked.text and 'value="2020-01-01"' in looked.text
        other = await desk.ask(value__1__speed="700")
        assert other.status_code == 400 and "Choose one from the list." in other.text


class TestSending:
    async def test_it_is_changed_and_says_what_changed(self, desk: Desk) -> None:
        sent = await desk.amended(value__1__speed="300", note="Call before coming")
        assert sent.status_code == 303 and sent.headers["location"] == f"/orders/{desk.id}/amended"
        done = await desk.client.get(sent.headers["location"])
        assert "Item 1: speed 300, was 100" in done.text
        kept = await desk.shop.order(desk.id)
        values = kept["productOrderItem"][0]["product"]["productCharacteristic"]
        assert {"name": "speed", "value": 300} in values
        assert kept["note"][-1]["text"] == "Call before coming"
        assert kept["note"][-1]["author"] == "anna"

    async def test_what_was_not_looked_at_is_not_sent(self, desk: Desk) -> None:
        looked = await desk.ask(value__1__speed="300")
        sent = await desk.ask(value__1__speed="500", do="send", seen=seen_in(looked))
        assert sent.status_code == 200 and "Nothing was sent yet." in sent.text
        assert "speed: 500, was 100" in sent.text

    async def test_an_order_that_changed_meanwhile_is_looked_at_again(self, desk: Desk) -> None:
        looked = await desk.ask(value__1__speed="300")
        await desk.amended(note="Somebody was quicker")
        sent = await desk.ask(value__1__speed="300", do="send", seen=seen_in(looked))
        assert sent.status_code == 200 and "Nothing was sent yet." in sent.text

    async def test_dates_are_kept_by_day(self, desk: Desk) -> None:
        sent = await desk.amended(end="2027-06-30")
        assert sent.status_code == 303, sent.text
        kept = await desk.shop.order(desk.id)
        assert kept["requestedCompletionDate"] == "2027-06-30T15:00:00.000Z"
        assert (await desk.ask(end="2027-06-30")).text.count("Nothing is changed yet.") == 1

    async def test_an_address_can_be_found_and_chosen_while_nothing_began(self, desk: Desk) -> None:
        page = await desk.client.get(desk.path)
        assert "The address is fixed" in page.text and 'name="place.1"' not in page.text


class TestWho:
    async def test_it_is_for_staff(self, desk: Desk) -> None:
        async with httpx.AsyncClient(base_url=desk.web.url, trust_env=False) as other:
            await sign_in(other, "client")
            assert (await other.get(desk.path)).status_code == 403
            assert "amend" not in (await other.get(f"/orders/{desk.id}")).text

    async def test_past_the_point_of_no_return_it_says_since_when(self, desk: Desk) -> None:
        await desk.shop.report(f"{desk.id}/1.line", "completed")
        await desk.shop.drain()
        page = await desk.client.get(desk.path)
        assert page.status_code == 200
        assert "It can be changed no more" in page.text and f'name="{SPEED}"' not in page.text
        assert f'href="{desk.path}"' not in (await desk.client.get(f"/orders/{desk.id}")).text

    async def test_an_order_that_is_over_has_no_form(self, desk: Desk) -> None:
        async with desk.shop.context.store.database.connection() as conn:
            sql = "UPDATE product_order SET doc = jsonb_set(doc, '{state}', '\"completed\"') WHERE id = $1"
            await conn.execute(sql, desk.id)
        page = await desk.client.get(desk.path)
        assert page.status_code == 422 and "nothing of it can be changed now" in page.text
