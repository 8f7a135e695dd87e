"""How bulk orders and their lines are called. Data."""

from collections.abc import Mapping

from abonent.faces.console.labels import Marked
from abonent.kit.i18n import NP_

SECTION = "Orders"
BULK: Mapping[str, Marked] = {
    "checking": ("run", NP_("bulk order", "Being checked")),
    "checked": ("wait", NP_("bulk order", "To be confirmed")),
    "placing": ("run", NP_("bulk order", "Being ordered")),
    "done": ("ok", NP_("bulk order", "Ordered")),
    "cancelled": ("off", NP_("bulk order", "Called off")),
}
FATE: Mapping[str, Marked] = {
    "unchecked": ("new", NP_("line", "Not checked yet")),
    "wrong": ("bad", NP_("line", "To be mended")),
    "waiting": ("wait", NP_("line", "Not ordered yet")),
    "placed": ("run", NP_("line", "Ordered, in work")),
    "held": ("wait", NP_("line", "Ordered, on hold")),
    "done": ("ok", NP_("line", "Done")),
    "failed": ("risk", NP_("line", "Failed")),
    "refused": ("bad", NP_("line", "Refused")),
    "cancelled": ("off", NP_("line", "Called off")),
}
