"""Who calls, and what he may do. Row ownership is checked in kit/store; here stand roles and operations."""

from dataclasses import dataclass
from enum import StrEnum

from abonent.kit.errors import N_, Forbidden


class Role(StrEnum):
    """Roles a token or a console account carries."""

    ADMIN = "admin"
    AGENT = "agent"
    ENGINEER = "engineer"
    MANAGER = "manager"
    CLIENT = "client"
    SYSTEM = "system"


STAFF = frozenset({Role.ADMIN, Role.AGENT, Role.ENGINEER, Role.MANAGER, Role.SYSTEM})
EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts. `party` is the id of the customer a client acts for; staff have none."""

    name: str
    role: Role
    party: str | None = None

    @property
    def staff(self) -> bool:
        return self.role in STAFF

    @property
    def owner(self) -> str | None:
        """The party whose rows alone may be seen; None means all rows."""
        if self.staff:
            return None
        # A client token without a party owns nothing; an id no row can have says so.
        return self.party or "\x01"


SYSTEM = Caller("system", Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Permissions:
    """Which roles may read and which may write a resource; clients are bounded by ownership besides."""

    read: frozenset[Role] = STAFF
    write: frozenset[Role] = STAFF

    def demand(self, caller: Caller, *, write: bool, what: str) -> None:
        """Raise Forbidden unless `caller` may read (or write) the resource named `what`."""
        allowed = self.write if write else self.read
        if caller.role not in allowed:
            raise Forbidden(
                "roleNotAllowed",
                N_("Role {role} may not do this with {what}. Use a token of one of: {allowed}."),
                role=caller.role.value,
                what=what,
                allowed=", ".join(sorted(r.value for r in allowed)),
            )
