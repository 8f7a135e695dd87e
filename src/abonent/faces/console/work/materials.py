"""What a crew used on site, as its rows are typed into the form of a finished work. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from abonent.domain.workforce.documents import Material
from abonent.faces.console.work.labels import UNIT
from abonent.kit.errors import N_, BadInput

MATERIAL_ROWS = 6
_MOST = Decimal(100_000)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One row as it was typed."""

    name: str = ""
    quantity: str = ""
    unit: str = "pcs"
    serial: str = ""

    @property
    def empty(self) -> bool:
        return not (self.name or self.quantity or self.serial)


NO_ROWS = (MaterialRow(),) * MATERIAL_ROWS


def typed_rows(
    names: Sequence[str], quantities: Sequence[str], units: Sequence[str], serials: Sequence[str]
) -> tuple[MaterialRow, ...]:
    """The rows of a form, as many as it has; what no one can type is left out."""

    def at(values: Sequence[str], n: int) -> str:
        text = values[n] if n < len(values) else ""
        return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST]

    return tuple(
        MaterialRow(at(names, n), at(quantities, n), at(units, n) or "pcs", at(serials, n))
        for n in range(MATERIAL_ROWS)
    )


def materials_of(rows: Sequence[MaterialRow]) -> list[Material]:
    """The materials of the rows that are filled in. BadInput whose fact `path` is "material-<n>"."""
    return [_material(row, f"material-{n}") for n, row in enumerate(rows) if not row.empty]


def _material(row: MaterialRow, path: str) -> Material:
    if not row.name:
        raise BadInput("materialName", N_("Say what was used, or empty the whole row."), path=path)
    quantity = _quantity(row.quantity or "1")
    if quantity is None:
        raise BadInput(
            "materialQuantity", N_("Write the quantity as a number above 0, such as 35 or 1.5."), path=path
        )
    unit = row.unit if row.unit in UNIT else "pcs"
    if row.serial and (unit != "pcs" or quantity != 1):
        raise BadInput(
            "materialSerial",
            N_("A serial number belongs to one piece. Write each piece in a row of its own."),
            path=path,
        )
    whole = int(quantity) if quantity == quantity.to_integral_value() else float(quantity)
    return Material(row.name, whole, unit, row.serial or None)


def _quantity(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value <= _MOST else None
