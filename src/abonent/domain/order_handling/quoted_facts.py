"""What the orders of accepted quotes need of the assessments behind them."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.agreement.documents import assessment_of
from abonent.domain.qualification.resources import ENGINEERING_ASSESSMENT
from abonent.domain.qualification.rules_engineering import access_of
from abonent.kit.context import Context

Document = dict[str, Any]


async def accesses(ctx: Context, quotes: Mapping[str, Mapping[str, Any]]) -> dict[str, Document]:
    """Quote id -> what engineers said will reach the address."""
    numbers = {id: assessment_of(quote) for id, quote in quotes.items()}
    found = await ctx.store.find((ENGINEERING_ASSESSMENT, n) for n in numbers.values() if n)
    known = {id: found.get((ENGINEERING_ASSESSMENT.name, n)) for id, n in numbers.items()}
    return {id: dict(access_of(stored.document)) for id, stored in known.items() if stored}
