"""Tasks of an item that suspends, resumes, moves or gives away its product, from the decomposition it was built by.
Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY, address_id
from abonent.domain.order_handling.rules_product_acts import MOVE, RESUME, SUSPEND
from abonent.kit.errors import N_
from abonent.kit.i18n import LANGUAGES, Translator

Document = Mapping[str, Any]

END_OLD = N_("End the service at the old address")
_MINUTES = 5


def for_act(templates: Iterable[Document], act: str, product: Document) -> list[dict[str, Any]]:
    """The decomposition's tasks that an act needs.

    Suspending and resuming change the services; what is resumed is tested. A move builds all anew at the new address,
    save for numbers, which stay, and ends what was at the old one once the new one works: there is no way back behind
    that. A transfer changes the inventory alone.
    """
    listed = list(templates)
    inventory = [t for t in listed if t["kind"] == "inventory"]
    if act == MOVE:
        return _moving(listed, product)
    if act not in {SUSPEND, RESUME}:
        return [dict(t) for t in inventory]
    orders = [t for t in listed if t["kind"] == "serviceOrder"]
    changed = [t for t in orders if _is_for(t, MODIFY)] or [t for t in orders if _is_for(t, ADD)]
    tests = [t for t in listed if t["kind"] == "serviceTest" and _is_for(t, MODIFY)] if act == RESUME else []
    # To suspend can be taken back at any time, so nothing of it is a point of no return.
    return [{**t, "pointOfNoReturn": False} for t in (*changed, *tests, *inventory)]


def _is_for(task: Document, action: str) -> bool:
    return action in (task.get("action") or [action])


def _moving(listed: list[Document], product: Document) -> list[dict[str, Any]]:
    anew = [dict(t) for t in listed if _is_for(t, ADD) and "pool" not in (t.get("spec") or {})]
    # What is built at the new address is removed again if the move is called off, as the old line still stands.
    built = [{**t, "pointOfNoReturn": False} for t in anew if t["kind"] != "inventory"]
    ends: list[dict[str, Any]] = []
    old = address_id({"product": product})
    for number, service in enumerate(product.get("realizingService") or (), 1):
        ends.append(
            {
                "id": f"end{number}",
                "name": {lang: Translator(lang).gettext(END_OLD) for lang in LANGUAGES},
                "kind": "serviceOrder",
                "minutes": _MINUTES,
                "dependsOn": [t["id"] for t in built],
                "pointOfNoReturn": True,
                "spec": {
                    "serviceSpecification": {"id": service.get("name") or "service"},
                    "ends": service["id"],
                    "action": DELETE,
                    **({"address": old} if old else {}),
                },
            }
        )
    last = [t["id"] for t in ends]
    entered = [{**t, "dependsOn": [*t.get("dependsOn", ()), *last]} for t in anew if t["kind"] == "inventory"]
    return [*built, *ends, *entered]
