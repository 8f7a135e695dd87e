"""Who may come in and see what: passwords, sessions, a client's own orders, forms of foreign pages."""

import pytest
from playwright.async_api import expect

from tests.browser.desk import Desk
from tests.browser.orders import adopt, document
from tests.support.people import PASSWORD
from tests.support.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _two_orders(system: Running) -> None:
    now = system.context.now()
    await adopt(
        system.context, document(20_001, now, client="C-1"), document(20_002, now, client="C-2", state="held")
    )


async def test_a_stranger_signs_in_and_is_back_at_the_page_he_asked_for(desk: Desk, system: Running) -> None:
    await _two_orders(system)
    await desk.go("/orders?state=held&sort=client")
    assert "/login?next=" in desk.page.url
    desk.expected = {401}
    await desk.sign_in(password="wrong-password")
    await desk.says("The name and the password do not fit together.")
    await expect(desk.page.locator("#name")).to_have_value("anna")
    await expect(desk.page.locator("#password")).to_be_focused()
    await desk.sign_in()
    assert desk.page.url == f"{system.url}/orders?state=held&sort=client"
    await expect(desk.page.locator("tbody tr")).to_have_count(1)

    await desk.page.get_by_role("button", name="Sign out").click()
    await desk.page.wait_for_url("**/login")
    await desk.go("/orders/O-20001")
    assert "/login" in desk.page.url


async def test_a_client_sees_his_own_orders_alone(desk: Desk, system: Running) -> None:
    await _two_orders(system)
    await desk.sign_in("client")
    await desk.go("/orders")
    await expect(desk.page.locator(".a-rowlink")).to_have_text(["O-20001"])
    await desk.go("/orders?client=C-2")
    await desk.says("No order fits this filter.")
    assert await desk.go("/orders/O-20001") == 200
    await expect(desk.page.locator(".a-act")).to_have_count(0)
    desk.expected = {403, 404}
    assert await desk.go("/orders/O-20002") == 404
    await desk.says("There is no order O-20002 that you may see")

    form: dict[str, str | float | bool] = {"reason": "mine"}
    form["token"] = await desk.page.locator("input[name=token]").first.input_value()
    for step in ("release", "cancel"):
        answer = await desk.page.request.post(f"{system.url}/orders/O-20002/{step}", form=form)
        assert answer.status in (403, 404)
    await desk.page.get_by_role("button", name="Sign out").click()
    await desk.sign_in()
    await desk.go("/orders/O-20002")
    await desk.says("On hold")


async def test_forms_without_the_pages_token_change_nothing(desk: Desk, system: Running) -> None:
    await _two_orders(system)
    login = await desk.page.request.post(
        f"{system.url}/login", form={"name": "anna", "password": PASSWORD}, max_redirects=0
    )
    assert login.status == 403
    await desk.sign_in()
    for path in ("/preferences", "/logout", "/orders/O-20002/release", "/orders/O-20002/cancel"):
        answer = await desk.page.request.post(
            f"{system.url}{path}", form={"theme": "dark", "reason": "x", "token": "forged"}, max_redirects=0
        )
        assert answer.status == 403, path
        assert "Nothing was changed" in await answer.text()
    assert await desk.go("/orders/O-20002") == 200
    await desk.says("On hold")
    await expect(desk.page.locator("html")).to_have_attribute("data-bs-theme", "light")
