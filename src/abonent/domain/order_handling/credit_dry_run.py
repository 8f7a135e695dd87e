"""A credit table tried on past orders before it is put in force; nothing is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from abonent.domain.order_handling.queries_credit import past_decisions
from abonent.domain.order_handling.rules_credit_dry_run import DryRun, dry_run
from abonent.domain.qualification.credit_tables import check_table
from abonent.kit.context import Context


async def try_table(ctx: Context, table: Mapping[str, Any], since: datetime, until: datetime) -> DryRun:
    """What a table would have said of the orders placed in this time. BadTable for one with errors."""
    check_table(table)
    return dry_run(table, await past_decisions(ctx.store, since, until))
