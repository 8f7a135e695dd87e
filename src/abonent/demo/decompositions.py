"""How each offering of the demo is delivered: tasks with their dependencies, test limits, points of no return. Data."""

from typing import Any

from abonent.kit.errors import N_

Document = dict[str, Any]
Tasks = tuple[Document, ...]

GIGABIT = 1000
# Pools of numbers and cards.
MOBILE_NUMBERS, CITY_NUMBERS, SIM_CARDS = "mobile-numbers", "city-numbers", "sim-cards"
# Skills of crews.
FIBRE, ETHERNET = "fibre", "ethernet"


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


def _port() -> Document:
    return _task(
        "port",
        "Reserve a port",
        "Зарезервировать порт",
        "reserve",
        2,
        action=["add"],
        compensation=N_("Release the port"),
    )


def fibre(mbps: int) -> Tasks:
    """Port, line, a crew at home, activation (no way back), test, inventory."""
    limits = [
        _limit("downstream", "Mbit/s", mbps * 0.95, mbps * 1.05),
        _limit("upstream", "Mbit/s", mbps * 0.95, mbps * 1.05),
        _limit("optical level", "dBm", -27, -8),
        _limit("round trip", "ms", 0, 20),
    ]
    return (
        _port(),
        _task(
            "line",
            "Set up the optical line",
            "Настроить оптическую линию",
            "serviceOrder",
            40,
            "port",
            action=["add", "delete"],
            compensation=N_("Take the line off the node"),
            spec=_service("GPON", "GPON access line"),
        ),
        _visit("visit", "Connect the home", "Подключить квартиру", 90, FIBRE),
        *(
            # Only the newer terminals carry it.
            [_visit("swap", "Swap the terminal", "Заменить терминал", 45, FIBRE, "modify")]
            if mbps >= GIGABIT
            else []
        ),
        _task(
            "activate",
            "Activate internet access",
            "Включить доступ в интернет",
            "serviceOrder",
            10,
            "visit swap" if mbps >= GIGABIT else "visit",
            pointOfNoReturn=True,
            compensation=N_("Deactivate internet access"),
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


def _visit(id: str, en: str, ru: str, minutes: int, skill: str, action: str = "add") -> Document:
    return _task(
        id,
        en,
        ru,
        "workOrder",
        minutes,
        "line",
        action=[action],
        compensation=N_("Take the equipment back"),
        spec={"skill": skill},
    )


def _of_pool(
    id: str, en: str, ru: str, pool: str, characteristic: str, *, choosable: bool = False, **more: Any
) -> Document:
    """Something of a pool for a new client: a number that may be chosen, a card."""
    spec = (
        {"pool": pool, "characteristic": characteristic} | ({"choosable": True} if choosable else {}) | more
    )
    return _task(id, en, ru, "reserve", 1, action=["add"], compensation=N_("Give the number back"), spec=spec)


def _option(
    service: Document, minutes: float, limits: list[Document], en: str, ru: str, after: str = ""
) -> Tasks:
    """Activation (no way back), test where something can be measured, inventory."""
    activate = _task(
        "activate",
        en,
        ru,
        "serviceOrder",
        minutes,
        after,
        pointOfNoReturn=True,
        compensation=N_("Deactivate the service"),
        spec=service,
    )
    if not limits:
        return activate, _inventory("activate")
    test = _task(
        "test",
        "Test the service",
        "Проверить услугу",
        "serviceTest",
        3,
        "activate",
        action=["add", "modify"],
        spec={"testSpecification": service["serviceSpecification"]["id"].lower(), "limits": limits},
    )
    return activate, test, _inventory("test activate")


TELEVISION = _option(
    _service("IPTV", "Television over IP", package="Basic 120"),
    15,
    [_limit("packet loss", "%", 0, 0.1), _limit("channel change", "s", 0, 2)],
    "Switch the channels on",
    "Включить каналы",
)
VOICE = (
    _of_pool("number", "Assign the number", "Выделить номер", CITY_NUMBERS, "phoneNumber", choosable=True),
    *_option(
        _service("SIP", "Voice over IP"),
        20,
        [_limit("call setup", "s", 0, 3), _limit("voice quality", "MOS", 3.8, 5)],
        "Register the number",
        "Зарегистрировать номер",
        "number",
    ),
)
MOBILE = (
    _of_pool(
        "number",
        "Assign the number",
        "Выделить номер",
        MOBILE_NUMBERS,
        "phoneNumber",
        choosable=True,
        # The client may bring his own number: the terms of moving one in Russia.
        portIn={"personDays": 8, "businessDays": 29, "prefix": "+79", "digits": 11},
    ),
    _of_pool("card", "Take a SIM card", "Взять SIM-карту", SIM_CARDS, "iccid"),
    *_option(
        _service("MOBILE", "Mobile subscription"),
        25,
        [_limit("registration", "s", 0, 10)],
        "Activate the SIM card",
        "Активировать SIM-карту",
        "number card",
    ),
)
WIFI = _option(
    _service("WIFI", "Managed Wi-Fi"),
    8,
    [_limit("coverage", "dBm", -67, -30)],
    "Set Wi-Fi up",
    "Настроить Wi-Fi",
)
SET_TOP_BOX = _option(
    _service("STB", "Set-top box for television"),
    12,
    [_limit("picture errors", "1/min", 0, 1)],
    "Register the set-top box",
    "Зарегистрировать приставку",
)
STATIC_IP = _option(
    _service("STATIC-IP", "Fixed public address", prefixLength=32),
    6,
    [_limit("reachability", "%", 99, 100)],
    "Assign the address",
    "Выделить адрес",
)
ANTIVIRUS = _option(
    _service("ANTIVIRUS", "Antivirus licence", devices=3), 2, [], "Issue the licence", "Выдать лицензию"
)
SIP_TRUNK = (
    _task(
        "numbers",
        "Assign the numbers",
        "Выделить номера",
        "serviceOrder",
        120,
        compensation=N_("Give the numbers back"),
        spec=_service("SIP-NUMBERS", "Number range for voice", numbers=10),
    ),
    _task(
        "trunk",
        "Register the trunk",
        "Зарегистрировать транк",
        "serviceOrder",
        90,
        "numbers",
        pointOfNoReturn=True,
        compensation=N_("Take the trunk off the switch"),
        spec=_service("SIP-TRUNK", "SIP trunk", lines=10),
    ),
    _task(
        "test",
        "Make test calls",
        "Сделать пробные вызовы",
        "serviceTest",
        30,
        "trunk",
        action=["add", "modify"],
        spec={
            "testSpecification": "sip-trunk",
            "limits": [
                _limit("call setup", "s", 0, 3),
                _limit("voice quality", "MOS", 3.9, 5),
                _limit("lost calls", "%", 0, 1),
            ],
        },
    ),
    _inventory("test trunk"),
)


def circuit(mbps: int) -> Tasks:
    """A layer 2 circuit over Ethernet: port, tail, a crew on site, path (no way back), Y.1564, inventory."""
    limits = [
        _limit("throughput", "Mbit/s", mbps * 0.99, mbps * 1.01),
        _limit("frame loss", "%", 0, 0.01),
        _limit("delay variation", "ms", 0, 2),
    ]
    return (
        _port(),
        _task(
            "line",
            "Build the Ethernet tail",
            "Построить линию Ethernet",
            "serviceOrder",
            1440,
            "port",
            action=["add", "delete"],
            compensation=N_("Take the line off the node"),
            spec=_service("ETHERNET", "Ethernet tail"),
        ),
        _visit("visit", "Install the terminal on site", "Установить оборудование на площадке", 120, ETHERNET),
        _task(
            "path",
            "Set up the virtual circuit",
            "Настроить виртуальный канал",
            "serviceOrder",
            120,
            "visit",
            pointOfNoReturn=True,
            compensation=N_("Remove the virtual circuit"),
            spec=_service("L2VPN", "Layer 2 VPN circuit", committedMbps=mbps),
        ),
        _task(
            "test",
            "Measure the circuit (Y.1564)",
            "Измерить канал (Y.1564)",
            "serviceTest",
            60,
            "path",
            action=["add", "modify"],
            spec={"testSpecification": "y1564", "limits": limits},
        ),
        _inventory("test path"),
    )


def without_visits(tasks: Tasks) -> Tasks:
    """The same tasks for an operator without crews: what waited for a visit waits for what that waited for."""
    before = {task["id"]: task.get("dependsOn", []) for task in tasks if task["kind"] == "workOrder"}
    left = []
    for task in tasks:
        if task["id"] not in before:
            waits = [w for d in task.get("dependsOn", ()) for w in before.get(d, [d])]
            left.append(task | {"dependsOn": list(dict.fromkeys(waits))} if waits else task)
    return tuple(left)
