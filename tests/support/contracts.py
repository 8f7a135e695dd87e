"""An offering that is not delivered before its client accepted a contract."""

from typing import Any

from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.kit.context import Context
from tests.support.world import alter

TEMPLATE: dict[str, Any] = {
    "id": "home",
    "title": {"en": "Contract for communication services", "ru": "Договор об оказании услуг связи"},
    "clause": [{"en": "The operator delivers.", "ru": "Оператор оказывает услуги."}],
    "operator": {"name": "ООО «Связь»", "address": "Ярославль"},
    "termDays": 10,
    "remindAfterDays": [4],
}


async def needs_contract(ctx: Context, *offerings: str) -> None:
    """From now on these are sold under TEMPLATE."""
    for id in offerings:
        named = {"id": "home", "href": "", "@referredType": "ContractTemplate"}
        await alter(ctx, PRODUCT_OFFERING, id, agreement=[named])
