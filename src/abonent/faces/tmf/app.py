"""Every registered resource at its TM Forum path: list, get, create, patch, delete, by derivation alone.

Documents go out as the JSON text PostgreSQL gave, with `href` put in front; they are never decoded for an answer.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, quote

from abonent.faces.http import JSON, Headers, Receive, Scope, Send, answer, header, read_body
from abonent.faces.tmf import past
from abonent.faces.tmf.hub import HubFace
from abonent.faces.tmf.topics import in_topic
from abonent.kit.access import Caller
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions
from abonent.kit.errors import (
    N_,
    Conflict,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    UnsupportedMedia,
)
from abonent.kit.json_guard import read_json, read_object
from abonent.kit.patch import json_patch, merge_patch
from abonent.kit.query import Query, parse_fields, parse_query, project
from abonent.kit.resource import Registry, Resource
from abonent.kit.retry import repeated
from abonent.kit.shapes import encode

MERGE_PATCH = {"application/json", "application/merge-patch+json"}
JSON_PATCH = "application/json-patch+json"
_OPERATIONS = {
    ("GET", False): "list",
    ("POST", False): "create",
    ("GET", True): "get",
    ("PATCH", True): "patch",
    ("DELETE", True): "delete",
}
_PATCH_TRIES = 3


class TmfFace:
    """ASGI app over a registry. `context` makes a unit of work for a caller; `public_url` the start of every href."""

    def __init__(
        self,
        registry: Registry,
        actions: Actions,
        context: Callable[[Caller], Context],
        public_url: str | None,
    ) -> None:
        self._resources = {r.path: r for r in registry if r.base}
        self._actions = actions
        self._context = context
        self._public_url = public_url
        self._hub = HubFace(registry, context, public_url)

    def knows(self, path: str) -> bool:
        """Whether a path belongs to this face."""
        return path.startswith(("/tmf-api/", "/abonent-api/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "/hub" in scope["path"] and await self._hub.answered(scope, receive, send):
            return
        if "/topic/" in scope["path"]:
            scope = await in_topic(self._context(scope["caller"]), scope)
        resource, id = self._find(scope["path"])
        # The server leaves the body of an answer to HEAD out.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = _OPERATIONS.get((method, id is not None))
        if operation is None or operation not in resource.operations | scope.get("offered", frozenset()):
            await _other_method(resource, scope["method"], id is not None, send)
            return
        ctx = self._context(scope["caller"])
        if operation in {"get", "list"} and past.asked(resource, scope):
            await self._past(ctx, resource, id, scope, send)
        elif id is None and operation == "list":
            await self._list(ctx, resource, scope, send)
        elif id is None:
            await self._create(ctx, resource, scope, receive, send)
        elif operation == "get":
            await self._get(ctx, resource, id, scope, send)
        elif operation == "patch":
            await self._patch(ctx, resource, id, scope, receive, send)
        else:
            await self._delete(ctx, resource, id, send)

    def _find(self, path: str) -> tuple[Resource, str | None]:
        """The resource of a path and the id in it. Ids may hold slashes when they are encoded."""
        path = path.rstrip("/")
        resource = self._resources.get(path)
        if resource is not None:
            return resource, None
        head, _, id = path.rpartition("/")
        while head:
            resource = self._resources.get(head)
            if resource is not None:
                return resource, id
            head, _, more = head.rpartition("/")
            id = f"{more}/{id}"
        raise NotFound(
            "noSuchPath",
            N_(
                "There is nothing at {path}. Paths are those of the TM Forum APIs, such as "
                "/tmf-api/productOrderingManagement/v4/productOrder."
            ),
            path=path,
        )

    # ---- answers

    def _href(self, scope: Scope, resource: Resource) -> bytes:
        """Start of the hrefs of a resource: the public URL, else the host the request came to."""
        base = self._public_url or f"{scope.get('scheme', 'http')}://{header(scope, b'host') or 'localhost'}"
        return encode(f"{base}{scope.get('shown', resource.path)}/")[:-1]

    async def _get(self, ctx: Context, resource: Resource, id: str, scope: Scope, send: Send) -> None:
        text, version = await ctx.store.text(ctx.caller, resource, id)
        fields = self._fields(scope, resource) if scope["query_string"] else None
        body = _shown(self._href(scope, resource), id, project(text, fields), fields)
        await answer(send, 200, body, [JSON, (b"etag", b'"%d"' % version)])

    def _fields(self, scope: Scope, resource: Resource) -> tuple[str, ...] | None:
        asked = [v for k, v in parse_qsl(scope["query_string"].decode("latin-1")) if k == "fields"]
        return parse_fields(asked, resource.shape, resource.always) if asked else None

    async def _list(self, ctx: Context, resource: Resource, scope: Scope, send: Send) -> None:
        params = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        query = parse_query(
            params,
            resource.shape,
            resource.columns,
            default_sort=resource.default_sort,
            always=resource.always,
        )
        query = replace(query, conditions=(*query.conditions, *scope.get("only", ())))
        href = self._href(scope, resource)
        if query.limit is None:
            await self._stream(ctx, resource, query, href, send)
            return
        listing = await ctx.store.page(ctx.caller, resource, query)
        parts = [_shown(href, id, text, query.fields) for text, id in listing.rows]
        headers: list[tuple[bytes, bytes]] = [
            JSON,
            *_counts(listing.total, len(parts)),
            *_links(scope, query, listing.total),
        ]
        partial = query.offset > 0 or listing.total > len(parts)
        await answer(send, 206 if partial else 200, b"[" + b",".join(parts) + b"]", headers)

    async def _past(self, ctx: Context, resource: Resource, id: str | None, scope: Scope, send: Send) -> None:
        """What stood at a date: one document, or a list."""
        href = self._href(scope, resource)
        rows = await past.documents(ctx, id, scope)
        parts = [_shown(href, each, text, None) for text, each in rows]
        if id is not None:
            await answer(send, 200, parts[0], [JSON])
            return
        await answer(send, 200, b"[" + b",".join(parts) + b"]", [JSON, *_counts(len(parts), len(parts))])

    async def _stream(self, ctx: Context, resource: Resource, query: Query, href: bytes, send: Send) -> None:
        """A list without limit: sent as it is read, never held whole."""
        started = False
        async for batch in ctx.store.stream(ctx.caller, resource, query):
            if not started:
                counts = _counts(batch.total, max(0, batch.total - query.offset))
                await send({"type": "http.response.start", "status": 200, "headers": [JSON, *counts]})
            body = b",".join(_shown(href, id, text, query.fields) for text, id in batch.rows)
            lead = b"[" if not started else b"," if batch.rows else b""
            await send({"type": "http.response.body", "body": lead + body, "more_body": True})
            started = True
        await send({"type": "http.response.body", "body": b"]"})

    async def _create(
        self, ctx: Context, resource: Resource, scope: Scope, receive: Receive, send: Send
    ) -> None:
        resource.permissions.demand(ctx.caller, write=True, what=resource.name)
        fields = self._fields(scope, resource)
        kind = _content_type(scope)
        if not (kind == "application/json" or kind.endswith("+json")):
            raise UnsupportedMedia(
                "badContentType", N_("A body is sent as application/json, not {kind}."), kind=kind
            )
        body = await read_body(receive, scope)
        document = resource.shape.read_create(body)
        document |= scope.get("given", {})
        created = await self._actions.of(resource).create(ctx, document)
        await self._answer_document(scope, resource, created, fields, 201, send)

    async def _answer_document(
        self,
        scope: Scope,
        resource: Resource,
        document: dict,
        fields: tuple[str, ...] | None,
        status: int,
        send: Send,
    ) -> None:
        """`fields` was read before anything was saved: a wrong name must not be found out afterwards."""
        text = project(encode(document).decode(), fields)
        href = self._href(scope, resource)
        headers: list[tuple[bytes, bytes]] = [JSON]
        if status == 201:
            headers.append((b"location", href[1:] + quote(document["id"], safe="").encode()))
        await answer(send, status, _shown(href, document["id"], text, fields), headers)

    async def _patch(
        self, ctx: Context, resource: Resource, id: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        resource.permissions.demand(ctx.caller, write=True, what=resource.name)
        fields = self._fields(scope, resource)
        body = await read_body(receive, scope)
        kind = _content_type(scope)
        if_match = header(scope, b"if-match")
        for attempt in range(_PATCH_TRIES):
            stored = await ctx.store.get(ctx.caller, resource, id)
            _check_version(stored, if_match)
            document = _patched(stored, kind, body)
            resource.shape.check(document)
            resource.shape.check_patch_names(stored.document, document)
            try:
                changed = await self._actions.of(resource).change(ctx, stored, document)
            except Conflict:
                # A patch names what it changes, so it can be applied to the newer document as well.
                if if_match or attempt == _PATCH_TRIES - 1:
                    raise
                continue
            await self._answer_document(scope, resource, changed, fields, 200, send)
            return

    async def _delete(self, ctx: Context, resource: Resource, id: str, send: Send) -> None:
        resource.permissions.demand(ctx.caller, write=True, what=resource.name)

        async def once() -> None:
            await self._actions.of(resource).remove(ctx, await ctx.store.get(ctx.caller, resource, id))

        # A job may be at it: whoever deletes wants it gone as it is by then.
        await repeated(once)
        await answer(send, 204)


async def _other_method(resource: Resource, method: str, one: bool, send: Send) -> None:
    """Answer OPTIONS; refuse what the resource does not offer."""
    offered = {m for (m, of_one), op in _OPERATIONS.items() if of_one == one and op in resource.operations}
    if "GET" in offered:
        offered.add("HEAD")
    allowed = ", ".join(sorted({*offered, "OPTIONS"}))
    if method == "OPTIONS":
        await answer(send, 204, headers=[(b"allow", allowed.encode())])
        return
    raise MethodNotAllowed(
        "methodNotAllowed",
        N_("{method} is not offered here; this may be asked: {allowed}."),
        method=method,
        allowed=allowed,
    )


def _shown(href: bytes, id: str, text: str, fields: tuple[str, ...] | None) -> bytes:
    """A document with its href, unless `fields` leaves it out."""
    if fields is not None and "href" not in fields:
        return text.encode()
    start = b'{"href":' + href + quote(id, safe="").encode() + b'"'
    return start + (b"}" if text == "{}" else b"," + text.encode()[1:])


def _content_type(scope: Scope) -> str:
    """Without parameters; JSON when the sender does not say."""
    return (header(scope, b"content-type") or "application/json").partition(";")[0].strip().lower()


def _patched(stored: Stored, kind: str, body: bytes) -> dict:
    if kind in MERGE_PATCH:
        patch = read_object(body)
        patch.pop("href", None)  # not stored, so it can be neither changed nor confirmed
        return merge_patch(stored.document, patch)
    if kind == JSON_PATCH:
        return json_patch(stored.document, read_json(body))
    raise UnsupportedMedia(
        "badContentType",
        N_("A patch is sent as application/merge-patch+json or application/json-patch+json, not {kind}."),
        kind=kind,
    )


def _check_version(stored: Stored, if_match: str | None) -> None:
    if if_match and if_match != "*" and if_match.removeprefix("W/").strip('"') != str(stored.version):
        raise PreconditionFailed(
            "versionChanged",
            N_("If-Match names version {given}, but {what} is at version {version}. Read it again."),
            given=if_match,
            what=stored.id,
            version=stored.version,
        )


def _counts(total: int, given: int) -> list[tuple[bytes, bytes]]:
    """All matches, and those in the answer."""
    return [(b"x-total-count", str(total).encode()), (b"x-result-count", str(given).encode())]


def _links(scope: Scope, query: Query, total: int) -> Headers:
    """RFC 8288 links to the first, previous, next and last page."""
    limit = query.limit or 0
    if limit <= 0 or total <= limit:
        return []
    last = (total - 1) // limit * limit
    offsets = {"first": 0, "last": last}
    if query.offset > 0:
        offsets["prev"] = max(0, query.offset - limit)
    if query.offset + limit < total:
        offsets["next"] = query.offset + limit
    kept = "&".join(
        part
        for part in scope["query_string"].decode("latin-1").split("&")
        if part and not part.startswith("offset=")
    )
    links = [
        f'<{scope.get("shown", scope["path"])}?{kept}&offset={offset}>; rel="{rel}"'
        for rel, offset in sorted(offsets.items())
    ]
    return [(b"link", ", ".join(links).encode("latin-1"))]
