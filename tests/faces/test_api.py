"""The TM Forum API over real HTTP: lists, filters, paging, patches, headers, and what does not exist."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Change
from tests.support.running import eventually, run_system
from tests.support.web import CUSTOMERS, ORDERS, Web, error_of, open_client, run_web
from tests.support.world import alter, build, item, order


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        yield running


def customer(name: str, **more: Any) -> dict[str, Any]:
    party = {"id": f"I-{name}", "name": name, "@referredType": "Individual"}
    return {"name": name, "engagedParty": party, **more}


async def create(web: Web, *names: str) -> list[dict[str, Any]]:
    made = []
    for name in names:
        answer = await web.admin.post(CUSTOMERS, json=customer(name))
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
    return made


def names(answer: httpx.Response) -> list[str]:
    return [c["name"] for c in answer.json()]


def links(answer: httpx.Response) -> dict[str, str]:
    return {str(rel): link["url"] for rel, link in answer.links.items()}


class TestOne:
    async def test_created_with_id_href_and_location(self, web: Web) -> None:
        answer = await web.admin.post(CUSTOMERS, json=customer("Anna", id="mine", href="http://x"))
        made = answer.json()
        assert answer.status_code == 201
        assert made["id"] == "C-10001"
        assert made["href"] == answer.headers["location"] == f"{web.url}{CUSTOMERS}/C-10001"
        again = await web.admin.get(made["href"])
        assert again.json() == made
        assert again.headers["etag"] == '"1"'

    async def test_the_href_is_of_the_host_that_was_asked(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        answer = await web.admin.get(f"{CUSTOMERS}/{made['id']}", headers={"Host": "crm.example.org:8443"})
        assert answer.json()["href"] == f"http://crm.example.org:8443{CUSTOMERS}/{made['id']}"

    async def test_the_public_url_goes_before_the_host(self, dsn: str, tmp_path: Path) -> None:
        async with run_web(dsn, tmp_path, "https://crm.example.org/base") as web:
            (made,) = await create(web, "Anna")
            assert made["href"] == f"https://crm.example.org/base{CUSTOMERS}/{made['id']}"
            listed = await web.admin.get(CUSTOMERS)
            assert listed.json()[0]["href"] == made["href"]

    async def test_fields_choose(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        path = f"{CUSTOMERS}/{made['id']}"
        assert (await web.admin.get(path, params={"fields": "name"})).json().keys() == {"id", "href", "name"}
        assert (await web.admin.get(path, params={"fields": "none"})).json().keys() == {"id", "href"}
        answer = await web.admin.post(CUSTOMERS, params={"fields": "name"}, json=customer("Boris"))
        assert answer.json().keys() == {"id", "href", "name"}
        answer = await web.admin.patch(path, params={"fields": "status"}, json={"status": "good"})
        assert answer.json().keys() == {"id", "href", "status"}

    async def test_a_wrong_field_is_found_out_before_anything_is_saved(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        before = await web.counts()
        error_of(await web.admin.post(CUSTOMERS, params={"fields": "nme"}, json=customer("B")), 400)
        path = f"{CUSTOMERS}/{made['id']}"
        error_of(await web.admin.patch(path, params={"fields": "nme"}, json={"name": "C"}), 400)
        assert await web.counts() == before
        assert (await web.admin.get(path)).json() == made

    async def test_deleted(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        answer = await web.admin.delete(made["href"])
        assert (answer.status_code, answer.content) == (204, b"")
        error_of(await web.admin.get(made["href"]), 404, "notFound")
        error_of(await web.admin.delete(made["href"]), 404)

    async def test_deleted_although_it_changed_at_that_moment(
        self, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (made,) = await create(web, "Anna")
        store, commit = web.context.store, web.context.store.commit

        async def too_late(change: Change) -> None:
            monkeypatch.setattr(store, "commit", commit)
            await alter(web.context, CUSTOMER_, made["id"], name="Anne")
            await commit(change)

        monkeypatch.setattr(store, "commit", too_late)
        assert (await web.admin.delete(made["href"])).status_code == 204
        error_of(await web.admin.get(made["href"]), 404)

    @pytest.mark.parametrize("id", ["a/b", "%41", "a%2Fb", "ёлка", "a b", "a?b#c", '"x"', "50%"])
    async def test_any_id_is_reached_by_its_href(self, web: Web, id: str) -> None:
        change = web.context.change()
        change.insert(CUSTOMER_, {"id": id, **customer("Anna")})
        await web.context.store.commit(change)
        (listed,) = (await web.admin.get(CUSTOMERS)).json()
        answer = await web.admin.get(listed["href"])
        assert answer.status_code == 200, answer.text
        assert answer.json() == listed and listed["id"] == id


class TestPatch:
    async def test_a_merge_patch_lays_over(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        for kind in ("application/json", "application/merge-patch+json;charset=utf-8"):
            answer = await web.admin.patch(
                made["href"],
                content=json.dumps({"status": kind, "engagedParty": {"name": "A."}}),
                headers={"Content-Type": kind},
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["status"] == kind
            assert answer.json()["engagedParty"]["id"] == "I-Anna"
        answer = await web.admin.patch(made["href"], json={"status": None})
        assert "status" not in answer.json()
        assert (await web.admin.get(made["href"])).headers["etag"] == '"4"'

    async def test_a_json_patch_is_applied_step_by_step(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        steps = [
            {"op": "test", "path": "/name", "value": "Anna"},
            {"op": "replace", "path": "/name", "value": "Anna S."},
            {"op": "add", "path": "/characteristic", "value": [{"name": "language", "value": "ru"}]},
        ]
        headers = {"Content-Type": "application/json-patch+json"}
        answer = await web.admin.patch(made["href"], content=json.dumps(steps), headers=headers)
        assert answer.json()["name"] == "Anna S."
        # The same again fails at its test, and changes nothing.
        again = await web.admin.patch(made["href"], content=json.dumps(steps), headers=headers)
        error_of(again, 409, "patchTestFailed")
        assert (await web.admin.get(made["href"])).headers["etag"] == '"2"'

    @pytest.mark.parametrize("patch", [{"id": "C-1"}, {"name": None}, {"nme": "x"}, {"name": 5}, []])
    async def test_what_a_patch_may_not(self, web: Web, patch: Any) -> None:
        (made,) = await create(web, "Anna")
        error_of(await web.admin.patch(made["href"], json=patch), 400)
        assert (await web.admin.get(made["href"])).json() == made

    async def test_if_match_guards_against_a_lost_update(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        first = await web.admin.patch(made["href"], json={"status": "a"}, headers={"If-Match": '"1"'})
        assert first.status_code == 200
        late = await web.admin.patch(made["href"], json={"status": "b"}, headers={"If-Match": '"1"'})
        error_of(late, 412, "versionChanged")
        for match in ('"2"', "*", 'W/"4"'):
            answer = await web.admin.patch(made["href"], json={"status": match}, headers={"If-Match": match})
            assert answer.status_code == 200, answer.text

    async def test_patches_at_once_all_take_effect(self, web: Web) -> None:
        import asyncio

        (made,) = await create(web, "Anna")
        patches = [{"status": "x"}, {"statusReason": "y"}, {"name": "z"}]
        answers = await asyncio.gather(*(web.admin.patch(made["href"], json=p) for p in patches))
        assert [a.status_code for a in answers] == [200] * 3
        now = (await web.admin.get(made["href"])).json()
        assert (now["status"], now["statusReason"], now["name"]) == ("x", "y", "z")


class TestList:
    async def test_a_page_says_where_it_stands(self, web: Web) -> None:
        await create(web, *(f"n{n}" for n in range(7)))
        answer = await web.admin.get(CUSTOMERS, params={"limit": 3, "offset": 3, "sort": "name"})
        assert answer.status_code == 206
        assert names(answer) == ["n3", "n4", "n5"]
        assert (answer.headers["x-total-count"], answer.headers["x-result-count"]) == ("7", "3")
        found = links(answer)
        assert found.keys() == {"first", "prev", "next", "last"}
        assert names(await web.admin.get(found["prev"])) == ["n0", "n1", "n2"]
        assert (
            names(await web.admin.get(found["next"])) == ["n6"] == names(await web.admin.get(found["last"]))
        )

    async def test_the_links_lead_through_everything_once(self, web: Web) -> None:
        await create(web, *(f"n{n}" for n in range(5)))
        answer = await web.admin.get(CUSTOMERS, params={"limit": 2, "sort": "-name"})
        seen = names(answer)
        while "next" in links(answer):
            answer = await web.admin.get(links(answer)["next"])
            seen += names(answer)
        assert seen == ["n4", "n3", "n2", "n1", "n0"]

    async def test_a_whole_answer_is_200(self, web: Web) -> None:
        await create(web, "a", "b")
        answer = await web.admin.get(CUSTOMERS, params={"limit": 2})
        assert (answer.status_code, "link" in answer.headers) == (200, False)
        beyond = await web.admin.get(CUSTOMERS, params={"limit": 2, "offset": 9})
        assert (beyond.status_code, beyond.json()) == (206, [])
        assert beyond.headers["x-total-count"] == "2"
        none = await web.admin.get(CUSTOMERS, params={"limit": 0})
        assert (none.status_code, none.json(), none.headers["x-total-count"]) == (206, [], "2")

    async def test_without_limit_everything_is_streamed(self, web: Web) -> None:
        change = web.context.change()
        for number in range(1001):
            change.insert(CUSTOMER_, {"id": f"C-{number:04}", **customer(f"n{number:04}")})
        await web.context.store.commit(change)
        answer = await web.admin.get(CUSTOMERS)
        assert (answer.status_code, len(answer.json())) == (200, 1001)
        assert len({c["id"] for c in answer.json()}) == 1001
        assert answer.json()[0]["href"].endswith("/C-0000")
        counted = answer.headers["x-total-count"], answer.headers["x-result-count"]
        assert counted == ("1001", "1001")
        rest = await web.admin.get(CUSTOMERS, params={"offset": 1000})
        assert (rest.headers["x-total-count"], rest.headers["x-result-count"], len(rest.json())) == (
            "1001",
            "1",
            1,
        )
        none = await web.admin.get(CUSTOMERS, params={"name": "gone"})
        assert (none.json(), none.headers["x-total-count"]) == ([], "0")

    async def test_filters(self, web: Web) -> None:
        await create(web, "Anna", "Boris", "Clara, née D.")
        cases = {
            "name=Anna": ["Anna"],
            "name=Anna,Boris": ["Anna", "Boris"],
            "name=Anna&name=Boris": ["Anna", "Boris"],
            'name="Clara, née D."': ["Clara, née D."],
            "engagedParty.id=I-Boris": ["Boris"],
            "name.gt=Anna&name.lt=C": ["Boris"],
            "name%3EAnna": ["Boris", "Clara, née D."],
            "name.regex=^.o": ["Boris"],
            "name=": [],
            "status=good": [],
        }
        for text, found in cases.items():
            answer = await web.admin.get(f"{CUSTOMERS}?{text}&sort=name")
            assert (answer.status_code, names(answer)) == (200, found), text

    async def test_fields_and_sort(self, web: Web) -> None:
        await create(web, "b", "a")
        answer = await web.admin.get(CUSTOMERS, params={"fields": "name", "sort": "name", "limit": 5})
        assert [c.keys() for c in answer.json()] == [{"id", "href", "name"}] * 2
        assert names(answer) == ["a", "b"]


class TestMethodsAndPaths:
    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [
            ("PUT", CUSTOMERS, "GET, HEAD, OPTIONS, POST"),
            ("DELETE", CUSTOMERS, "GET, HEAD, OPTIONS, POST"),
            ("POST", f"{CUSTOMERS}/C-1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
            ("POST", "/abonent-api/orderHandling/v1/orderPlan", "GET, HEAD, OPTIONS"),
            ("PATCH", "/abonent-api/orderHandling/v1/orderPlan/O-1", "GET, HEAD, OPTIONS"),
        ],
    )
    async def test_what_is_not_offered(self, web: Web, method: str, path: str, allow: str) -> None:
        answer = await web.admin.request(method, path, json={})
        error_of(answer, 405, "methodNotAllowed")
        assert answer.headers["allow"] == allow

    async def test_options_tells_the_same(self, web: Web) -> None:
        answer = await web.admin.options(CUSTOMERS)
        assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")

    async def test_head_is_get_without_a_body(self, web: Web) -> None:
        (made,) = await create(web, "Anna")
        head, get = await web.admin.head(made["href"]), await web.admin.get(made["href"])
        assert (head.status_code, head.content) == (200, b"")
        assert (head.headers["etag"], head.headers["content-length"]) == ('"1"', str(len(get.content)))
        listed = await web.admin.head(CUSTOMERS, params={"limit": 1})
        assert (listed.status_code, listed.headers["x-total-count"], listed.content) == (200, "1", b"")
        assert (await web.admin.head(f"{CUSTOMERS}/C-404")).status_code == 404

    @pytest.mark.parametrize(
        "path", ["/tmf-api/", "/tmf-api/customerManagement/v4", "/tmf-api/x/y", "/abonent-api/none/v1/x",
                 f"{CUSTOMERS}s", "/tmf-api/%00", "/tmf-api/..%2f..%2fetc"],
    )  # fmt: skip
    async def test_nothing_there(self, web: Web, path: str) -> None:
        error_of(await web.admin.get(path), 404, "noSuchPath")

    @pytest.mark.parametrize(
        "id", ["C-404", "%00", "%ff", "a/b/c", "x" * 3000, "%F0%9F%8E%84", "'--", "%0d%0a"]
    )
    async def test_nobody_has_this_id(self, web: Web, id: str) -> None:
        for method in ("GET", "PATCH", "DELETE"):
            error_of(await web.admin.request(method, f"{CUSTOMERS}/{id}", json={}), 404, "notFound")

    async def test_a_slash_at_the_end_does_not_matter(self, web: Web) -> None:
        await create(web, "Anna")
        assert names(await web.admin.get(f"{CUSTOMERS}/")) == ["Anna"]


async def test_an_order_over_http_from_post_to_product(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system, open_client(system.url, tmp_path) as http:
        await build(system.context)
        placed = (await http.post(ORDERS, json=order(item("1", "fibre")))).json()
        assert placed["state"] == "acknowledged"

        async def completed() -> bool:
            return (await http.get(placed["href"])).json()["state"] == "completed"

        await eventually(completed, "the order is completed")
        listed = await http.get(
            ORDERS, params={"state": "completed", "relatedParty.id": "C-1", "sort": "-orderDate", "limit": 5}
        )
        assert [o["id"] for o in listed.json()] == [placed["id"]]
        plan = (await http.get(f"/abonent-api/orderHandling/v1/orderPlan/{placed['id']}")).json()
        assert {t["state"] for t in plan["task"]} == {"completed"}
        error_of(await http.patch(placed["href"], json={"state": "held"}), 422)
