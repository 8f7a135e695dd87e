"""What the demo's operator sells. Data: prices in RUB, tax included."""

from dataclasses import dataclass, field
from typing import Any

from abonent.demo import decompositions
from abonent.demo.decompositions import Tasks

FIBRES = ("fibre-100", "fibre-300", "fibre-1000")


@dataclass(frozen=True, slots=True)
class Sold:
    """One offering. `name` and `description` are (English, Russian).

    monthly, once  prices a month and at the beginning; None: nothing
    commitment     months that it is agreed for at least; 0: any time
    lead_days      within how many days it is delivered as a rule
    any_of         offerings of which one must be held; excludes: those it cannot stand beside
    """

    id: str
    name: tuple[str, str]
    description: tuple[str, str]
    category: str
    monthly: str
    lead_days: int
    tasks: Tasks = ()
    once: str | None = None
    mbps: int = 0
    technologies: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    characteristics: dict[str, Any] = field(default_factory=dict)
    commitment: int = 0


def _fibre(mbps: int, monthly: str, en: str, ru: str) -> Sold:
    id = f"fibre-{mbps}"
    return Sold(
        id,
        (f"Fibre {mbps}", f"Оптика {mbps}"),
        (
            f"Internet over optical fibre, {mbps} Mbit/s both ways. {en}",
            f"Интернет по оптике, {mbps} Мбит/с в обе стороны. {ru}",
        ),
        "home",
        monthly,
        3,
        decompositions.fibre(mbps),
        once="500.00",
        mbps=mbps,
        technologies=("GPON",),
        excludes=tuple(other for other in FIBRES if other != id),
        characteristics={"downstreamMbps": mbps, "upstreamMbps": mbps},
        commitment=12,
    )


SOLD: tuple[Sold, ...] = (
    _fibre(
        100,
        "490.00",
        "Enough for video calls and films on two screens.",
        "Хватает для видеосвязи и кино на двух экранах.",
    ),
    _fibre(
        300,
        "690.00",
        "For a family whose evenings are all online.",
        "Для семьи, у которой все вечера в сети.",
    ),
    _fibre(
        1000,
        "990.00",
        "For large files, games and work from home.",
        "Для больших файлов, игр и работы из дома.",
    ),
    Sold(
        "tv",
        ("Television", "Телевидение"),
        (
            "120 channels over any of our fibre lines, with a week of archive.",
            "120 каналов по любой нашей оптической линии, архив за неделю.",
        ),
        "home",
        "290.00",
        1,
        decompositions.TELEVISION,
        any_of=FIBRES,
        characteristics={"channels": 120},
    ),
    Sold(
        "voice",
        ("Home phone", "Домашний телефон"),
        (
            "A city number and unlimited calls within the region, over fibre.",
            "Городской номер и звонки по области без ограничений, по оптике.",
        ),
        "home",
        "150.00",
        1,
        decompositions.VOICE,
        any_of=FIBRES,
    ),
    Sold(
        "mobile",
        ("Mobile 20 GB", "Мобильная связь 20 ГБ"),
        (
            "20 GB, 500 minutes and unlimited messages a month.",
            "20 ГБ, 500 минут и сообщения без ограничений в месяц.",
        ),
        "mobile",
        "400.00",
        1,
        decompositions.MOBILE,
        characteristics={"dataGB": 20, "minutes": 500},
    ),
    Sold(
        "wifi",
        ("Managed Wi-Fi", "Wi-Fi под ключ"),
        ("A router that we set up, watch and replace.", "Роутер, который мы настраиваем, видим и меняем."),
        "options",
        "120.00",
        1,
        decompositions.WIFI,
        any_of=FIBRES,
    ),
    Sold(
        "set-top-box",
        ("Set-top box", "ТВ-приставка"),
        (
            "A 4K box for the second television set, rented.",
            "Приставка 4K для второго телевизора, в аренду.",
        ),
        "options",
        "99.00",
        1,
        decompositions.SET_TOP_BOX,
        any_of=("tv",),
    ),
    Sold(
        "static-ip",
        ("Static IP address", "Постоянный IP-адрес"),
        (
            "One public IPv4 address that stays the same.",
            "Один внешний адрес IPv4, который не меняется.",
        ),
        "options",
        "180.00",
        1,
        decompositions.STATIC_IP,
        any_of=FIBRES,
    ),
    Sold(
        "antivirus",
        ("Antivirus", "Антивирус"),
        ("A licence for three devices.", "Лицензия на три устройства."),
        "options",
        "149.00",
        1,
        decompositions.ANTIVIRUS,
        characteristics={"devices": 3},
    ),
    Sold(
        "l2vpn",
        ("Business L2VPN 100", "Канал L2VPN 100"),
        (
            "A layer 2 circuit of 100 Mbit/s between two sites, 99.9 % a month.",
            "Канал второго уровня 100 Мбит/с между двумя площадками, 99,9 % в месяц.",
        ),
        "business",
        "12000.00",
        5,
        decompositions.circuit(100),
        once="15000.00",
        mbps=100,
        technologies=("Ethernet",),
        characteristics={"downstreamMbps": 100},
        commitment=24,
    ),
    Sold(
        "sip-trunk",
        ("SIP trunk 10", "SIP-транк 10"),
        (
            "Ten lines and ten numbers for your telephone exchange.",
            "Десять линий и десять номеров для вашей АТС.",
        ),
        "business",
        "3500.00",
        2,
        decompositions.SIP_TRUNK,
        once="2000.00",
        any_of=FIBRES,
        characteristics={"lines": 10},
    ),
    Sold(
        "home-bundle",
        ("Home bundle 300", "Пакет «Дом 300»"),
        (
            "Fibre 300 with television and managed Wi-Fi.",
            "Оптика 300 с телевидением и Wi-Fi под ключ.",
        ),
        "home",
        "950.00",
        3,
        parts=("fibre-300", "tv", "wifi"),
    ),
    Sold(
        "office-bundle",
        ("Office bundle 1000", "Пакет «Офис 1000»"),
        (
            "Fibre 1000 with a static address and a SIP trunk.",
            "Оптика 1000 с постоянным адресом и SIP-транком.",
        ),
        "business",
        "4200.00",
        3,
        parts=("fibre-1000", "static-ip", "sip-trunk"),
    ),
)
BY_ID = {sold.id: sold for sold in SOLD}
CATEGORIES = {
    "home": ("For home", "Для дома"),
    "mobile": ("Mobile", "Мобильная связь"),
    "options": ("Options", "Дополнительно"),
    "business": ("For business", "Для бизнеса"),
}
