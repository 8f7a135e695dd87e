"""Words for what the network and its tests say of a service, and how a task's result is told with them."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from abonent.faces.console.terms import MEASURE, UNIT
from abonent.kit.errors import N_
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
    "portIn": NP_("trait", "brought from another operator"),
    "donorOperator": NP_("trait", "its operator"),
    "numberOwner": NP_("trait", "in the name of"),
    "downstreamMbps": NP_("trait", "downstream, Mbit/s"),
    "upstreamMbps": NP_("trait", "upstream, Mbit/s"),
    "committedMbps": NP_("trait", "committed rate, Mbit/s"),
}
# What a network says of work that failed; what is not here shows as it came.
TROUBLES = (
    N_("the node does not answer"),
    N_("the access node does not answer"),
    N_("no optical signal from the terminal"),
    N_("no light on the line"),
    N_("the terminal's serial number is not known"),
    N_("the configuration was refused by the node"),
    N_("the optical port is already taken"),
    N_("the profile server refused the profile"),
    N_("the service does not answer"),
)
# "YAR-OLT-26 port 24": a port by its node, as inventories name them.
_PORT = re.compile(r"^(\S+) port (\S+)$")
# "downstream 171.0 Mbit/s" inside a sentence.
_MEASURED = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, MEASURE))}) -?\d+(?:\.\d+)? (?:{'|'.join(map(re.escape, (*UNIT, '%')))})(?!\w)"
)
_NAMES: Mapping[str, tuple[str, str]] = {**TRAIT, **MEASURE}


def result_told(text: str, t: Translator) -> str:
    """A task's result in the reader's language: "ontSerial ELTX5F00A1B2, vlan 1204", "optical level -19.4 dBm", or any
    text of ours."""
    whole = t.retell(text)
    if whole != text:
        return _MEASURED.sub(lambda found: _part(found[0], t), whole)
    return ", ".join(_part(part, t) for part in text.split(", "))


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
