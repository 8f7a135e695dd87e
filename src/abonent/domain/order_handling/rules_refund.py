"""Money that is due back: which payments, how much, since when, and what is noted when it went back. Pure."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from abonent.kit.access import SYSTEM
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.values import Money, amount_of

Document = Mapping[str, Any]
OWED = frozenset({"refundDue", "refunding"})
OVER = frozenset({"cancelled", "rejected", "failed"})
BY_PROVIDER, OTHERWISE = "provider", "otherwise"
DOCUMENT_LENGTH = 100


def due(request: Document) -> list[dict[str, Any]]:
    """The payments that are still to be given back, the first that came before."""
    return [dict(each) for each in request.get("late") or () if not each.get("back")]


def due_sum(request: Document) -> Money:
    """What they come to; they are all in the request's currency."""
    total = sum((amount_of(each["amount"]) for each in due(request)), Decimal(0))
    return Money(total, str(request["amount"].get("unit") or "RUB"))


def due_since(request: Document) -> str:
    """When the first of them became due; "" when none is."""
    return min((str(each["at"]) for each in due(request)), default="")


def by_provider(request: Document) -> list[dict[str, Any]]:
    """Those that came through the payment provider, who can send them back; a person noted the others."""
    return [each for each in due(request) if each.get("by") in (None, SYSTEM.name)]


def kept(request: Document, case: Document | None, order_state: str | None, at: str) -> dict[str, Any]:
    """The request with what of the deposit was paid as money due back, once its order is over without delivery."""
    known = {each["reference"] for each in request.get("late") or ()}
    paid = [p for p in (case or {}).get("payment") or () if p["reference"] not in known]
    if order_state not in OVER or not paid:
        return dict(request)
    late = [
        {"reference": p["reference"], "amount": p["amount"], "at": at, "by": p.get("by") or SYSTEM.name}
        for p in paid
    ]
    return {**request, "state": "refundDue", "late": [*(request.get("late") or ()), *late]}


def sent(request: Document) -> dict[str, Any]:
    """The request while the provider sends the money back. IllegalMove where there is none that he could."""
    if request["state"] != "refundDue":
        raise IllegalMove("nothingDueBack", N_("Of order {id} no money is due back."), id=request["id"])
    if not by_provider(request):
        raise IllegalMove(
            "notByProvider",
            N_("This money did not come through the payment provider: give it back otherwise and note it."),
        )
    return {**{name: value for name, value in request.items() if name != "refusal"}, "state": "refunding"}


def given(
    request: Document, references: Collection[str], how: str, by: str, at: str, document: str
) -> dict[str, Any]:
    """The request after these payments went back; refunded once all have. `document`: number of the transfer."""
    back = {"how": how, "by": by, "at": at, "document": document}
    late = [
        {**each, "back": back} if each["reference"] in references and not each.get("back") else each
        for each in request.get("late") or ()
    ]
    after = {**request, "late": late}
    return after if due(after) or after["state"] not in OWED else {**after, "state": "refunded"}


def refused(request: Document, reason: str, at: str) -> dict[str, Any]:
    """The request after the provider said no: a person has to give the money back otherwise."""
    return {**request, "state": "refundDue", "refusal": {"reason": reason[:500], "at": at}}


def by_hand(request: Document, document: str, by: str, at: str) -> dict[str, Any]:
    """The request after a person gave all of it back in another way. BadInput without the number of a document."""
    if request["state"] == "refunding":
        raise IllegalMove(
            "refundUnderWay", N_("The provider is sending this money back already. Wait for his answer.")
        )
    if request["state"] != "refundDue":
        raise IllegalMove("nothingDueBack", N_("Of order {id} no money is due back."), id=request["id"])
    number = document.strip()
    if not number or len(number) > DOCUMENT_LENGTH:
        raise BadInput(
            "documentMissing",
            N_("{path}: name the document of the transfer, at most {limit} characters."),
            path="refundDocument",
            limit=DOCUMENT_LENGTH,
        )
    after = given(request, {each["reference"] for each in due(request)}, OTHERWISE, by, at, number)
    return {name: value for name, value in after.items() if name not in {"refusal", "refundDocument"}}
