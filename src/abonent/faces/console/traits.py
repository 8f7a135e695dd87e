"""Words for what the network and its tests say of a service, and how a task's result is told with them."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from abonent.faces.console.terms import MEASURE, UNIT
from abonent.kit.i18n import NP_, Translator

# What products, services and equipment are told to be; other names show as they are.
TRAIT: Mapping[str, tuple[str, str]] = {
    "ontSerial": NP_("trait", "terminal's serial number"),
    "vlan": NP_("trait", "VLAN"),
    "port": NP_("trait", "port"),
    "package": NP_("trait", "package"),
    "technology": NP_("trait", "technology"),
    "ipAddress": NP_("trait", "IP address"),
    "phoneNumber": NP_("trait", "telephone number"),
    "directoryNumber": NP_("trait", "telephone number"),
    "msisdn": NP_("trait", "telephone number"),
    "iccid": NP_("trait", "SIM card"),
    "downstreamMbps": NP_("trait", "downstream, Mbit/s"),
    "upstreamMbps": NP_("trait", "upstream, Mbit/s"),
    "committedMbps": NP_("trait", "committed rate, Mbit/s"),
}
# "YAR-OLT-26 port 24": a port by its node, as inventories name them.
_PORT = re.compile(r"^(\S+) port (\S+)$")
_NAMES: Mapping[str, tuple[str, str]] = {**TRAIT, **MEASURE}


def result_told(text: str, t: Translator) -> str:
    """A task's result in the reader's language: "ontSerial ELTX5F00A1B2, vlan 1204", "optical level -19.4 dBm", or any
    text of ours."""
    whole = t.retell(text)
    return whole if whole != text else ", ".join(_part(part, t) for part in text.split(", "))


def _part(part: str, t: Translator) -> str:
    name = max((each for each in _NAMES if part.startswith(f"{each} ")), key=len, default=None)
    if name is None:
        return _PORT.sub(lambda found: f"{found[1]} {t.pgettext(*TRAIT['port'])} {found[2]}", part)
    value = part[len(name) + 1 :]
    number, _, unit = value.rpartition(" ")
    if number and (unit in UNIT or unit == "%"):
        shown = t.pgettext(*UNIT[unit]) if unit in UNIT else unit
        value = f"{_rounded(number, t)}\u00a0{shown}"
    return f"{t.pgettext(*_NAMES[name])} {value}"


def _rounded(number: str, t: Translator) -> str:
    """A measured number with the digits that say something: two places, or the first two of a small one."""
    try:
        value = Decimal(number)
    except InvalidOperation:
        return number
    if not value.is_finite():
        return number
    places = 2 if abs(value) >= 1 or not value else min(1 - value.adjusted(), 6)
    shown = round(value, places).normalize()
    return t.number(shown if shown != shown.to_integral_value() else shown.quantize(Decimal(1)), None)
