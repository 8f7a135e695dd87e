"""Orders put straight into the store, for lists that are long or states that take people days to reach."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.context import Context
from abonent.kit.values import to_wire


def document(
    number: int, at: datetime, *, client: str = "C-1", state: str = "inProgress", **more: Any
) -> dict:
    """A product order of `client`, placed at `at`, as the store keeps it; `monthly` is its price in roubles."""
    monthly = more.pop("monthly", None)
    price = {"taxIncludedAmount": {"unit": "RUB", "value": Decimal(monthly or 500)}}
    return {
        "id": f"O-{number}",
        "state": state,
        "orderDate": to_wire(at),
        "description": f"Line {number}",
        "relatedParty": [{"id": client, "role": "customer", "@referredType": "Customer"}],
        "orderTotalPrice": [{"priceType": "recurring", "recurringChargePeriod": "month", "price": price}],
        "productOrderItem": [
            {"id": "1", "action": "add", "state": state, "productOffering": {"id": "fibre", "name": "fibre"}}
        ],
        **more,
    }


async def adopt(ctx: Context, *documents: dict[str, Any]) -> None:
    change = ctx.change()
    for each in documents:
        change.adopt(PRODUCT_ORDER, each)
    await ctx.store.commit(change)


async def adopt_sixty(ctx: Context) -> datetime:
    """Sixty orders, O-20000 to O-20059, each placed a minute after the one before; the time of the first.

    Every third is of C-2, every tenth is held, the last two are late: promised an hour ago.
    """
    first = ctx.now() - timedelta(days=2)
    documents = [
        document(
            20_000 + n,
            first + timedelta(minutes=n),
            client="C-2" if n % 3 == 0 else "C-1",
            state="held" if n % 10 == 0 else "inProgress",
            monthly=100 + n,
        )
        for n in range(60)
    ]
    for late in documents[-2:]:
        late["expectedCompletionDate"] = to_wire(ctx.now() - timedelta(hours=1))
    await adopt(ctx, *documents)
    return first
