"""The hub of each API: POST {base}/hub subscribes, DELETE {base}/hub/{id} ends it. v4 has no GET here."""

from collections.abc import Callable

from abonent.faces.http import JSON, Receive, Scope, Send, answer, header, read_body
from abonent.faces.tmf.topics import hub_of, show_hubs
from abonent.kit.access import Caller
from abonent.kit.context import Context
from abonent.kit.errors import N_, MethodNotAllowed, UnsupportedMedia
from abonent.kit.hub.choosing import of_all, of_api
from abonent.kit.hub.subscribing import Hub, subscribe, unsubscribe
from abonent.kit.hub.topics import BASE, TOPIC
from abonent.kit.json_guard import read_object
from abonent.kit.resource import Registry
from abonent.kit.shapes import encode


class HubFace:
    """Answers at the hubs of all APIs."""

    def __init__(
        self, registry: Registry, context: Callable[[Caller], Context], public_url: str | None
    ) -> None:
        bases = {each.base for each in registry if each.base and each.audited}
        self._hubs = {f"{base}/hub": Hub(base, of_api(registry, base)) for base in bases}
        self._of_topics = of_all(registry)
        self._context = context
        self._public_url = public_url

    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer if the path is that of a hub or a subscription; whether it is."""
        path = scope["path"].rstrip("/")
        if path in self._hubs:
            await self._hub(path, scope, receive, send)
            return True
        head, _, id = path.rpartition("/")
        if head in self._hubs:
            await self._subscription(self._hubs[head], id, scope, send)
            return True
        below = hub_of(path)
        if below is not None:
            await self._at_topic(*below, scope, receive, send)
            return True
        return False

    async def _at_topic(self, topic: str, id: str, scope: Scope, receive: Receive, send: Send) -> None:
        ctx = self._context(scope["caller"])
        await ctx.store.text(ctx.caller, TOPIC, topic)
        hub, path = Hub(BASE, self._of_topics, topic), f"{TOPIC.path}/{topic}/hub"
        base = public_base(scope, self._public_url)
        match scope["method"], bool(id):
            case "GET" | "HEAD", _:
                await show_hubs(ctx, topic, id, base, scope, send)
            case "POST", False:
                made = await subscribe(ctx, hub, await read_json_object(scope, receive))
                href = f"{base}{path}/{made['id']}"
                body = encode({"id": made["id"], "href": href, **made})
                await answer(send, 201, body, [JSON, (b"location", href.encode())])
            case "DELETE", True:
                await unsubscribe(ctx, hub, id)
                await answer(send, 204)
            case method, one:
                await other_method(method, "GET DELETE" if one else "GET POST", send)

    async def _hub(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await other_method(scope["method"], "POST", send)
            return
        given = await read_json_object(scope, receive)
        made = await subscribe(self._context(scope["caller"]), self._hubs[path], given)
        location = f"{public_base(scope, self._public_url)}{path}/{made['id']}".encode()
        await answer(send, 201, encode(made), [JSON, (b"location", location)])

    async def _subscription(self, hub: Hub, id: str, scope: Scope, send: Send) -> None:
        if scope["method"] != "DELETE":
            await other_method(scope["method"], "DELETE", send)
            return
        await unsubscribe(self._context(scope["caller"]), hub, id)
        await answer(send, 204)


async def read_json_object(scope: Scope, receive: Receive) -> dict:
    """The object of a body. UnsupportedMedia, BadInput, TooLarge."""
    kind = (header(scope, b"content-type") or "application/json").partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        raise UnsupportedMedia(
            "badContentType", N_("A body is sent as application/json, not {kind}."), kind=kind
        )
    return read_object(await read_body(receive, scope))


def public_base(scope: Scope, public_url: str | None) -> str:
    """Start of addresses: the public URL, else the host the request came to."""
    return public_url or f"{scope.get('scheme', 'http')}://{header(scope, b'host') or 'localhost'}"


async def other_method(method: str, offered: str, send: Send) -> None:
    """Answer OPTIONS; refuse what is not offered."""
    allowed = ", ".join((*offered.split(), "OPTIONS"))
    if method == "OPTIONS":
        await answer(send, 204, headers=[(b"allow", allowed.encode())])
        return
    raise MethodNotAllowed(
        "methodNotAllowed",
        N_("{method} is not offered here; this may be asked: {allowed}."),
        method=method,
        allowed=allowed,
    )
