"""Bearer tokens: who they stand for, and all the ways one is not valid."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from abonent.faces.tokens import ISSUER, Tokens, secret_of
from abonent.kit.access import Caller, Role
from abonent.kit.errors import Unauthenticated

SECRET = "a secret of some length, longer than it has to be"
HOUR = timedelta(hours=1)
tokens = Tokens(SECRET)


def now() -> datetime:
    return datetime.now(UTC)


def signed(algorithm: str = "HS256", key: str = SECRET, **claims: Any) -> str:
    whole = {"iss": ISSUER, "sub": "x", "role": "agent", "exp": int(now().timestamp()) + 60} | claims
    return jwt.encode(
        {"alg": algorithm}, {k: v for k, v in whole.items() if v is not None}, OctKey.import_key(key),
        algorithms=[algorithm],
    )  # fmt: skip


def refused(token: str) -> str:
    with pytest.raises(Unauthenticated) as problem:
        tokens.read(token)
    return problem.value.code


@pytest.mark.parametrize("role", list(Role))
def test_a_token_gives_back_who_it_was_issued_to(role: Role) -> None:
    party = "C-1" if role is Role.CLIENT else None
    token = tokens.issue(role, party, None, now(), HOUR)
    expected = Caller("client:C-1" if party else role.value, role, party)
    assert tokens.read(token) == expected
    # The second time it comes from memory, and is the same.
    assert tokens.read(token) == expected
    assert Tokens(SECRET).read(token) == expected
    assert tokens.read(tokens.issue(role, party, "anna", now(), HOUR)).name == "anna"


def test_the_token_of_another_system_is_none() -> None:
    other = Tokens("another secret of sufficient length to be used").issue(
        Role.ADMIN, None, None, now(), HOUR
    )
    assert refused(other) == "badToken"
    assert refused(signed(iss="somebody")) == "tokenExpired"


def test_expired_is_expired_also_from_memory() -> None:
    assert refused(tokens.issue(Role.ADMIN, None, None, now() - 2 * HOUR, HOUR)) == "tokenExpired"
    brief = tokens.issue(Role.ADMIN, None, None, now(), timedelta(seconds=1))
    assert tokens.read(brief).role is Role.ADMIN
    import time

    time.sleep(1.1)
    assert refused(brief) == "tokenExpired"


@pytest.mark.parametrize(
    "claims", [{"role": "king"}, {"role": None}, {"sub": None}, {"exp": None}, {"exp": "never"}, {"role": 5}]
)
def test_claims_that_say_nothing(claims: dict[str, Any]) -> None:
    assert refused(signed(**claims)) == "badToken"


def test_no_other_algorithm_is_taken() -> None:
    assert refused(signed("HS512")) == "badToken"
    header, payload, _ = signed(role="admin").split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    for unsigned in (f"{none}.{payload}.", f"{none}.{payload}", f"{header}.{payload}."):
        assert refused(unsigned) == "badToken"


def test_a_changed_token_is_not_valid() -> None:
    token = tokens.issue(Role.CLIENT, "C-1", None, now(), HOUR)
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"role": "admin"}).encode()).rstrip(b"=").decode()
    assert refused(f"{header}.{forged}.{signature}") == "badToken"


@given(
    st.one_of(st.text(max_size=200), st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True))
)
def test_garbage_is_refused_as_such(text: str) -> None:
    assert refused(text) == "badToken"


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    data = tmp_path / "new"
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(secret_of(data))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Of processes that start at once none may read it half-written.
    assert len(set(found)) == 1 and len(found[0]) > 40
    assert [p.name for p in data.iterdir()] == ["secret.key"]
    assert (data / "secret.key").stat().st_mode & 0o077 == 0
    assert secret_of(data) == found[0]
    assert secret_of(data, "given") == "given"
