"""The HTTP side of the provider.

POST  /payments                 {"externalId", "amount", "currency", ...} with Idempotency-Key -> {"id", "payUrl", ...}
GET   /payments, /payments/{id} as they stand
POST  /payments/{id}/cancel
POST  /refunds                  {"externalId", "reference", "amount", "currency"} with Idempotency-Key
                                -> {"id", "status"}
GET   /refunds                  as they stand
GET   /pay/{id}                 the page; POST: do=pay or do=decline
GET, PUT, PATCH  /provider/behaviour

Everything is in memory. A report is sent again with growing pauses until it is taken.
"""

import asyncio
import hmac
from decimal import Decimal
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from abonent.simulator_http import answer, behaviour_asked, object_in, refusal

BODY_LIMIT = 64 * 1024
_KEPT = 10_000
_PAUSES = (0.2, 0.5, 1, 2, 5, 10, 30, 60)
_WORDS = {
    "en": {
        "title": "Test payment", "pay": "Pay {sum}", "decline": "Do not pay", "none": "No money moves here.",
        "paid": "It is paid.", "cancelled": "This payment was taken back.", "expired": "This payment ran out.",
        "back": "Back to the order",
    },
    "ru": {
        "title": "Тестовый платёж", "pay": "Оплатить {sum}", "decline": "Не платить",
        "none": "Настоящие деньги здесь не ходят.", "paid": "Оплачено.", "cancelled": "Этот платёж отозван.",
        "expired": "Срок этого платежа вышел.", "back": "Вернуться к заказу",
    },
}  # fmt: skip
_STYLE = (
    "body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1.25rem;color:#1f2328}"
    "button,a.b{display:block;width:100%;box-sizing:border-box;padding:.8rem;margin:.6rem 0;font:inherit;"
    "border:1px solid #b8bec6;border-radius:6px;background:#fff;color:inherit;text-align:center;text-decoration:none}"
    "button.p{background:#1f5f8b;border-color:#1f5f8b;color:#fff;font-weight:600}p.s{font-size:1.75rem;margin:.3rem 0}"
    "p.m{color:#59636e}"
)


class Behaviour(msgspec.Struct):
    """How often a report is sent (2: everything twice) and how many seconds late; `down`: 503 to everything; `silent`:
    no reports at all; `refuse_refunds`: 422 to them; `slow_refunds`: a refund is pending when it is first asked for."""

    times: int = 1
    late: float = 0.0
    down: bool = False
    silent: bool = False
    refuse_refunds: bool = False
    slow_refunds: bool = False


def create_provider(secret: str, behaviour: Behaviour | None = None) -> Starlette:
    """A provider of its own; two applications share nothing."""
    return _Provider(secret, behaviour or Behaviour()).app()


class _Provider:
    def __init__(self, secret: str, behaviour: Behaviour) -> None:
        self._secret = secret.encode()
        self._behaviour = behaviour
        self._payments: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, str] = {}
        self._refunds: dict[str, dict[str, Any]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/payments", self.create, methods=["POST"]),
                Route("/payments", self.listing, methods=["GET"]),
                Route("/payments/{id}", self.one, methods=["GET"]),
                Route("/payments/{id}/cancel", self.cancel, methods=["POST"]),
                Route("/refunds", self.refund, methods=["POST"]),
                Route("/refunds", self.refunds, methods=["GET"]),
                Route("/pay/{id}", self.page, methods=["GET"]),
                Route("/pay/{id}", self.pay, methods=["POST"]),
                Route("/provider/behaviour", self.behaviour, methods=["GET", "PUT", "PATCH"]),
            ]
        )

    async def create(self, request: Request) -> Response:
        """Make a payment, once for a key."""
        if self._behaviour.down:
            return refusal(503, "the provider is closed")
        asked, key = await object_in(request, BODY_LIMIT), request.headers.get("idempotency-key", "")
        if asked is None or not key or not {"externalId", "amount", "currency"} <= asked.keys():
            return refusal(400, "an Idempotency-Key, and externalId, amount and currency are needed")
        if key in self._by_key:
            return answer(self._payments[self._by_key[key]])
        if len(self._payments) >= _KEPT:
            return refusal(503, "full")
        id = uuid4().hex
        made = {**asked, "id": id, "status": "open", "payUrl": f"{request.base_url}pay/{id}"}
        self._payments[id], self._by_key[key] = made, id
        return answer(made, 201)

    async def listing(self, _: Request) -> Response:
        """All payments, oldest first."""
        return answer(list(self._payments.values()))

    async def one(self, request: Request) -> Response:
        """A payment as it stands."""
        known = self._payments.get(request.path_params["id"])
        return answer(known) if known else refusal(404, "no such payment")

    async def cancel(self, request: Request) -> Response:
        """Take a payment back; one that is over stays as it is."""
        if self._behaviour.down:
            return refusal(503, "the provider is closed")
        known = self._payments.get(request.path_params["id"])
        if known is None:
            return refusal(404, "no such payment")
        if known["status"] == "open":
            known["status"] = "cancelled"
        return answer(known)

    async def refund(self, request: Request) -> Response:
        """Send money back, once for a key, and never more than came."""
        if self._behaviour.down:
            return refusal(503, "the provider is closed")
        asked, key = await object_in(request, BODY_LIMIT), request.headers.get("idempotency-key", "")
        if asked is None or not key or not {"reference", "amount", "currency"} <= asked.keys():
            return refusal(400, "an Idempotency-Key, and reference, amount and currency are needed")
        if known := self._refunds.get(key):
            known["status"] = "refunded"
            return answer(known)
        if self._behaviour.refuse_refunds:
            return refusal(422, "the card of this payment was closed")
        payment = next((p for p in self._payments.values() if _reference(p) == asked["reference"]), None)
        if payment is None or payment["status"] != "paid":
            return refusal(422, "no payment with this reference was taken here")
        before = [r for r in self._refunds.values() if r["reference"] == asked["reference"]]
        left = Decimal(payment["amount"]) - sum((Decimal(r["amount"]) for r in before), Decimal(0))
        if asked["currency"] != payment["currency"] or not 0 < Decimal(asked["amount"]) <= left:
            return refusal(422, "more than came cannot be sent back")
        status = "pending" if self._behaviour.slow_refunds else "refunded"
        self._refunds[key] = {**asked, "id": f"SIM-R-{uuid4().hex[:12]}", "status": status}
        return answer(self._refunds[key], 201)

    async def refunds(self, _: Request) -> Response:
        """All refunds, oldest first."""
        return answer(list(self._refunds.values()))

    async def page(self, request: Request) -> Response:
        """Where one pays."""
        known = self._payments.get(request.path_params["id"])
        if known is None:
            return refusal(404, "no such payment")
        words = _WORDS["ru" if known.get("language") == "ru" else "en"]
        total = f"{known['amount']} {known['currency']}"
        if known["status"] in {"open", "failed"}:
            body = (
                f'<form method="post"><button class="p" name="do" value="pay">'
                f"{escape(words['pay'].format(sum=total))}</button>"
                f'<button name="do" value="decline">{words["decline"]}</button></form>'
            )
        else:
            body = f"<p>{words[known['status']]}</p>"
            if known.get("returnTo"):
                body += f'<a class="b" href="{escape(_web(known["returnTo"]))}">{words["back"]}</a>'
        return HTMLResponse(
            f'<!doctype html><html lang="{"ru" if words is _WORDS["ru"] else "en"}"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{words["title"]}</title>'
            f"<style>{_STYLE}</style><h1>{words['title']}</h1><p>{escape(str(known.get('description') or ''))}</p>"
            f'<p class="s">{escape(total)}</p>{body}<p class="m">{words["none"]}</p></html>'
        )

    async def pay(self, request: Request) -> Response:
        """Pay it, or not; the merchant is told, the payer goes back."""
        known = self._payments.get(request.path_params["id"])
        if known is None:
            return refusal(404, "no such payment")
        form = parse_qs((await request.body())[:1000].decode("utf-8", "replace"))
        if known["status"] in {"open", "failed"}:
            known["status"] = "paid" if form.get("do") == ["pay"] else "failed"
            self._tell(known)
        return RedirectResponse(_web(known.get("returnTo") or f"/pay/{known['id']}"), 303)

    def _tell(self, payment: dict[str, Any]) -> None:
        now = self._behaviour
        if payment.get("reportTo") and not now.silent:
            for _ in range(now.times):
                task = asyncio.create_task(self._report(dict(payment), now.late))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def _report(self, payment: dict[str, Any], late: float) -> None:
        told = {k: payment[k] for k in ("externalId", "status", "amount", "currency")}
        payload = msgspec.json.encode({**told, "reference": _reference(payment)}).decode()
        signature = hmac.new(self._secret, payload.encode(), sha256).hexdigest()
        await asyncio.sleep(late)
        for pause in _PAUSES:
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                    session.post(
                        payment["reportTo"], json={"payload": payload, "signature": signature}
                    ) as response,
                ):
                    if response.status < 300:
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(pause)

    async def behaviour(self, request: Request) -> Response:
        """PUT: what is not named gets its default. PATCH: what is not named stays."""
        try:
            self._behaviour = await behaviour_asked(request, self._behaviour, BODY_LIMIT)
        except msgspec.ValidationError as error:
            return refusal(400, str(error))
        return answer(msgspec.to_builtins(self._behaviour))


def _reference(payment: dict[str, Any]) -> str:
    """How a report names the transfer of a payment."""
    return f"SIM-{payment['id'][:12]}"


def _web(target: str) -> str:
    """A web address, or a path of this site; never a script."""
    return target if urlsplit(target).scheme in {"http", "https", ""} else "/"
