"""What the demo's operator sells, how each offering is delivered, what it must measure. Data and its documents."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.resources import (
    CATEGORY,
    DECOMPOSITION,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
)
from abonent.kit.resource import Resource
from abonent.kit.values import Money

Document = dict[str, Any]
CURRENCY = "RUB"

FIBRES = ("fibre-100", "fibre-300", "fibre-1000")


@dataclass(frozen=True, slots=True)
class Sold:
    """One offering. Prices in RUB a month, tax included; `any_of` are offerings of which one must be held."""

    id: str
    name: str
    description: str
    category: str
    monthly: str
    tasks: tuple[Document, ...] = ()
    mbps: int = 0
    technologies: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    characteristics: dict[str, Any] = field(default_factory=dict)


def _task(id: str, en: str, ru: str, kind: str, minutes: float, after: str = "", **more: Any) -> Document:
    made: Document = {"id": id, "name": {"en": en, "ru": ru}, "kind": kind, "minutes": minutes}
    if after:
        made["dependsOn"] = after.split()
    return made | more


def _service(id: str, name: str, **characteristics: Any) -> Document:
    spec: Document = {"serviceSpecification": {"id": id, "name": name}}
    return spec | ({"characteristic": characteristics} if characteristics else {})


def _limit(name: str, unit: str, least: float | None = None, most: float | None = None) -> Document:
    bounds = {"min": least, "max": most}
    return {"name": name, "unit": unit} | {key: value for key, value in bounds.items() if value is not None}


def _inventory(after: str) -> Document:
    return _task("inventory", "Enter into inventory", "Внести в учёт", "inventory", 1, after)


def _access_tasks(mbps: int, line_minutes: float) -> tuple[Document, ...]:
    """Port, line, activation (no way back), test, inventory."""
    limits = [
        _limit("downstream", "Mbit/s", mbps * 0.95, mbps * 1.05),
        _limit("upstream", "Mbit/s", mbps * 0.95, mbps * 1.05),
        _limit("optical level", "dBm", -27, -8),
        _limit("round trip", "ms", 0, 20),
    ]
    return (
        _task(
            "port",
            "Reserve a port",
            "Занять порт",
            "reserve",
            2,
            action=["add"],
            compensation="Release the port",
        ),
        _task(
            "line",
            "Set up the optical line",
            "Настроить оптическую линию",
            "serviceOrder",
            line_minutes,
            "port",
            action=["add", "delete"],
            compensation="Take the line off the node",
            spec=_service("GPON", "GPON access line"),
        ),
        _task(
            "activate",
            "Activate internet access",
            "Включить доступ в интернет",
            "serviceOrder",
            10,
            "line",
            pointOfNoReturn=True,
            compensation="Deactivate internet access",
            spec=_service("INTERNET", "Internet access", downstreamMbps=mbps),
        ),
        _task(
            "test",
            "Measure speed and signal",
            "Измерить скорость и сигнал",
            "serviceTest",
            5,
            "activate",
            action=["add", "modify"],
            spec={"testSpecification": "fibre-line", "limits": limits},
        ),
        _inventory("test activate"),
    )


def _option_tasks(
    service: Document, minutes: float, limits: list[Document], en: str, ru: str
) -> tuple[Document, ...]:
    """Activation (no way back), test, inventory."""
    return (
        _task(
            "activate",
            en,
            ru,
            "serviceOrder",
            minutes,
            pointOfNoReturn=True,
            compensation="Deactivate the service",
            spec=service,
        ),
        _task(
            "test",
            "Test the service",
            "Проверить услугу",
            "serviceTest",
            3,
            "activate",
            action=["add", "modify"],
            spec={"testSpecification": service["serviceSpecification"]["id"].lower(), "limits": limits},
        ),
        _inventory("test activate"),
    )


def _fibre(mbps: int, monthly: str) -> Sold:
    id = f"fibre-{mbps}"
    return Sold(
        id,
        f"Fibre {mbps}",
        f"Internet over optical fibre, {mbps} Mbit/s both ways.",
        "home",
        monthly,
        tasks=_access_tasks(mbps, 40),
        mbps=mbps,
        technologies=("GPON",),
        excludes=tuple(other for other in FIBRES if other != id),
        characteristics={"downstreamMbps": mbps},
    )


_TV = _option_tasks(
    _service("IPTV", "Television over IP", package="Basic 120"),
    15,
    [_limit("packet loss", "%", 0, 0.1), _limit("channel change", "s", 0, 2)],
    "Switch the channels on",
    "Включить каналы",
)
_VOICE = _option_tasks(
    _service("SIP", "Voice over IP"),
    20,
    [_limit("call setup", "s", 0, 3), _limit("voice quality", "MOS", 3.8, 5)],
    "Assign and register the number",
    "Выделить и зарегистрировать номер",
)
_MOBILE = _option_tasks(
    _service("MOBILE", "Mobile subscription"),
    25,
    [_limit("registration", "s", 0, 10)],
    "Activate the SIM card",
    "Активировать SIM-карту",
)
_WIFI = _option_tasks(
    _service("WIFI", "Managed Wi-Fi"),
    8,
    [_limit("coverage", "dBm", -67, -30)],
    "Set Wi-Fi up",
    "Настроить Wi-Fi",
)
_L2VPN = (
    _task(
        "port",
        "Reserve a port",
        "Занять порт",
        "reserve",
        2,
        action=["add"],
        compensation="Release the port",
    ),
    _task(
        "line",
        "Build the Ethernet tail",
        "Построить линию Ethernet",
        "serviceOrder",
        2880,
        "port",
        action=["add", "delete"],
        compensation="Take the line off the node",
        spec=_service("ETHERNET", "Ethernet tail"),
    ),
    _task(
        "path",
        "Set up the virtual circuit",
        "Настроить виртуальный канал",
        "serviceOrder",
        120,
        "line",
        pointOfNoReturn=True,
        compensation="Remove the virtual circuit",
        spec=_service("L2VPN", "Layer 2 VPN circuit"),
    ),
    _task(
        "test",
        "Measure the circuit (Y.1564)",
        "Измерить канал (Y.1564)",
        "serviceTest",
        60,
        "path",
        action=["add", "modify"],
        spec={
            "testSpecification": "y1564",
            "limits": [
                _limit("throughput", "Mbit/s", 99, 101),
                _limit("frame loss", "%", 0, 0.01),
                _limit("delay variation", "ms", 0, 2),
            ],
        },
    ),
    _inventory("test path"),
)

SOLD: tuple[Sold, ...] = (
    _fibre(100, "490.00"),
    _fibre(300, "690.00"),
    _fibre(1000, "990.00"),
    Sold(
        "tv", "Television", "120 channels, over any of our fibre lines.", "home", "290.00", _TV, any_of=FIBRES
    ),
    Sold(
        "voice",
        "Home phone",
        "A number and calls at home, over fibre.",
        "home",
        "150.00",
        _VOICE,
        any_of=FIBRES,
    ),
    Sold("mobile", "Mobile 20 GB", "20 GB, 500 minutes, unlimited messages.", "home", "400.00", _MOBILE),
    Sold("wifi", "Managed Wi-Fi", "A router that we look after.", "home", "120.00", _WIFI, any_of=FIBRES),
    Sold(
        "l2vpn",
        "Business L2VPN 100",
        "A layer 2 circuit of 100 Mbit/s between two sites.",
        "business",
        "12000.00",
        _L2VPN,
        mbps=100,
        technologies=("Ethernet",),
        characteristics={"downstreamMbps": 100},
    ),
    Sold(
        "home-bundle",
        "Home bundle 300",
        "Fibre 300 with television and managed Wi-Fi.",
        "home",
        "950.00",
        parts=("fibre-300", "tv", "wifi"),
    ),
)
BY_ID = {sold.id: sold for sold in SOLD}


def specification_of(offering: str) -> str:
    return f"PS-{offering}"


def documents() -> list[tuple[Resource, Document]]:
    """Categories, then specification, price, offering and decomposition of each offering."""
    made: list[tuple[Resource, Document]] = []
    for id, name in (("home", "For home"), ("business", "For business")):
        inside = [{"id": sold.id, "name": sold.name} for sold in SOLD if sold.category == id]
        made.append((CATEGORY, {"id": id, "name": name, "isRoot": True, "productOffering": inside}))
    for sold in SOLD:
        if not sold.parts:
            made.append((PRODUCT_SPECIFICATION, _specification(sold)))
            made.append((DECOMPOSITION, _decomposition(sold)))
        made.append((PRODUCT_OFFERING_PRICE, _price(sold)))
        made.append((PRODUCT_OFFERING, _offering(sold)))
    return made


def _specification(sold: Sold) -> Document:
    relations = [(other, "alternativeDependency") for other in sold.any_of]
    relations += [(other, "exclusivity") for other in sold.excludes]
    return {
        "id": specification_of(sold.id),
        "name": sold.name,
        "lifecycleStatus": "Active",
        "productSpecificationRelationship": [
            {"id": specification_of(other), "name": BY_ID[other].name, "relationshipType": relation}
            for other, relation in relations
        ],
        "productSpecCharacteristic": [
            {
                "name": name,
                "configurable": False,
                "productSpecCharacteristicValue": [{"isDefault": True, "value": value}],
            }
            for name, value in sold.characteristics.items()
        ],
    }


def _decomposition(sold: Sold) -> Document:
    document: Document = {
        "id": f"DC-{sold.id}",
        "name": sold.name,
        "productSpecification": {"id": specification_of(sold.id), "name": sold.name},
        "task": list(sold.tasks),
    }
    if sold.technologies:
        document["access"] = {"technology": list(sold.technologies), "downstreamMbps": sold.mbps}
    return document


def _price(sold: Sold) -> Document:
    return {
        "id": f"POP-{sold.id}",
        "name": f"{sold.name}, a month",
        "priceType": "recurring",
        "recurringChargePeriodType": "month",
        "recurringChargePeriodLength": 1,
        "price": Money(Decimal(sold.monthly), CURRENCY).document(),
    }


def _offering(sold: Sold) -> Document:
    document: Document = {
        "id": sold.id,
        "name": sold.name,
        "description": sold.description,
        "isBundle": bool(sold.parts),
        "isSellable": True,
        "lifecycleStatus": "Active",
        "category": [{"id": sold.category, "name": f"For {sold.category}"}],
        "productOfferingPrice": [{"id": f"POP-{sold.id}", "name": sold.name}],
    }
    if sold.parts:
        document["bundledProductOffering"] = [{"id": part, "name": BY_ID[part].name} for part in sold.parts]
    else:
        document["productSpecification"] = {"id": specification_of(sold.id), "name": sold.name}
    return document
