"""The dry run of a bulk order: each line is held against the catalogue, the addresses, the network and the crews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from abonent.domain.catalog.queries_sale import whole_catalogue
from abonent.domain.catalog.rules_sale import Offer
from abonent.domain.order_handling import rules_bulk, rules_bulk_file
from abonent.domain.order_handling.bulk import CHECK
from abonent.domain.order_handling.bulk_resources import BULK_ORDER, BULK_ORDER_LINE
from abonent.domain.order_handling.charges import once_total
from abonent.domain.order_handling.forecast import forecast
from abonent.domain.order_handling.queries_bulk import addresses_meant, lines_in
from abonent.domain.order_handling.resources import ORDER_RECEIPT
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.texts import address_line
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.retry import repeated
from abonent.kit.values import Money, to_wire

_AT_ONCE = 20
# Days that a file names are those of the operator's offices, as in the console.
ZONE = ZoneInfo("Europe/Moscow")
# Reasons of the feasibility check that another address would mend.
_OF_ADDRESS = frozenset({"addressMissing", "noCoverage", "tooSlow", "noCapacity"})

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Checking:
    """What the lines of one job share."""

    bulk: Document
    offers: Mapping[str, Offer]


async def check_bulk(ctx: Context, bulk: str, **_: Any) -> None:
    """Job: check a few lines, then go on with another job; the last one says that all are checked."""
    await repeated(lambda: _check_some(ctx, bulk))


async def _check_some(ctx: Context, bulk: str) -> None:
    stored = await ctx.store.one(BULK_ORDER, bulk)
    if stored is None or stored.state != "checking":
        return
    change = ctx.change()
    ids = await lines_in(ctx.store, bulk, ("unchecked",), _AT_ONCE)
    if ids:
        catalogue = await whole_catalogue(ctx.store)
        checking = _Checking(stored.document, rules_bulk.offers_by_name(catalogue))
        found = await ctx.store.find([(BULK_ORDER_LINE, id) for id in ids])
        for line in found.values():
            if line.state == "unchecked":
                checked = await _checked(ctx, checking, line)
                change.update(line, checked | {"state": "wrong" if checked["problem"] else "waiting"})
        change.defer(CHECK, bulk=bulk)
    else:
        change.update(stored, stored.document | {"state": "checked"})
    await ctx.store.commit(change)


async def _checked(ctx: Context, checking: _Checking, stored: Stored) -> Document:
    line = stored.document
    cells = rules_bulk_file.cells_of(checking.bulk["header"], line["cell"])
    asked = rules_bulk.judge(cells, checking.offers, ctx.now(), ZONE)
    asked.problems = [*line.get("problem", ()), *asked.problems]
    found = rules_bulk.read_line(line, asked)
    notices: list[Document] = []
    address = await _address(ctx, asked, notices)
    if address is not None:
        found["address"] = {"id": address["id"], "name": address_line(address)}
    if not found["problem"]:
        earlier = await ctx.store.one(ORDER_RECEIPT, f"{checking.bulk['customer']['id']}:{asked.external_id}")
        if earlier is not None:
            text = N_("This number was ordered before as {order}; nothing is ordered again.")
            notices.append(rules_bulk.problem("externalId", text, order=earlier.document["productOrder"]))
        else:
            await _forecast(ctx, checking, found, asked, notices)
    return found | {"notice": notices}


async def _address(ctx: Context, asked: rules_bulk.Asked, notices: list[Document]) -> Document | None:
    """The address that a line means; what stands against it goes to its problems."""
    if asked.site:
        stored = await ctx.store.one(GEOGRAPHIC_ADDRESS, asked.site)
        if stored is None:
            text = N_("There is no address with the number {given}.")
            asked.problems.append(rules_bulk.problem("site", text, given=asked.site))
        return stored.document if stored else None
    if not asked.address:
        return None
    found, similar = await addresses_meant(ctx.store, asked.address)
    if not found:
        text = N_("No address like “{given}” is known. Check town, street and house.")
        asked.problems.append(rules_bulk.problem("address", text, given=asked.address))
        return None
    if len(found) > 1:
        several = "; ".join(f"{address_line(a)} ({a['id']})" for a in found[:3])
        text = N_(
            "“{given}” may be several addresses: {several}. Write the number of one in the column site."
        )
        asked.problems.append(rules_bulk.problem("address", text, given=asked.address, several=several))
        return None
    if similar:
        text = N_("“{given}” is read as {address}.")
        facts = {"given": asked.address, "address": address_line(found[0])}
        notices.append(rules_bulk.problem("address", text, **facts))
    return found[0]


async def _forecast(
    ctx: Context, checking: _Checking, found: Document, asked: rules_bulk.Asked, notices: list[Document]
) -> None:
    """Whether it can be delivered, what it costs, when it would be done."""
    order = rules_bulk.order_of(found, checking.bulk["customer"], checking.bulk["name"])
    try:
        ahead = await forecast(ctx, order)
    except BadInput as refused:
        found["problem"].append(rules_bulk.problem("offering", refused.text, **refused.facts))
        return
    against = [r for f in ahead.feasibility.values() for r in f.reasons if not r.ok]
    for reason in {(r.text, r.code): r for r in against}.values():
        column = "address" if reason.code in _OF_ADDRESS else "offering"
        found["problem"].append(rules_bulk.problem(column, reason.text, **reason.facts))
    if against or asked.offer is None:
        return
    total = next(
        (p for p in ahead.order.get("orderTotalPrice") or () if p.get("priceType") == "recurring"), None
    )
    if total is not None:
        found["monthly"] = total["price"]["taxIncludedAmount"]
    once = asked.offer.once
    if once is not None:
        amount = once_total(ahead.order, {asked.offer.id: once})
        found["once"] = Money(amount, once.currency).document()
    if ahead.promised is not None:
        found["promised"] = to_wire(ahead.promised)
        if asked.requested is not None and ahead.promised > asked.requested.astimezone(UTC):
            text = N_("It can be done later than asked for.")
            notices.append(rules_bulk.problem("date", text))
    if ahead.outcome.state in {"held", "pending"}:
        notices.append(rules_bulk.problem("", N_("Its order will wait for a decision on credit.")))
    elif ahead.outcome.state in {"rejected", "cancelled"}:
        found["problem"].append(rules_bulk.problem("", N_("It cannot be sold on credit to this client.")))
