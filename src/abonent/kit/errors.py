"""Errors a caller can understand and mend.

Each error carries an HTTP status, a stable machine code and an English text with named facts.
The text is also the key of its translation, so faces render it in the person's language:
`problem.text.format(**problem.facts)` after looking the text up in kit/i18n.
"""

from typing import Any


def N_(text: str) -> str:
    """Mark a text for extraction into the translation catalogues; returns it unchanged."""
    return text


class Problem(Exception):
    """Base of everything that is answered with a TMF630 error body.

    code   stable identifier for machines, camelCase
    text   English sentence: what is wrong and how to mend it, with {named} facts
    facts  values for the text; `path` names the attribute where one is at fault
    """

    status = 500

    def __init__(self, code: str, text: str, /, **facts: Any) -> None:
        self.code = code
        self.text = text
        self.facts = facts
        super().__init__(text.format(**facts) if facts else text)


class BadInput(Problem):
    """400: a missing, unknown, malformed or contradictory attribute, filter or parameter."""

    status = 400


class Unauthenticated(Problem):
    """401: no token, or one that is malformed, expired or signed by somebody else."""

    status = 401


class Forbidden(Problem):
    """403: the caller is known, but his role does not allow this."""

    status = 403


class NotFound(Problem):
    """404: no such resource, or one the caller may not see (the two are not told apart)."""

    status = 404


class MethodNotAllowed(Problem):
    """405: the resource is there, but does not offer this method. The fact `allowed` lists those it does."""

    status = 405


class UnsupportedMedia(Problem):
    """415: the body is sent as a type that is not read here."""

    status = 415


class Conflict(Problem):
    """409: the resource changed meanwhile, or the identifier is taken."""

    status = 409


class PreconditionFailed(Problem):
    """412: If-Match names another version than the present one."""

    status = 412


class TooLarge(Problem):
    """413: the body is longer than the limit."""

    status = 413


class IllegalMove(Problem):
    """422: well-formed, but not allowed in the present state."""

    status = 422


class Unavailable(Problem):
    """503: the database is away for a moment; try again after `retry_after` seconds."""

    status = 503
