"""People with accounts, and their way into the console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

import httpx

from abonent.domain.party.accounts import create_account
from abonent.kit.access import Role
from abonent.kit.store import Store
from tests.support.pages import page_of

PASSWORD = "correct horse"


class Person(NamedTuple):
    """Somebody with an account of this name; a client has the `party` he is."""

    name: str
    role: Role
    party: str | None = None
    language: str = "en"


ANNA = Person("anna", Role.AGENT)
CLIENT = Person("client", Role.CLIENT, "C-1")


class Site(Protocol):
    """What is served at `url`."""

    url: str


async def admit(store: Store, *people: Person) -> None:
    """Give each an account; PASSWORD opens it."""
    for name, role, party, language in people:
        await create_account(store, name, PASSWORD, role, display_name=name, party=party, language=language)


async def sign_in(client: httpx.AsyncClient, name: str) -> None:
    token = (await page_of(client, "/login")).token()
    answer = await client.post("/login", data={"name": name, "password": PASSWORD, "token": token})
    assert answer.status_code == 303


@asynccontextmanager
async def person(site: Site, name: str = "anna") -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which this person is signed in."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=20) as client:
        await sign_in(client, name)
        yield client
