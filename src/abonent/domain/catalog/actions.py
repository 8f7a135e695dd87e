"""Loading what orders need of the catalogue."""

from collections.abc import Iterable, Mapping

from abonent.domain.catalog.resources import PRODUCT_OFFERING_PRICE
from abonent.domain.catalog.rules import Document, monthly_price, price_ids, price_of
from abonent.kit.store import Store
from abonent.kit.values import Money


async def prices_of(store: Store, offerings: Iterable[Document]) -> tuple[dict[str, Money], dict[str, Money]]:
    """Recurring monthly and one-time prices by offering id, for offerings that have them."""
    listed = list(offerings)
    found = await store.find((PRODUCT_OFFERING_PRICE, id) for id in price_ids(listed))
    prices = {id: stored.document for (_, id), stored in found.items()}
    monthly, once = (
        {o["id"]: price for o in listed if (price := price_of(o, prices, kind)) is not None}
        for kind in ("recurring", "oneTime")
    )
    return monthly, once


async def monthly_prices(store: Store, offerings: Iterable[Document]) -> Mapping[str, Money]:
    """Offering id -> recurring monthly price, for offerings that have one."""
    listed = list(offerings)
    found = await store.find((PRODUCT_OFFERING_PRICE, id) for id in price_ids(listed))
    prices = {id: stored.document for (_, id), stored in found.items()}
    monthly = {offering["id"]: monthly_price(offering, prices) for offering in listed}
    return {id: price for id, price in monthly.items() if price is not None}
