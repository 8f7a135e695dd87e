"""The console's data from the store: accounts, the order list, an order's file."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from abonent.domain.catalog.queries import offering_names
from abonent.domain.catalog.texts import text_in
from abonent.domain.communication.queries import messages_about
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.lines import ADD, address_id, lines, product_id
from abonent.domain.order_handling.plan import attempt_key, from_document
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.queries import OrderCriteria, OrderListing, list_orders, order_numbers
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.rules_amendable import can_change, is_open
from abonent.domain.order_handling.rules_porting import KIND as PORT_IN
from abonent.domain.order_handling.rules_porting import request_number
from abonent.domain.order_handling.visits import WORK_ORDER_TASK, chosen_appointments, work_order_number
from abonent.domain.party import queries as accounts
from abonent.domain.party import saved_filters as filters
from abonent.domain.party.accounts import verified_account
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_
from abonent.domain.party.saved_filters import SavedFilter
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.faces.console.data import HistoryRow, OrderFile, OrderFilter, OrderPage, OrderRow, User
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden, NotFound
from abonent.kit.i18n import LANGUAGES
from abonent.kit.resource import Resource
from abonent.kit.retry import repeated
from abonent.kit.values import amount_of, from_wire, to_wire

EXPORT_BATCH = 500
MOST_EXPORTED = 100_000


# Seconds for which the catalogue's names are kept.
NAMES_KEPT = 30.0


class StoreConsole:
    """ConsoleData on the store. Whose rows a user may see follows from his role, as for a token's caller."""

    def __init__(self, context: Context) -> None:
        self._ctx = context
        self._names: dict[str, dict[str, str]] | None = None
        self._names_at = 0.0

    async def authenticate(self, name: str, password: str) -> User | None:
        record = await verified_account(self._ctx.store, name, password)
        return _user(record) if record else None

    async def user(self, name: str) -> User | None:
        record = await accounts.account(self._ctx.store, name)
        return _user(record) if record else None

    async def set_preferences(self, user: User, language: str, theme: str) -> None:
        await accounts.save_preferences(self._ctx.store, user.name, language, theme)

    async def names(self) -> Mapping[str, Mapping[str, str]]:
        if self._names is None or time.monotonic() - self._names_at > NAMES_KEPT:
            offerings = await offering_names(self._ctx.store)
            self._names_at = time.monotonic()
            self._names = {
                lang: {o["name"]: text_in(o, "name", lang) for o in offerings if o.get("name")}
                for lang in LANGUAGES
            }
        return self._names

    async def list_orders(self, user: User, wanted: OrderFilter) -> OrderPage:
        listed, total = await list_orders(
            self._ctx.store,
            self._criteria(user, wanted),
            sort=wanted.sort,
            descending=wanted.descending,
            offset=wanted.offset,
            limit=wanted.limit,
        )
        return OrderPage([_row(listing) for listing in listed], total)

    async def all_orders(self, user: User, wanted: OrderFilter) -> AsyncIterator[Sequence[OrderRow]]:
        # The numbers first, then the documents by parts: no connection is held while a slow reader takes them.
        numbers = await order_numbers(
            self._ctx.store,
            self._criteria(user, wanted),
            sort=wanted.sort,
            descending=wanted.descending,
            most=MOST_EXPORTED,
        )
        for part in batched(numbers, EXPORT_BATCH):
            yield await self.orders(user, part)

    async def orders(self, user: User, numbers: Sequence[str]) -> Sequence[OrderRow]:
        criteria = OrderCriteria(owner=user.caller.owner, ids=tuple(numbers))
        listed, _ = await list_orders(
            self._ctx.store, criteria, sort="number", descending=False, offset=0, limit=len(numbers)
        )
        rows = {listing.document["id"]: _row(listing) for listing in listed}
        return [rows[number] for number in dict.fromkeys(numbers) if number in rows]

    def _criteria(self, user: User, wanted: OrderFilter) -> OrderCriteria:
        return OrderCriteria(
            owner=user.caller.owner,
            state=wanted.state,
            text=wanted.text,
            client=wanted.client,
            late_at=to_wire(self._ctx.now()) if wanted.late else None,
            town=wanted.town,
            offering=wanted.offering,
            placed_by=wanted.placed_by,
        )

    async def saved_filters(self, user: User, page: str) -> Sequence[SavedFilter]:
        return await filters.saved_filters(self._ctx.store, user.name, page)

    async def save_filter(self, user: User, page: str, wanted: SavedFilter) -> None:
        await filters.save_filter(self._ctx.store, user.name, page, wanted)

    async def delete_filter(self, user: User, page: str, name: str) -> None:
        await filters.delete_filter(self._ctx.store, user.name, page, name)

    async def order(self, user: User, order_id: str) -> OrderFile | None:
        store = self._ctx.store
        try:
            stored = await store.get(user.caller, PRODUCT_ORDER, order_id)
        except NotFound:
            return None
        parties = [p["id"] for p in stored.document.get("relatedParty") or ()]
        places = {id for item in lines(stored.document) if (id := address_id(item))}
        changed = {i for item in lines(stored.document) if item["action"] != ADD and (i := product_id(item))}
        found, history, messages = await asyncio.gather(
            store.find(
                [
                    (ORDER_PLAN, order_id),
                    (ORDER_ASSESSMENT, order_id),
                    (PAYMENT_REQUEST, order_id),
                    *((CUSTOMER_, p) for p in parties),
                    *((GEOGRAPHIC_ADDRESS, p) for p in sorted(places)),
                    *((PRODUCT, p) for p in sorted(changed)),
                ]
            ),
            store.history(PRODUCT_ORDER, order_id),
            messages_about(store, order_id, chosen_appointments(stored.document)),
        )
        found |= await self._beside(order_id, found)
        plan, assessed = found.get((ORDER_PLAN.name, order_id)), found.get((ORDER_ASSESSMENT.name, order_id))
        customers = [s.document for (kind, _), s in found.items() if kind == CUSTOMER_.name]
        return OrderFile(
            order=stored.document,
            version=stored.version,
            plan=plan.document if plan else None,
            customer=customers[0] if customers else None,
            decisions=assessed.document.get("decision", ()) if assessed else (),
            history=[
                HistoryRow(
                    at=row["at"],
                    what="order" if row["attribute"] == "state" else row["attribute"].replace(" ", "/", 1),
                    from_state=row["old_state"],
                    to_state=row["new_state"],
                    reason=row["reason"],
                    by=row["by"],
                )
                for row in history
            ],
            messages=messages,
            places=_of(found, GEOGRAPHIC_ADDRESS),
            products=_of(found, PRODUCT),
            works=_of(found, WORK_ORDER),
            portings=tuple(_of(found, PORTING_REQUEST).values()),
            payment=next(iter(_of(found, PAYMENT_REQUEST).values()), None),
            accounts=tuple(_of(found, BILLING_ACCOUNT).values()) if user.caller.staff else (),
            amendable=user.caller.staff and _amendable(stored.document, plan),
        )

    async def _beside(
        self, order: str, found: Mapping[tuple[str, str], Stored]
    ) -> dict[tuple[str, str], Stored]:
        """What is found only from the plan and the products: the work orders of visits, requests for numbers, where
        products stand."""
        plan = found.get((ORDER_PLAN.name, order))
        wanted = [
            (WORK_ORDER, work_order_number(attempt_key(order, task["id"], task["attempts"])))
            for task in (plan.document.get("task") or () if plan else ())
            if task["kind"] == WORK_ORDER_TASK and task.get("attempts")
        ]
        wanted += [
            (PORTING_REQUEST, request_number(attempt_key(order, task["id"], task["attempts"])))
            for task in (plan.document.get("task") or () if plan else ())
            if task["kind"] == PORT_IN and task.get("attempts") and not task.get("undoes")
        ]
        standing = {address_id({"product": product}) for product in _of(found, PRODUCT).values()}
        wanted += [(GEOGRAPHIC_ADDRESS, id) for id in sorted(id for id in standing if id)]
        wanted += [
            (BILLING_ACCOUNT, str(account["id"]))
            for customer in _of(found, CUSTOMER_).values()
            for account in customer.get("account") or ()
        ]
        return await self._ctx.store.find(wanted) if wanted else {}

    async def release(self, user: User, order_id: str) -> None:
        await self._change(user, order_id, {"state": "inProgress"})

    async def cancel(self, user: User, order_id: str, reason: str, item: str = "") -> None:
        if item:
            await self._cancel_item(user, order_id, reason, item)
            return
        await self._change(user, order_id, {"state": "cancelled", "cancellationReason": reason})

    async def _cancel_item(self, user: User, order_id: str, reason: str, item: str) -> None:
        if not user.caller.staff:
            raise Forbidden("stepByStaff", N_("Only staff may release or cancel an order here."))
        ctx = self._ctx.for_caller(user.caller)

        async def once() -> None:
            stored = await ctx.store.get(user.caller, PRODUCT_ORDER, order_id)
            await cancel(ctx, stored, stored.document, [item], reason)

        await repeated(once)

    async def _change(self, user: User, order_id: str, patch: dict[str, Any]) -> None:
        """Change an order in the user's name; once more on what a job wrote meanwhile."""
        caller = user.caller
        if not caller.staff:
            raise Forbidden("stepByStaff", N_("Only staff may release or cancel an order here."))
        ctx = self._ctx.for_caller(caller)

        async def once() -> None:
            stored = await ctx.store.get(caller, PRODUCT_ORDER, order_id)
            await change_order(ctx, stored, stored.document | patch)

        await repeated(once, 2)


def _of(found: Mapping[tuple[str, str], Stored], resource: Resource) -> dict[str, dict[str, Any]]:
    """The documents of a resource among what was found, by id."""
    return {id: stored.document for (kind, id), stored in found.items() if kind == resource.name}


def _amendable(order: Mapping[str, Any], plan: Stored | None) -> bool:
    """Whether anything of an order may still be changed; its plan is read only where its state lets that be."""
    if not is_open(order["state"], planned=plan is not None):
        return False
    return can_change(order, from_document(plan.document) if plan else None)


def batched(numbers: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The numbers in parts of `size`."""
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _user(record: dict) -> User:
    return User(
        record["name"],
        record["display_name"],
        record["role"],
        record["party"],
        record["language"],
        record["theme"],
    )


def _row(listing: OrderListing) -> OrderRow:
    order = listing.document
    prices = {p.get("priceType"): p.get("price") or {} for p in order.get("orderTotalPrice") or ()}
    monthly = prices.get("recurring", {}).get("taxIncludedAmount")
    once = prices.get("oneTime", {}).get("taxIncludedAmount")
    return OrderRow(
        id=order["id"],
        title=order.get("description") or "",
        names=_names(order),
        state=order["state"],
        ordered=from_wire(order["orderDate"]),
        customer_id=listing.customer_id,
        customer_name=listing.customer_name,
        promised=from_wire(order["expectedCompletionDate"]) if order.get("expectedCompletionDate") else None,
        completed=from_wire(order["completionDate"]) if order.get("completionDate") else None,
        monthly=amount_of(monthly) if monthly else None,
        once=amount_of(once) if once else None,
        currency=(monthly or once or {}).get("unit", "RUB"),
    )


def _names(order: dict) -> tuple[str, ...]:
    """What is ordered, by the offerings' names."""
    return tuple(
        (i.get("productOffering") or {}).get("name") or (i.get("product") or {}).get("name") or i["id"]
        for i in order.get("productOrderItem") or ()
    )
