"""Who is signed in: a signed cookie, a token in every form, and a brake on guessing passwords.

The cookie holds the user's name, when he signed in, and a random mark; nothing in it is secret, the
signature makes it true. The form token is the same mark signed with another salt, so a foreign page cannot
make one.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "abonent_session"
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """The visit: `name` is None before signing in; `mark` ties the forms to it."""

    name: str | None
    mark: str
    fresh: bool = False


class Sessions:
    """Reads and writes the session cookie and the form tokens.

    `secret` signs both; `secure` for https only.
    """

    def __init__(self, secret: str, secure: bool) -> None:
        self._cookie = URLSafeTimedSerializer(secret, salt="abonent.session")
        self._form = URLSafeSerializer(secret, salt="abonent.form")
        self._secure = secure

    def read(self, request: Request) -> Session:
        """The session of a request; a missing, foreign or expired cookie gives a fresh anonymous one."""
        try:
            kept = self._cookie.loads(request.cookies.get(COOKIE, ""), max_age=SESSION_SECONDS)
            return Session(kept["name"], kept["mark"])
        except (BadSignature, KeyError, TypeError):
            return Session(None, secrets.token_urlsafe(16), fresh=True)

    def begin(self, response: Response, name: str | None) -> None:
        """Start a session with a new mark, so that a mark known before signing in is worth nothing after."""
        self.write(response, Session(name, secrets.token_urlsafe(16)))

    def write(self, response: Response, session: Session) -> None:
        """Put the session into the cookie."""
        value = self._cookie.dumps({"name": session.name, "mark": session.mark})
        response.set_cookie(
            COOKIE,
            value,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/",
        )

    def end(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)

    def token(self, session: Session) -> str:
        """The token for the forms of this session."""
        return str(self._form.dumps(session.mark))

    def fits(self, session: Session, token: str) -> bool:
        """Whether a form came from a page of this session."""
        try:
            return secrets.compare_digest(str(self._form.loads(token)), session.mark)
        except BadSignature:
            return False


class LoginBrake:
    """Counts failed sign-ins by key within a sliding window, in memory: five in five minutes, then wait.

    `clock` gives seconds that never go back. At most `keys` keys are kept; the oldest go first.
    """

    def __init__(
        self,
        limit: int = 5,
        window: float = 300.0,
        keys: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._window, self._keys, self._clock = limit, window, keys, clock
        self._failed: dict[str, deque[float]] = {}

    def wait(self, key: str) -> float:
        """Seconds until the next try is allowed; 0 when it is allowed now."""
        times = self._recent(key)
        return times[0] + self._window - self._clock() if len(times) >= self._limit else 0.0

    def failed(self, key: str) -> None:
        """Note a failed try."""
        times = self._recent(key)
        times.append(self._clock())
        self._failed.pop(key, None)
        self._failed[key] = times
        while len(self._failed) > self._keys:
            del self._failed[next(iter(self._failed))]

    def passed(self, key: str) -> None:
        """Forget the failures after a success."""
        self._failed.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        times = self._failed.get(key, deque())
        while times and times[0] + self._window <= self._clock():
            times.popleft()
        return times
