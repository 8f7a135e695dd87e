"""Bearer tokens: signed JWTs that carry a role and, for clients, the customer they act for."""

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from abonent.kit.access import Caller, Role
from abonent.kit.errors import N_, Unauthenticated

ISSUER = "abonent"
_CACHE = 10_000


def secret_of(data: Path, given: str | None = None) -> str:
    """The signing secret: `given` (ABONENT_SECRET, for several machines), else one kept in the data folder."""
    if given:
        return given
    path = data / "secret.key"
    data.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole, then linked: of two processes that start at once, one makes the secret and both read it.
        draft = data / f"secret.{secrets.token_hex(8)}"
        try:
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                path.hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text().strip()


class Tokens:
    """Issues and reads tokens. Read ones are remembered until they expire: checking one costs as much as a query."""

    def __init__(self, secret: str) -> None:
        self._key = OctKey.import_key(secret)
        self._known: dict[str, tuple[float, Caller]] = {}

    def issue(self, role: Role, party: str | None, name: str | None, now: datetime, valid: timedelta) -> str:
        claims = {
            "iss": ISSUER,
            "sub": name or (f"{role.value}:{party}" if party else role.value),
            "role": role.value,
            "iat": int(now.timestamp()),
            "exp": int((now + valid).timestamp()),
        }
        if party:
            claims["party"] = party
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def read(self, token: str) -> Caller:
        """The caller a token stands for; Unauthenticated. Expiry goes by real time, not the domain's clock."""
        now = datetime.now(UTC).timestamp()
        known = self._known.get(token)
        if known and known[0] > now:
            return known[1]
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            expires, caller = (
                float(claims["exp"]),
                Caller(str(claims["sub"]), Role(claims["role"]), claims.get("party")),
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated(
                "badToken", N_("The bearer token is not valid. Ask for a new one: abonent token --role ROLE.")
            ) from error
        if expires <= now or claims.get("iss") != ISSUER:
            raise Unauthenticated("tokenExpired", N_("The bearer token has expired. Ask for a new one."))
        if len(self._known) >= _CACHE:
            self._known.clear()
        self._known[token] = (expires, caller)
        return caller
