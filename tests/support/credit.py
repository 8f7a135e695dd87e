"""Credit tables and inputs for tests."""

from decimal import Decimal
from typing import Any

from abonent.domain.qualification.credit_resources import CREDIT_TABLE
from abonent.domain.qualification.credit_tables import change_table, create_table
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.context import Context

MANAGER = Caller("marina", Role.MANAGER)
OLEG = Caller("oleg", Role.AGENT)
TOLD = {"en": "Not on credit for now.", "ru": "Пока не в кредит."}


def row(*cells: str, outcome: str, **more: Any) -> dict[str, Any]:
    """A row with a reason, and with words for the client where it declines."""
    made: dict[str, Any] = {"cell": list(cells), "outcome": outcome, "reason": {"en": f"{outcome} it"}}
    if outcome == "decline":
        made["wording"] = dict(TOLD)
    return made | more


def table(columns: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A table; `columns` are names with blanks between."""
    return {"name": "Credit", "column": columns.split(), "row": list(rows)} | more


def values(**given: Any) -> dict[str, Any]:
    """All inputs of a client against whom nothing stands; amounts as texts."""
    usual: dict[str, Any] = {
        "arrears": Decimal(0),
        "daysLate": 0,
        "latePayments": 0,
        "tenureMonths": 24,
        "openOrdersMonthly": Decimal(0),
        "overLimit": Decimal(0),
        "clientKind": "individual",
        "monthly": Decimal(500),
        "oneTime": Decimal(0),
        "bureauStatus": "notAsked",
        "bureauScore": None,
    }
    assert given.keys() <= usual.keys()
    numbers = {k: Decimal(v) if isinstance(v, str) and v[:1].isdigit() else v for k, v in given.items()}
    return usual | numbers


async def put_in_force(ctx: Context, document: dict[str, Any], since: str | None = None) -> dict[str, Any]:
    """Write a table and release it; from now when no date is given."""
    made = await create_table(ctx.for_caller(MANAGER), document)
    stored = await ctx.store.get(SYSTEM, CREDIT_TABLE, made["id"])
    wanted = stored.document | {"state": "released"} | ({"inForceFrom": since} if since else {})
    return await change_table(ctx.for_caller(MANAGER), stored, wanted)
