"""The demo's crews: who connects homes and businesses, in which town, at what hours. Documents from data."""

from itertools import combinations
from typing import Any

from abonent.demo.decompositions import ETHERNET, FIBRE
from abonent.demo.places import TOWNS
from abonent.domain.workforce.resources import CREW
from abonent.kit.resource import Resource

Document = dict[str, Any]

ZONE = "Europe/Moscow"
# Minutes on the road between two towns of the region.
BETWEEN_TOWNS = 40
_WEEK = ("mon", "tue", "wed", "thu", "fri")
_LUNCH = [{"from": "13:00", "to": "14:00"}]
_DAY: list[Document] = [{"day": list(_WEEK), "from": "09:00", "to": "18:00", "break": _LUNCH}]
_DAY_AND_SATURDAY = [*_DAY, {"day": ["sat"], "from": "10:00", "to": "16:00"}]
_LATE: list[Document] = [{"day": [*_WEEK, "sat"], "from": "12:00", "to": "20:00"}]
_EVERY_DAY: list[Document] = [{"day": [*_WEEK, "sat", "sun"], "from": "10:00", "to": "20:00"}]

# Id, name, skills, towns (none: all), hours, people.
CREWS = (
    ("CR-Y1", "Ярославль 1", (FIBRE,), ("YAR",), _DAY_AND_SATURDAY, ("Роман Ершов", "Илья Блинов")),
    ("CR-Y2", "Ярославль 2", (FIBRE,), ("YAR",), _LATE, ("Денис Титов", "Антон Котов")),
    ("CR-Y3", "Ярославль 3", (FIBRE,), ("YAR",), _EVERY_DAY, ("Олег Маслов", "Павел Зуев")),
    ("CR-R1", "Рыбинск 1", (FIBRE,), ("RYB",), _DAY_AND_SATURDAY, ("Юрий Карпов", "Степан Быков")),
    ("CR-R2", "Рыбинск 2", (FIBRE,), ("RYB", "TUT"), _LATE, ("Виктор Власов",)),
    (
        "CR-P1",
        "Переславль и Ростов",
        (FIBRE,),
        ("PER", "ROS"),
        _DAY_AND_SATURDAY,
        ("Андрей Цветков", "Борис Исаков"),
    ),
    ("CR-U1", "Углич и Тутаев", (FIBRE,), ("UGL", "TUT"), _DAY_AND_SATURDAY, ("Кирилл Данилов",)),
    (
        "CR-B1",
        "Бизнес, север",
        (ETHERNET, FIBRE),
        ("YAR", "RYB", "TUT"),
        _DAY,
        ("Игорь Лазарев", "Фёдор Попов"),
    ),
    (
        "CR-B2",
        "Бизнес, юг",
        (ETHERNET, FIBRE),
        ("PER", "ROS", "UGL", "YAR"),
        _DAY,
        ("Max Sutton", "Глеб Комаров"),
    ),
)


def _legs(towns: list[str]) -> list[Document]:
    """The ways between the towns of a crew."""
    return [{"from": a, "to": b, "minutes": BETWEEN_TOWNS} for a, b in combinations(towns, 2)]


def documents() -> list[tuple[Resource, Document]]:
    """All crews, with their towns as districts."""
    city = {town.code: town.name for town in TOWNS}
    made: list[tuple[Resource, Document]] = []
    for id, name, skills, towns, hours, people in CREWS:
        crew: Document = {
            "id": id,
            "name": name,
            "skill": list(skills),
            "district": [{"city": city[code]} for code in towns],
            "timeZone": ZONE,
            "workingHours": hours,
            "capacity": 1,
            "slotMinutes": 120,
            "person": [
                {"name": person, "phone": f"+7 900 555-{len(made) + 1:02d}-{n:02d}"}
                for n, person in enumerate(people, 1)
            ],
        }
        if len(towns) > 1:
            crew["travel"] = {"leg": _legs([city[code] for code in towns])}
        made.append((CREW, crew))
    return made
