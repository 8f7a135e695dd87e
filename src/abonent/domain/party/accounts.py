"""Console accounts: names, passwords (argon2id), roles."""

import asyncio
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from abonent.domain.party import queries
from abonent.kit.access import Role
from abonent.kit.errors import N_, BadInput
from abonent.kit.store import Store

SHORTEST_PASSWORD = 8

_hasher = PasswordHasher()
# Verified when there is no such account, so that the time taken does not tell which names exist.
_NOBODY = _hasher.hash("nobody's password")


async def create_account(
    store: Store, name: str, password: str, role: Role, *, display_name: str, party: str | None, language: str
) -> None:
    """Create or replace a console account. BadInput for a short password or a client without a party."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            "passwordTooShort", N_("A password has at least {least} characters."), least=SHORTEST_PASSWORD
        )
    if role is Role.CLIENT and not party:
        raise BadInput("partyMissing", N_("An account of role client needs the customer it belongs to."))
    await queries.save_account(
        store,
        {
            "name": name,
            "display_name": display_name,
            "password_hash": _hasher.hash(password),
            "role": role.value,
            "party": party,
            "language": language,
            "theme": "light",
        },
    )


async def verified_account(store: Store, name: str, password: str) -> dict[str, Any] | None:
    """The account if the password is its own. Takes about as long for a name that does not exist."""
    record = await queries.account(store, name)
    try:
        # Tens of milliseconds on purpose, in a thread so that other requests go on meanwhile.
        await asyncio.to_thread(_hasher.verify, record["password_hash"] if record else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return record
