"""The contract of the demo's operator. An offering that names it (TMF620 `agreement` with @referredType
ContractTemplate) is delivered once its client accepted it; none does at first."""

from typing import Any

TEMPLATE: dict[str, Any] = {
    "id": "services",
    "version": 1,
    "title": {"en": "Contract for communication services", "ru": "Договор об оказании услуг связи"},
    "operator": {
        "name": "ООО «Абонент Демо»",
        "address": "Ярославль, улица Свободы, 1",
    },
    "termDays": 14,
    "remindAfterDays": [5, 12],
    "clause": [
        {
            "en": "The operator delivers the services named above at the prices named above, day and night.",
            "ru": "Оператор круглосуточно оказывает перечисленные выше услуги по указанным ценам.",
        },
        {
            "en": "The client pays each month by the day named in the bill. Charging begins on the day of delivery.",
            "ru": "Абонент платит ежемесячно до дня, указанного в счёте. Начисления идут со дня подключения.",
        },
        {
            "en": "A fault is repaired within 24 hours after it was reported; else the day is not charged.",
            "ru": "Неисправность устраняется за 24 часа с момента обращения, иначе этот день не оплачивается.",
        },
        {
            "en": "Either side may end this contract with 30 days' notice. Equipment lent by the operator is returned.",
            "ru": "Любая сторона может расторгнуть договор за 30 дней. Оборудование оператора возвращается.",
        },
    ],
}
