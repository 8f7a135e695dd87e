"""Words for what catalogues commonly call measures, units and characteristics. Data; what it does not know shows
itself."""

from collections.abc import Mapping

from abonent.kit.i18n import NP_

MEASURE: Mapping[str, tuple[str, str]] = {
    "downstream": NP_("measure", "speed to the client"),
    "upstream": NP_("measure", "speed from the client"),
    "optical level": NP_("measure", "optical level"),
    "round trip": NP_("measure", "round trip"),
    "packet loss": NP_("measure", "packet loss"),
    "frame loss": NP_("measure", "frame loss"),
    "delay variation": NP_("measure", "delay variation"),
    "throughput": NP_("measure", "throughput"),
    "channel change": NP_("measure", "channel change"),
    "picture errors": NP_("measure", "picture errors"),
    "call setup": NP_("measure", "call setup"),
    "lost calls": NP_("measure", "lost calls"),
    "voice quality": NP_("measure", "voice quality"),
    "registration": NP_("measure", "registration in the network"),
    "reachability": NP_("measure", "reachability"),
    "coverage": NP_("measure", "signal in the rooms"),
}
UNIT: Mapping[str, tuple[str, str]] = {
    "Mbit/s": NP_("measure unit", "Mbit/s"),
    "dBm": NP_("measure unit", "dBm"),
    "ms": NP_("measure unit", "ms"),
    "s": NP_("measure unit", "s"),
    "1/min": NP_("measure unit", "a minute"),
    "MOS": NP_("measure unit", "MOS points"),
}
SERVICE_NAME: Mapping[str, tuple[str, str]] = {
    "GPON access line": NP_("service name", "GPON access line"),
    "Internet access": NP_("service name", "Internet access"),
    "Television over IP": NP_("service name", "Television over IP"),
    "Voice over IP": NP_("service name", "Voice over IP"),
    "Mobile subscription": NP_("service name", "Mobile subscription"),
    "Managed Wi-Fi": NP_("service name", "Managed Wi-Fi"),
    "Set-top box for television": NP_("service name", "Set-top box for television"),
    "Fixed public address": NP_("service name", "Fixed public address"),
    "Antivirus licence": NP_("service name", "Antivirus licence"),
    "Number range for voice": NP_("service name", "Number range for voice"),
    "SIP trunk": NP_("service name", "SIP trunk"),
    "Ethernet tail": NP_("service name", "Ethernet tail"),
    "Layer 2 VPN circuit": NP_("service name", "Layer 2 VPN circuit"),
}
CHARACTERISTIC: Mapping[str, tuple[str, str]] = {
    "downstreamMbps": NP_("characteristic", "Speed to the client, Mbit/s"),
    "upstreamMbps": NP_("characteristic", "Speed from the client, Mbit/s"),
    "channels": NP_("characteristic", "Channels"),
    "dataGB": NP_("characteristic", "Data a month, GB"),
    "minutes": NP_("characteristic", "Minutes a month"),
    "devices": NP_("characteristic", "Devices"),
    "lines": NP_("characteristic", "Lines at once"),
    "colour": NP_("characteristic", "Colour"),
    "quantity": NP_("characteristic", "Pieces in an order"),
    "phoneNumber": NP_("characteristic", "Telephone number"),
    "iccid": NP_("characteristic", "SIM card"),
    "portIn": NP_("characteristic", "Brought from another operator"),
    "donorOperator": NP_("characteristic", "Operator it comes from"),
    "numberOwner": NP_("characteristic", "In whose name it is there"),
}
