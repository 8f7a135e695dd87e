"""The page of a new order as a browser fills it in."""

from typing import Any

import httpx

from tests.support.pages import Page

NEW = "/orders/new"


async def show(http: httpx.AsyncClient, /, **query: Any) -> Page:
    status = query.pop("status", 200)
    answer = await http.get(NEW, params=query)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def filled(page: Page) -> dict[str, Any]:
    """The form as a browser would send it unchanged."""
    sent: dict[str, Any] = {}
    for field in page.found("input"):
        name, kind = field.get("name"), field.get("type")
        if not name or (kind in {"radio", "checkbox"} and "checked" not in field) or name == "q":
            continue
        if name in {"language", "theme", "next"}:
            continue
        if name in {"offer", "also"}:
            sent.setdefault(name, []).append(field.get("value"))
        else:
            sent[name] = field.get("value") or ""
    return sent


async def post(client: httpx.AsyncClient, query: dict[str, Any], **change: Any) -> httpx.Response:
    """Open the page, change these fields of its form and press the button."""
    page = await show(client, **query)
    return await client.post(NEW, data={"note": "", "do": "place", **filled(page), **change})
