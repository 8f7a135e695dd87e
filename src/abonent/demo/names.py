"""Names of people and businesses. Data, and how Russian is written in Latin letters."""

from dataclasses import dataclass
from random import Random

WOMEN = (
    *("Анна", "Мария", "Елена", "Ольга", "Дарья", "Наталья", "Татьяна", "Екатерина", "Ирина", "Светлана"),
    *("Юлия", "Ксения", "Анастасия", "Полина", "Людмила", "Галина", "Виктория", "Марина", "Вера", "Надежда"),
    *("Алина", "Валентина", "Оксана", "Лариса", "Софья", "Любовь", "Маргарита", "Тамара", "Яна", "Алёна"),
)
MEN = (
    *("Иван", "Пётр", "Алексей", "Сергей", "Никита", "Дмитрий", "Андрей", "Александр", "Михаил", "Николай"),
    *("Владимир", "Павел", "Евгений", "Максим", "Артём", "Роман", "Олег", "Игорь", "Денис", "Виктор"),
    *("Юрий", "Антон", "Константин", "Георгий", "Василий", "Кирилл", "Илья", "Степан", "Борис", "Фёдор"),
)
# A father's name and the endings it takes for a daughter and a son.
FATHERS = (
    *(("Иванов", "на", "ич"), ("Петров", "на", "ич"), ("Алексеев", "на", "ич"), ("Сергеев", "на", "ич")),
    *(
        ("Дмитриев", "на", "ич"),
        ("Андреев", "на", "ич"),
        ("Александров", "на", "ич"),
        ("Михайлов", "на", "ич"),
    ),
    *(("Николаев", "на", "ич"), ("Владимиров", "на", "ич"), ("Павлов", "на", "ич"), ("Викторов", "на", "ич")),
    *(("Юрьев", "на", "ич"), ("Борисов", "на", "ич"), ("Васильев", "на", "ич"), ("Олегов", "на", "ич")),
)
FAMILIES = (
    *(
        "Соколов",
        "Лебедев",
        "Орлов",
        "Кузнецов",
        "Морозов",
        "Волков",
        "Зайцев",
        "Павлов",
        "Беляев",
        "Тарасов",
    ),
    *(
        "Смирнов",
        "Иванов",
        "Попов",
        "Васильев",
        "Петров",
        "Михайлов",
        "Новиков",
        "Фёдоров",
        "Козлов",
        "Егоров",
    ),
    *("Степанов", "Николаев", "Никитин", "Голубев", "Виноградов", "Богданов", "Воробьёв", "Медведев"),
    *("Ершов", "Киселёв", "Макаров", "Андреев", "Ковалёв", "Гусев", "Титов", "Кузьмин", "Баранов", "Куликов"),
    *("Алексеев", "Яковлев", "Сорокин", "Сергеев", "Романов", "Захаров", "Борисов", "Королёв", "Герасимов"),
    *(
        "Пономарёв",
        "Григорьев",
        "Лазарев",
        "Ефимов",
        "Тихонов",
        "Комаров",
        "Щербаков",
        "Блинов",
        "Колесников",
    ),
    *("Карпов", "Афанасьев", "Власов", "Маслов", "Исаков", "Тимофеев", "Гаврилов", "Родионов", "Котов"),
    *("Горбунов", "Кудряшов", "Быков", "Зуев", "Третьяков", "Рыбаков", "Поляков", "Цветков", "Данилов"),
)
ENGLISH_FIRST = (
    *("Emma", "Oliver", "Grace", "Harry", "Ruby", "Leo", "Alice", "Owen", "Freya", "Arthur", "Clara", "Hugo"),
    *("Nora", "Felix", "Iris", "Max", "Stella", "Theo"),
)
ENGLISH_LAST = (
    *("Barnes", "Clarke", "Dawson", "Ellis", "Foster", "Harding", "Marsh", "Walsh", "Bennett", "Carter"),
    *(
        "Fletcher",
        "Gibson",
        "Holloway",
        "Keane",
        "Lawson",
        "Palmer",
        "Reeves",
        "Sutton",
        "Turner",
        "Whitaker",
    ),
)
_COMPANIES = tuple(
    first + last
    for first in (
        "Волга",
        "Пром",
        "Техно",
        "Агро",
        "Строй",
        "Метал",
        "Эко",
        "Энерго",
        "Яр",
        "Авто",
        "Дом",
        "Север",
    )
    for last in ("сервис", "снаб", "торг", "монтаж", "ресурс", "транс", "проект", "контакт", "комплект")
)
# What a business is and how it may be called; "{n}" is a number, and then the name is used up to so many times.
TRADES = (
    ("bakery", "Пекарня «{word}»", ("Тёплый хлеб", "Каравай", "Булка", "Мельница", "Сдоба")),
    ("pharmacy", "Аптека «{word}»", ("Ландыш", "Ромашка", "Доктор рядом", "Шалфей", "Будьте здоровы")),
    ("print", "Типография «{word}»", ("Строка", "Лист", "Оттиск", "Переплёт")),
    ("cafe", "Кафе «{word}»", ("Волга", "Самовар", "Причал", "Уют", "Бульвар", "Листва")),
    ("dentist", "Стоматология «{word}»", ("Улыбка", "Жемчуг", "Дентал-Плюс", "32")),
    ("garage", "Автосервис «{word}»", ("Маяк", "Колесо", "Ход", "Развал-схождение", "Третья передача")),
    ("shop", "Магазин «{word}»", ("Продукты", "Берёзка", "Садовод", "Хозяин", "Всё для дома", "Рыбацкий")),
    ("beauty", "Салон «{word}»", ("Лилия", "Шарм", "Локон", "Маки")),
    ("hotel", "Гостиница «{word}»", ("Юбилейная", "Волжская", "Кремлёвский вид", "Старый город")),
    ("llc", "ООО «{word}»", _COMPANIES),
    ("llc", "ООО «{word}»", _COMPANIES),
    ("llc", "ООО «{word}»", _COMPANIES),
    ("school", "Школа № {n}", ()),
    ("nursery", "Детский сад № {n}", ()),
    ("clinic", "Поликлиника № {n}", ()),
    ("clinic", "Медцентр «{word}»", ("Диагноз", "Семейный врач", "Здоровье", "Линия жизни")),
    ("library", "Библиотека-филиал № {n}", ()),
)
ENGLISH_TRADES = (
    *("North Quay Logistics", "Silver Birch Design", "Riverside Language School", "Amber Road Travel"),
    *("Golden Ring Tours", "Clearwater Software", "Blue Kiln Ceramics", "Harbour Light Films"),
)
# Large clients with several sites.
LARGE = (
    ("factory", "АО «Волжский моторный завод»"),
    ("factory", "АО «Рыбинские кабели»"),
    ("bank", "Банк «Верхневолжский»"),
    ("chain", "Торговая сеть «Соседи»"),
    ("clinic", "Клиника «Семья»"),
    ("factory", "АО «Ростовская финифть»"),
    ("chain", "Аптечная сеть «Зелёный крест»"),
    ("college", "Угличский политехнический колледж"),
    ("factory", "АО «Переславская плёнка»"),
    ("office", "Administration of the Golden Ring Fund"),
)
_LATIN = dict(
    zip(
        "абвгдеёзийклмнопрстуфхцыэ",
        (*"abvgdeeziyklmnoprstuf", "kh", "ts", "y", "e"),
        strict=True,
    )
) | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}


@dataclass(frozen=True, slots=True)
class Person:
    """`middle` is the patronymic, None for those who have none."""

    given: str
    family: str
    middle: str | None
    gender: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def latin(text: str) -> str:
    """Small Latin letters, digits and hyphens, as in an e-mail address or the name of a site."""
    spelled = "".join(_LATIN.get(letter, letter) for letter in text.lower())
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in spelled).split()
    return "-".join(words)


def person(draw: Random) -> Person:
    """Somebody; one in twelve writes English."""
    woman = draw.random() < 0.54
    gender = "female" if woman else "male"
    if draw.random() < 1 / 12:
        return Person(draw.choice(ENGLISH_FIRST), draw.choice(ENGLISH_LAST), None, gender, "en")
    father, daughter, son = draw.choice(FATHERS)
    return Person(
        draw.choice(WOMEN if woman else MEN),
        draw.choice(FAMILIES) + ("а" if woman else ""),
        father + (daughter if woman else son),
        gender,
        "ru",
    )


class Businesses:
    """Draws names of businesses; none is drawn twice."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._taken: set[str] = set()

    def next(self) -> tuple[str, str, str]:
        """(kind, name, language of the people there)."""
        draw = self._draw
        if draw.random() < 0.04:
            free = [name for name in ENGLISH_TRADES if name not in self._taken]
            if free:
                return self._take("office", draw.choice(free), "en")
        while True:
            kind, pattern, words = draw.choice(TRADES)
            if not words:
                name = pattern.format(n=draw.randrange(1, 90))
            else:
                name = pattern.format(word=draw.choice(words))
                if name in self._taken:
                    # A second one of the same name belongs to a sole trader, who is named with it.
                    owner = person(draw)
                    if owner.middle is None or kind == "llc":
                        continue
                    name = f"{name} (ИП {owner.family} {owner.given[0]}. {owner.middle[0]}.)"
            if name not in self._taken:
                return self._take(kind, name, "ru")

    def _take(self, kind: str, name: str, language: str) -> tuple[str, str, str]:
        self._taken.add(name)
        return kind, name, language


def taxpayer_number(number: int) -> str:
    """Ten digits of an organization's INN with its check digit. The region 00 does not exist: nobody has it."""
    digits = f"00{number:07d}"
    check = sum(int(d) * w for d, w in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True)) % 11 % 10
    return digits + str(check)
