"""Agreements (TMF651): kept as they are sent, but for those that stand for an accepted contract."""

from typing import Any

from abonent.domain.agreement.resources import AGREEMENT
from abonent.domain.agreement.rules_agreement import contract_of
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain
from abonent.kit.errors import N_, IllegalMove

Document = dict[str, Any]


async def change_agreement(ctx: Context, stored: Stored, document: Document) -> Document:
    """Patch one. IllegalMove for that of a contract."""
    if document != stored.document:
        _demand_own(stored)
    return await plain(AGREEMENT).change(ctx, stored, document)


async def remove_agreement(ctx: Context, stored: Stored) -> None:
    """Delete one. IllegalMove for that of a contract."""
    _demand_own(stored)
    await plain(AGREEMENT).remove(ctx, stored)


def _demand_own(stored: Stored) -> None:
    contract = contract_of(stored.id)
    if contract is not None:
        raise IllegalMove(
            "agreementOfContract",
            N_(
                "Agreement {id} stands for contract {contract}, which the client accepted, so it is neither changed "
                "nor deleted. Post another agreement that names this one in associatedAgreement."
            ),
            id=stored.id,
            contract=contract,
        )


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(AGREEMENT, change=change_agreement, remove=remove_agreement)
