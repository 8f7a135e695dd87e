"""Requests over real HTTP and a real database: the queue, a new one, its steps, the client's own page, the API."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.agreement.resources import QUOTE
from abonent.domain.order_handling.quoted import order_for, place_quoted
from abonent.domain.qualification.engineering_quote import open_for_quote
from abonent.domain.qualification.resources import ENGINEERING_ASSESSMENT
from abonent.faces.signed_links import SignedQuotes
from abonent.faces.tokens import secret_of
from abonent.kit.access import SYSTEM, Role
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.web import Web, run_web
from tests.support.world import build

PEOPLE = (
    ANNA,
    Person("olga", Role.AGENT, language="ru"),
    Person("ivan", Role.ENGINEER),
    Person("maria", Role.MANAGER),
    CLIENT,
)
OWN = "/abonent-api/qualification/v1/engineeringAssessment"
QUOTE_API = "/tmf-api/quoteManagement/v4/quote"
LATER = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        await admit(running.context.store, *PEOPLE)
        yield running


async def send(web: Web, name: str, path: str, **fields: Any) -> httpx.Response:
    async with person(web, name) as client:
        token = (await page_of(client, "/requests")).token()
        return await client.post(path, data={"token": token, **fields})


async def shown(web: Web, name: str, path: str) -> Page:
    async with person(web, name) as client:
        return await page_of(client, path)


async def asked(web: Web, description: str = "Fibre to the warehouse") -> str:
    answer = await send(web, "anna", "/requests/new", client="C-1", address="A-2", kind="build",
                        description=description, speed="500", do="ask")  # fmt: skip
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def offered(web: Web) -> tuple[str, str]:
    """A request up to its offer; its path and the quote's number."""
    path = await asked(web)
    await send(web, "maria", f"{path}/assign", **{"kind-0": "access", "engineer-0": "ivan"})
    answered = await send(web, "ivan", f"{path}/answer", part="1", once="48 000", monthly="700", leadTimeDays="30",
                          validUntil=LATER, node="N-1", downstreamMbps="1000", technology="GPON")  # fmt: skip
    assert answered.status_code == 303, answered.text
    assert (await send(web, "ivan", f"{path}/approve", reason="fine")).status_code == 303
    made = await send(web, "anna", f"{path}/quote", offering="turbo", once="60000", monthly="980", days="30",
                      sla="Repair within 4 hours")  # fmt: skip
    assert made.status_code == 303, made.text
    stored = await web.context.store.get(SYSTEM, ENGINEERING_ASSESSMENT, path.rpartition("/")[2])
    return path, stored.document["quote"][0]["id"]


def link_of(web: Web, quote: str) -> str:
    return SignedQuotes(secret_of(web.data)).path(quote)


async def test_from_a_new_request_to_the_order(web: Web) -> None:
    path, quote = await offered(web)
    page = await shown(web, "anna", path)
    assert "Fibre to the warehouse" in page.text and "60,000.00" in page.text and "12,000.00" in page.text
    assert (await send(web, "anna", f"{path}/accept")).status_code == 303
    await place_quoted(web.context, quote, "accepted")
    order = await order_for(web.context, quote)
    again = await shown(web, "anna", path)
    assert order is not None and order in again.text
    queue = await shown(web, "ivan", "/requests?state=all&engineer=ivan")
    assert path.rpartition("/")[2] in queue.text and "1 of 1 answered" in queue.text


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(web: Web) -> None:
    missing = await send(web, "anna", "/requests/new", client="C-1", kind="build", description=EVIL, do="ask")
    assert missing.status_code == 400 and "Name the address" in missing.text
    assert EVIL not in missing.text
    path = await asked(web)
    nobody = await send(web, "maria", f"{path}/assign", **{"kind-0": "access"})
    assert nobody.status_code == 400 and "Name the engineer" in nobody.text
    await send(web, "maria", f"{path}/assign", **{"kind-0": "access", "engineer-0": "ivan"})
    bad = await send(web, "ivan", f"{path}/answer", part="1", once="much", leadTimeDays="30", risk="Frost")
    assert bad.status_code == 400 and "Frost" in bad.text and 'id="answer-problem"' in bad.text
    agent = await send(web, "anna", f"{path}/answer", part="1", once="1", leadTimeDays="3", validUntil=LATER)
    assert agent.status_code == 403
    closed = await send(web, "anna", f"{path}/withdraw")
    assert closed.status_code == 400 and "Say in a few words why" in closed.text
    gone = await send(web, "anna", f"{path}/withdraw", reason="Moved away")
    assert gone.status_code == 303
    assert "Moved away" in (await shown(web, "anna", path)).text


async def test_the_client_answers_by_the_signed_address_in_his_language(web: Web) -> None:
    _, quote = await offered(web)
    link = link_of(web, quote)
    async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client:
        page = await client.get(link)
        assert page.status_code == 200 and 'lang="ru"' in page.text and "60" in page.text
        assert page.headers["x-robots-tag"] == "noindex" and page.headers["referrer-policy"] == "no-referrer"
        assert "48" not in page.text.replace("48px", "")  # what it costs us is not his to see
        english = await client.get(f"{link}?lang=en")
        assert "Accept the offer" in english.text and "RUB\u00a060,000.00" in english.text
        empty = await client.post(link, data={"answer": "decline"})
        assert empty.status_code == 400
        said = await client.post(link, data={"answer": "decline", "reason": f"Too dear {EVIL}"})
        assert said.status_code == 303
        after = await client.get(f"{link}?lang=en")
        assert "You declined this offer" in after.text
        late = await client.post(link, data={"answer": "accept"})
        assert late.status_code == 422
        for forged in ("/q/nonsense", f"{link[:-2]}xx", f"/q/{quote}"):
            answer = await client.get(forged)
            assert answer.status_code == 404 and "60" not in answer.text.split("<main")[1].split("</main")[0]
            assert (await client.post(forged, data={"answer": "accept"})).status_code == 404
    stored = await web.context.store.get(SYSTEM, QUOTE, quote)
    assert stored.document["note"][-1]["text"].startswith("Too dear")


async def test_a_second_request_offers_the_first_ones_answer(web: Web) -> None:
    first, _ = await offered(web)
    second = await asked(web, "The same once more")
    page = await shown(web, "olga", second)
    assert first.rpartition("/")[2] in page.text and "Взять её" in page.text
    used = await send(web, "anna", f"{second}/use", earlier=first.rpartition("/")[2])
    assert used.status_code == 303
    stored = await web.context.store.get(SYSTEM, ENGINEERING_ASSESSMENT, second.rpartition("/")[2])
    assert stored.state == "assessed"


async def test_clients_see_quotes_of_their_own_alone_and_no_costs(web: Web) -> None:
    path, quote = await offered(web)
    id = path.rpartition("/")[2]
    async with person(web, "client") as client:
        assert (await client.get("/requests")).status_code == 403
        assert (await client.get(path)).status_code == 403
    async with web.client(Role.CLIENT, "C-1") as own, web.client(Role.CLIENT, "C-2") as stranger:
        assert (await own.get(f"{OWN}/{id}")).status_code == 403
        assert (await own.get(f"{QUOTE_API}/{quote}")).json()["state"] == "approved"
        assert (await stranger.get(f"{QUOTE_API}/{quote}")).status_code == 404
        wrong = await own.patch(f"{QUOTE_API}/{quote}", json={"quoteTotalPrice": []})
        assert wrong.status_code == 422
        assert (await stranger.patch(f"{QUOTE_API}/{quote}", json={"state": "accepted"})).status_code == 404
        done = await own.patch(f"{QUOTE_API}/{quote}", json={"state": "accepted"})
        assert done.status_code == 200 and done.json()["state"] == "accepted"


async def test_a_quote_asked_for_over_the_api_becomes_a_request(web: Web) -> None:
    wanted = {
        "description": "Two lines of 500 Mbit/s",
        "quoteItem": [
            {
                "action": "add",
                "product": {
                    "place": [{"id": "A-2", "role": "installationAddress"}],
                    "productCharacteristic": [{"name": "downstream", "value": 500}],
                },
                "quoteItemPrice": [{"priceType": "recurring", "price": {"taxIncludedAmount": {"value": 1}}}],
            }
        ],
    }
    async with web.client(Role.CLIENT, "C-1") as own:
        made = await own.post(QUOTE_API, json=wanted)
        assert made.status_code == 201, made.text
        quote = made.json()
        assert quote["state"] == "inProgress" and "quoteItemPrice" not in quote["quoteItem"][0]
    await open_for_quote(web.context, quote["id"])
    await open_for_quote(web.context, quote["id"])
    id = f"EA-{quote['id']}"
    part = {"kind": "access", "engineer": "ivan"}
    assigned = await web.admin.patch(f"{OWN}/{id}", json={"part": [part]})
    assert assigned.json()["state"] == "assigned", assigned.text
    answer = assigned.json()["part"][0] | {
        "once": {"unit": "RUB", "value": 1000},
        "leadTimeDays": 5,
        "validUntil": f"{LATER}T20:00:00.000Z",
    }
    answered = await web.admin.patch(f"{OWN}/{id}", json={"part": [answer]})
    assert answered.json()["state"] == "assessed", answered.text
    approved = await web.admin.patch(f"{OWN}/{id}", json={"state": "approved", "statusReason": "fine"})
    assert approved.json()["state"] == "approved", approved.text
    made_offer = await send(
        web, "anna", f"/requests/{id}/quote", offering="turbo", once="1250", monthly="0", days="5"
    )
    assert made_offer.status_code == 303, made_offer.text
    stored = await web.context.store.get(SYSTEM, QUOTE, quote["id"])
    assert stored.state == "approved" and stored.document["version"] == "1"


async def test_the_policy_is_data(web: Web) -> None:
    path = "/abonent-api/agreement/v1/quotePolicy"
    body = {
        "version": "1",
        "marginOnce": 0.5,
        "marginMonthly": 0.5,
        "minimumMargin": 0.2,
        "quoteDays": 7,
        "answerDays": 2,
        "similarMetres": 100,
        "approvalLimit": [{"role": "manager", "once": 100, "monthly": 100}],
    }
    assert (await web.admin.post(path, json=body | {"quoteDays": 0})).status_code == 400
    assert (await web.admin.post(path, json=body)).status_code == 201
    request = await asked(web)
    await send(web, "maria", f"{request}/assign", **{"kind-0": "access", "engineer-0": "ivan"})
    await send(web, "ivan", f"{request}/answer", part="1", once="101", leadTimeDays="3", validUntil=LATER)
    assert (await send(web, "maria", f"{request}/approve")).status_code == 403
    page = await shown(web, "maria", request)
    assert "above what you may approve" in page.text
