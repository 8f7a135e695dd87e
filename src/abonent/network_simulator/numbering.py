"""What a network hands out to a service: ONT serial, VLAN, addresses, phone numbers, SIM cards.

A value is found from the service id, so a restarted simulator gives the same service the same values, and
two services never share one while both are active.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any


class Pool:
    """Numbers 0 .. size - 1, each held by one service at most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._holder: dict[int, str] = {}
        self._held: dict[str, int] = {}

    def take(self, service_id: str) -> int:
        """The service's number, the same at each call until released. OverflowError when all are out."""
        if service_id in self._held:
            return self._held[service_id]
        if len(self._holder) >= self._size:
            raise OverflowError(f"all {self._size} numbers of the pool are in use")
        number = int.from_bytes(sha256(service_id.encode()).digest()[:8]) % self._size
        while number in self._holder:
            number = (number + 1) % self._size
        self._holder[number] = service_id
        self._held[service_id] = number
        return number

    def release(self, service_id: str) -> None:
        """Give the number back; nothing happens when none is held."""
        number = self._held.pop(service_id, None)
        if number is not None:
            del self._holder[number]


def ont_serial(number: int) -> str:
    """Four letters of the vendor and eight hexadecimal digits, as a G-PON ONT registers."""
    return f"ABNT{number:08X}"


def ip_address(number: int) -> str:
    """An address of 100.64.0.0/10, the range for subscribers behind a carrier's translation (RFC 6598)."""
    return f"100.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def phone_number(number: int) -> str:
    """A Moscow number beginning with 0 after the area code: well-formed, and assigned to nobody."""
    return f"+74990{number:06d}"


def iccid(number: int) -> str:
    """A SIM card number, 19 digits with its Luhn check digit; issuer country 999, which is not assigned."""
    digits = f"8999901{number:011d}"
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def imsi(number: int) -> str:
    """A subscriber identity of the test network 001 01 (ITU-T E.212)."""
    return f"00101{number:010d}"


_KINDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("mobile", "sim", "lte", "5g", "esim"), ("iccid", "imsi", "phoneNumber")),
    (("voice", "voip", "phone", "telephony", "sip"), ("phoneNumber",)),
    (("tv", "iptv", "video"), ("vlan",)),
    (
        ("internet", "broadband", "access", "gpon", "pon", "ftth", "fiber", "fibre"),
        ("ontSerial", "vlan", "ipAddress"),
    ),
)
_OTHERWISE = ("vlan", "ipAddress")


class Numbering:
    """Which values a kind of service takes, and the pools they come from."""

    def __init__(self) -> None:
        self._ports, self._addresses = Pool(1 << 32), Pool(1 << 22)
        self._phones, self._cards = Pool(1_000_000), Pool(10_000_000_000)
        self._give: dict[str, Callable[[str], str | int]] = {
            "ontSerial": lambda id: ont_serial(self._ports.take(id)),
            # A VLAN is shared by the subscribers of an access node, so it need not be unique.
            "vlan": lambda id: 100 + sha256(id.encode()).digest()[0] * 15,
            "ipAddress": lambda id: ip_address(self._addresses.take(id)),
            "phoneNumber": lambda id: phone_number(self._phones.take(id)),
            "iccid": lambda id: iccid(self._cards.take(id)),
            "imsi": lambda id: imsi(self._cards.take(id)),
        }

    def assign(self, service: dict[str, Any], service_id: str, present: set[str]) -> list[dict[str, Any]]:
        """Characteristics for a new service, without those the order itself brought along (`present`)."""
        return [
            {"name": name, "valueType": _type(value), "value": value}
            for name in names_for(service)
            if name not in present
            for value in (self._give[name](service_id),)
        ]

    def release(self, service_id: str) -> None:
        """Give back everything a service holds."""
        for pool in (self._ports, self._addresses, self._phones, self._cards):
            pool.release(service_id)


def _type(value: str | int) -> str:
    return "integer" if isinstance(value, int) else "string"


# What carries the line itself; internet that says none of it runs over a line that has its terminal already.
_LINE = frozenset({"gpon", "pon", "ftth", "fiber", "fibre", "line"})


def names_for(service: dict[str, Any]) -> tuple[str, ...]:
    """Names of the values, told by the words of the service's specification, name, type and category."""
    specification = service.get("serviceSpecification")
    texts = [service.get(part) for part in ("name", "serviceType", "category")]
    if isinstance(specification, dict):
        texts += [specification.get("name"), specification.get("id")]
    words = _words(" ".join(text for text in texts if isinstance(text, str)))
    for kind, names in _KINDS:
        if words.intersection(kind):
            over_a_line = "internet" in words and words.isdisjoint(_LINE)
            return tuple(name for name in names if name == "ipAddress") if over_a_line else names
    return _OTHERWISE


def _words(text: str) -> set[str]:
    # "MobileVoice-2" -> mobilevoice, mobile, voice, 2
    plain = re.sub(r"[\W_]+", " ", text)
    return set(plain.lower().split()) | set(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower().split())
