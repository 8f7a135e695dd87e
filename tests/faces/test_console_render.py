"""The console over real HTTP messages: signing in, preferences, an order's page, what it must refuse."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from abonent.faces.console.data import OrderFile, OrderRow
from abonent.faces.console.session import LoginBrake
from tests.faces.console_fakes import FILE, NOW, ORDER, FakeData, open_console, sign_in
from tests.support.pages import EVIL, Page, page_of


@pytest.fixture
def data() -> FakeData:
    return FakeData()


@pytest.fixture
async def client(data: FakeData) -> AsyncIterator[httpx.AsyncClient]:
    async with open_console(data) as each:
        yield each


# ---- signing in ----


async def test_pages_send_a_stranger_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/orders?state=held&q=a%26b")
    assert answer.status_code == 303
    form = await page_of(client, answer.headers["location"])
    assert form.found("input", name="next")[0]["value"] == "/orders?state=held&q=a%26b"
    done = await client.post(
        "/login",
        data={
            "token": form.token(),
            "name": "anna",
            "password": "correct",
            "next": "/orders?state=held&q=a%26b",
        },
    )
    assert (done.status_code, done.headers["location"]) == (303, "/orders?state=held&q=a%26b")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert (await client.get("/orders")).status_code == 200


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nX: y", ""])
async def test_signing_in_never_leads_to_another_site(client: httpx.AsyncClient, target: str) -> None:
    answer = await sign_in(client, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_wrong_password_keeps_the_name_and_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await sign_in(client, "wrong")
    page = Page(answer.text)
    assert answer.status_code == 401
    assert page.found("input", name="name")[0]["value"] == "anna"
    assert "value" not in page.found("input", name="password")[0]
    assert "do not fit together" in page.words()


async def test_guessing_is_slowed_even_for_the_right_password(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await sign_in(client, "wrong")).status_code == 401
    refused = await sign_in(client)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Try again in" in refused.text


def test_the_brake_lets_go_after_its_window_and_keeps_few_keys() -> None:
    time = [0.0]
    brake = LoginBrake(limit=2, window=10.0, keys=3, clock=lambda: time[0])
    brake.failed("a")
    time[0] = 4.0
    brake.failed("a")
    assert brake.wait("a") == 6.0
    time[0] = 10.0
    assert brake.wait("a") == 0.0
    for key in "bcde":
        brake.failed(key)
        brake.failed(key)
    assert [brake.wait(key) > 0 for key in "bcde"] == [False, True, True, True]


async def test_forms_without_the_pages_token_change_nothing(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    stranger = await client.post("/login", data={"name": "anna", "password": "correct", "token": "forged"})
    assert stranger.status_code == 403
    await sign_in(client)
    for path in ("/preferences", "/logout"):
        assert (await client.post(path, data={"theme": "dark", "token": "forged"})).status_code == 403
    assert data.users["anna"].theme == "light"
    assert (await client.get("/orders")).status_code == 200


async def test_a_token_from_before_signing_in_is_worth_nothing_after(client: httpx.AsyncClient) -> None:
    before = (await page_of(client, "/login")).token()
    await sign_in(client)
    assert (await client.post("/logout", data={"token": before})).status_code == 403


async def test_a_forged_cookie_is_a_stranger(client: httpx.AsyncClient) -> None:
    client.cookies.set("abonent_session", "eyJuYW1lIjoiYW5uYSIsIm1hcmsiOiJ4In0.aaaa.bbbb")
    assert (await client.get("/orders")).status_code == 303


async def test_signing_out_and_a_user_that_is_gone(client: httpx.AsyncClient, data: FakeData) -> None:
    await sign_in(client)
    token = (await page_of(client, "/orders")).token()
    await client.post("/logout", data={"token": token})
    assert (await client.get("/orders")).status_code == 303
    await sign_in(client)
    data.users.clear()
    assert (await client.get("/orders")).status_code == 303


async def test_language_and_theme_are_kept_in_the_users_record(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    await sign_in(client)
    page = await page_of(client, "/orders/O-1")
    answer = await client.post(
        "/preferences", data={"token": page.token(), "language": "ru", "next": "/orders/O-1"}
    )
    assert answer.headers["location"] == "/orders/O-1"
    await client.post("/preferences", data={"token": page.token(), "theme": "dark"})
    russian = await page_of(client, "/orders/O-1")
    assert russian.found("html", lang="ru", **{"data-bs-theme": "dark"})
    assert "Что можно сделать сейчас" in russian.words()
    assert "Линия доступа" in russian.words()
    assert (data.users["anna"].language, data.users["anna"].theme) == ("ru", "dark")


async def test_the_sign_in_page_speaks_the_browsers_language(client: httpx.AsyncClient) -> None:
    answer = await client.get("/login", headers={"accept-language": "ru-RU,ru;q=0.9"})
    assert "Пароль" in answer.text


# ---- the order's page ----


async def test_the_page_of_an_order_shows_its_facts(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    page = await page_of(client, "/orders/O-1")
    words = page.words()
    for fact in (
        "In work",
        "North Quay & Sons",
        "RUB 1,200.50 / RUB 1,200.00",  # 900.50 + 300.00 a month, 1,200.00 once
        "2 tasks: 1 is done, 1 is in work · order version 7",
        "Television × 2",
        "Credit approved",
        "score 688",
        "Visit: Done, was In work",
        "We come today",
        "Delivered",
        "Before it is sent you see what is done again",
        "18:20",  # promised four hours after 14:20, Moscow time
        "As of 17 Jun 2026, 14:20:08",
        "Times in Moscow (UTC+3)",
    ):
        assert fact in words, fact
    # access: began 13:20, planned for six hours: 19:20, an hour after the promise
    assert "Date at risk" in words
    assert "The promise of 18:20 cannot be kept; 19:20 can." in words
    assert "“Visit” ended 3 h later than planned." in words


async def test_the_picture_is_drawn_twice_and_repeated_as_a_table(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    page = await page_of(client, "/orders/O-1")
    pictures = page.found("svg", role="group")
    assert [svg["width"] for svg in pictures] == ["1292", "332"]
    assert all("1 h after the promise" in str(svg["aria-label"]).replace("\u00a0", " ") for svg in pictures)
    assert len(page.found("tr", id="task-1.access")) == 1
    symbols = {a["id"] for tag, a in page.tags if tag in ("symbol", "pattern", "marker")}
    used = {str(a["href"])[1:] for tag, a in page.tags if tag == "use"}
    used |= {
        name for _, a in page.tags for v in a.values() for name in re.findall(r"url\(#([^)]+)\)", str(v))
    }
    assert used <= symbols


async def test_what_people_wrote_is_never_markup(client: httpx.AsyncClient, data: FakeData) -> None:
    await sign_in(client)
    data.rows = [OrderRow(EVIL, EVIL, "held", NOW, "C-1", EVIL)]
    for path in ("/orders/O-1", f"/orders?q={EVIL}", f"/orders/{EVIL.replace('/', '')}"):
        text = (await client.get(path)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


async def test_no_inline_style_or_script_so_the_policy_can_be_strict(client: httpx.AsyncClient) -> None:
    login = await client.get("/login")
    await sign_in(client)
    for answer in (login, await client.get("/orders"), await client.get("/orders/O-1")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        page = Page(answer.text)
        assert not page.found("style")
        assert all(script.get("src") for script in page.found("script"))
        assert not [a for _, a in page.tags if any(k == "style" or k.startswith("on") for k in a)]


async def test_the_live_part_comes_only_when_it_looks_different(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    await sign_in(client)
    live = next(a for _, a in (await page_of(client, "/orders/O-1")).tags if a.get("id") == "live")
    assert str(live["hx-trigger"]).startswith("every ")
    assert (await client.get(str(live["hx-get"]))).status_code == 204
    data.files["O-1"] = replace(FILE, version=8, order={**ORDER, "state": "completed"})
    changed = await client.get(str(live["hx-get"]))
    part = Page(changed.text)
    assert changed.status_code == 200
    assert "Done" in part.words()
    assert not part.found("html")
    live = next(a for _, a in part.tags if a.get("id") == "live")
    assert "hx-get" not in live, "a final order asks no more"


async def test_the_live_part_sends_a_stranger_to_the_whole_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/orders/O-1/live", headers={"hx-request": "true"})
    assert answer.headers["hx-refresh"] == "true"


async def test_an_order_that_is_not_there_says_what_to_do(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    assert "Check the number" in (await page_of(client, "/orders/O-404", 404)).words()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("acknowledged", ("Received", "An order has no plan yet.")),
        ("rejected", ("Rejected", "The order was rejected. score 402", "nothing")),
        ("held", ("On hold", "Its tasks wait until it is resumed.")),
        ("pendingCancellation", ("Being cancelled", "being carried out")),
        ("somethingNew", ("somethingNew",)),
    ],
)
async def test_an_order_without_a_plan(
    client: httpx.AsyncClient, data: FakeData, state: str, expected: tuple[str, ...]
) -> None:
    reasons = [{"code": "s", "text": "score 402", "ok": False}]
    declined = [{"kind": "credit", "outcome": "decline", "reasons": reasons}] if state == "rejected" else []
    data.files["O-2"] = OrderFile({"id": "O-2", "state": state, "description": "x"}, 1, decisions=declined)
    await sign_in(client)
    words = (await page_of(client, "/orders/O-2")).words()
    for each in expected:
        assert each.replace("An order has no plan yet.", "No plan yet.") in words


async def test_sections_that_do_not_exist_are_words_not_links(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    page = await page_of(client, "/orders")
    nav = [
        a["href"] for a in page.found("a") if a.get("href") == "/orders" and a.get("aria-current") == "page"
    ]
    assert nav == ["/orders"]
    assert len(page.found("span", class_="a-soon")) == 6


async def test_static_files_are_served(client: httpx.AsyncClient) -> None:
    page = await page_of(client, "/login")
    sheets = [str(a["href"]) for a in page.found("link", rel="stylesheet")]
    assert any(sheet.startswith("/static/abonent.css?v=") for sheet in sheets)
    for path in [*sheets, *(str(a["src"]) for a in page.found("script"))]:
        assert (await client.get(path)).status_code == 200
