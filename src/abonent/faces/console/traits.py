"""Words for what the network and its tests say of a service, and how a task's result is told with them."""

from collections.abc import Mapping

from abonent.faces.console.terms import MEASURE, UNIT
from abonent.kit.i18n import NP_, Translator

# What products, services and equipment are told to be; other names show as they are.
TRAIT: Mapping[str, tuple[str, str]] = {
    "ontSerial": NP_("trait", "terminal's serial number"),
    "vlan": NP_("trait", "VLAN"),
    "port": NP_("trait", "port"),
    "ipAddress": NP_("trait", "IP address"),
    "phoneNumber": NP_("trait", "telephone number"),
    "directoryNumber": NP_("trait", "telephone number"),
    "msisdn": NP_("trait", "telephone number"),
    "iccid": NP_("trait", "SIM card"),
    "downstreamMbps": NP_("trait", "downstream, Mbit/s"),
    "upstreamMbps": NP_("trait", "upstream, Mbit/s"),
}
_NAMES: Mapping[str, tuple[str, str]] = {**TRAIT, **MEASURE}


def result_told(text: str, t: Translator) -> str:
    """A task's result in the reader's language: "ontSerial ELTX5F00A1B2, vlan 1204", "optical level -19.4 dBm", or any
    text of ours."""
    whole = t.retell(text)
    return whole if whole != text else ", ".join(_part(part, t) for part in text.split(", "))


def _part(part: str, t: Translator) -> str:
    name = max((each for each in _NAMES if part.startswith(f"{each} ")), key=len, default=None)
    if name is None:
        return part
    value = part[len(name) + 1 :]
    number, _, unit = value.rpartition(" ")
    if number and unit in UNIT:
        value = f"{number}\u00a0{t.pgettext(*UNIT[unit])}"
    return f"{t.pgettext(*_NAMES[name])} {value}"
