"""Names and reasons in the reader's language. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.rules_sale import Catalogue, Offer
from abonent.domain.catalog.texts import text_in
from abonent.domain.qualification.rules import Reason
from abonent.faces.console.order_entry.answers import Wrong
from abonent.kit.i18n import Translator
from abonent.kit.values import Money

Document = Mapping[str, Any]


class Words:
    """What offerings, specifications and reasons are called for one reader."""

    def __init__(self, catalogue: Catalogue, t: Translator) -> None:
        self._catalogue = catalogue
        self.t = t

    def offering(self, id: str) -> str:
        offer = self._catalogue.offers.get(id)
        return text_in(offer.offering, "name", self.t.lang) or id if offer else id

    def about(self, id: str) -> str:
        offer = self._catalogue.offers.get(id)
        return text_in(offer.offering, "description", self.t.lang) if offer else ""

    def specification(self, id: str) -> str:
        """By the offering that sells it, else its own name."""
        for offer in self._catalogue.of_specification(id):
            return self.offering(offer.id)
        return str((self._catalogue.specifications.get(id) or {}).get("name") or id)

    def product(self, product: Document) -> str:
        """By its offering, else its own name."""
        offering = (product.get("productOffering") or {}).get("id") or ""
        return (
            self.offering(offering)
            if offering in self._catalogue.offers
            else str(product.get("name") or product["id"])
        )

    def one_of(self, names: Iterable[str]) -> str:
        """Fibre 100, Fibre 300 or Fibre 1000."""
        listed = list(dict.fromkeys(names))
        if len(listed) < 2:
            return "".join(listed)
        return self.t.gettext("{these} or {last}", these=", ".join(listed[:-1]), last=listed[-1])

    def reason(self, reason: Reason) -> str:
        """Why an offering can or cannot be delivered."""
        return self.wrong(Wrong(reason.text, reason.facts))

    def wrong(self, wrong: Wrong) -> str:
        """A problem; ids of offerings and specifications become names."""
        facts = {name: self._fact(name, value) for name, value in wrong.facts.items()}
        return self.t.gettext(wrong.text, **facts) if facts else self.t.gettext(wrong.text)

    def _fact(self, name: str, value: Any) -> Any:
        if name == "others":
            return self.one_of(self.offering(id) for id in value)
        if name in {"needed", "rival"}:
            return self.one_of(self.specification(id) for id in str(value).split(" / "))
        if name in {"name", "offering"}:
            return self._named(str(value))
        return value

    def _named(self, text: str) -> str:
        """An offering by its id or by the name in its own document."""
        if text in self._catalogue.offers:
            return self.offering(text)
        return next(
            (self.offering(id) for id, o in self._catalogue.offers.items() if o.offering.get("name") == text),
            text,
        )

    def money(self, money: Money | None) -> str:
        return self.t.money(money.amount, money.currency) if money else ""


def with_tax(offers: Iterable[Offer], t: Translator) -> str:
    """What is said of the prices' tax: its rate when all tell the same."""
    rates = {offer.tax_rate for offer in offers if offer.monthly or offer.once}
    rate = rates.pop() if len(rates) == 1 else None
    if rate is None:
        return t.gettext("prices with tax")
    return t.gettext(
        "prices with {rate} VAT", rate=t.percent(rate / 100, 0 if rate == rate.to_integral_value() else 1)
    )


def category_name(category: Document, t: Translator) -> str:
    """What a category is called: in Russian by its description, where the catalogue has one."""
    russian = category.get("description") if t.lang == "ru" else None
    return str(russian or category.get("name") or category["id"])


def signed(amount: Decimal, currency: str, t: Translator) -> str:
    """+RUB 200.00; a difference of nothing is said so."""
    if not amount:
        return t.gettext("no difference")
    return ("+" if amount > 0 else "") + t.money(amount, currency)
