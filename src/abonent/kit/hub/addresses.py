"""Which addresses a listener may have. Pure.

Whoever may subscribe chooses where this system posts to. So addresses of its own network are refused, at subscribing
and again at each connect, since a name may lead elsewhere tomorrow; an operator allows those that he means.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from abonent.kit.errors import N_, BadInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 2_000
_PRIVATE = "private"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What ABONENT_HUB_ALLOW says: `private` for everything, or names, addresses and networks between commas."""

    everything: bool = False
    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> "Allowed":
        """ValueError never: what is no address or network counts as a host's name."""
        names: set[str] = set()
        networks: list[Network] = []
        for each in (part.strip().lower() for part in (text or "").split(",")):
            try:
                networks.append(ipaddress.ip_network(each, strict=False))
            except ValueError:
                names.add(each)
        return cls(_PRIVATE in names, frozenset(names - {"", _PRIVATE}), tuple(networks))

    def name(self, host: str) -> bool:
        """Whether a host may be reached wherever its name leads."""
        return self.everything or host.lower().rstrip(".") in self.names

    def address(self, text: str) -> bool:
        """Whether a connection to this address may be made; False for what is no address."""
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if self.everything or any(address in network for network in self.networks):
            return True
        return all(map(_public, _reached(address)))


def _reached(address: Address) -> Iterable[Address]:
    """The address and the IPv4 address that it stands for, by whatever way of writing one inside the other."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            yield address.ipv4_mapped
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
        if address in _NAT64 or int(address) < 2**32:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _public(address: Address) -> bool:
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    # A mapped address is judged by the one that it holds.
    return mapped or (address.is_global and not address.is_multicast)


def read_callback(callback: object) -> str:
    """The callback of a subscription without a slash at its end. BadInput if nothing can be posted there."""
    if not isinstance(callback, str) or not callback.strip():
        raise BadInput(
            "callbackMissing",
            N_("{path}: say where to post events, as an address like {example}."),
            path="callback",
            example="https://listener.example.org/abonent",
        )
    text = callback.strip()
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        good, parts = False, None
    if not good or parts is None or len(text) > LONGEST or not text.isprintable() or " " in text:
        raise unreadable(callback)
    if parts.username or parts.password or parts.fragment:
        raise _bad(
            callback,
            N_("{path}: leave user, password and #fragment out of {value}; write it like {example}."),
        )
    return text.rstrip("/")


def unreadable(callback: str) -> BadInput:
    """Why a callback is not taken that the one who would post to it cannot read."""
    return _bad(callback, N_("{path}: {value} is no address to post to; write it like {example}."))


def _bad(callback: str, text: str) -> BadInput:
    return BadInput(
        "badCallback",
        text,
        path="callback",
        value=callback[:100],
        example="https://listener.example.org/abonent",
    )


def refused(callback: str, address: str) -> BadInput:
    """Why a callback that leads to this address is not taken."""
    return BadInput(
        "callbackRefused",
        N_(
            "{path}: {host} leads to {address}, which is not a public address. Use a public one, or have it allowed "
            "with ABONENT_HUB_ALLOW."
        ),
        path="callback",
        host=urlsplit(callback).hostname or "",
        address=address,
    )
