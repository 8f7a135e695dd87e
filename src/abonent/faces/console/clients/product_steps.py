"""What may be done with a product from its page, each an order: which acts there are, and the order that a form asks
for. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from abonent.domain.order_handling.lines import DELETE, MODIFY
from abonent.domain.order_handling.rules_product_acts import MOVE, RESUME, SUSPEND, TRANSFER, holder_of
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.acts import Act
from abonent.faces.console.clients.labels import GONE, place_ids
from abonent.kit.errors import N_, BadInput
from abonent.kit.i18n import Translator

Document = Mapping[str, Any]

TERMINATE = "terminate"
STEPS = (SUSPEND, RESUME, MOVE, TRANSFER, TERMINATE)


def product_acts(product: Document, t: Translator, ending: str = "") -> list[Act]:
    """The forms of a product's page for staff: what its state allows. `ending`: what ending it costs, in words."""
    status = product.get("status")
    if status in GONE or holder_of(product) is None:
        return []
    parts = t.gettext(" Its parts go with it.") if product.get("isBundle") else ""
    acts = []
    if status == "active":
        acts.append(
            Act(
                SUSPEND,
                t.gettext("Suspend"),
                t.gettext("An order switches its services off; line and number stay. It can be resumed.")
                + parts,
            )
        )
        if place_ids(product):
            acts.append(
                Act(
                    MOVE,
                    t.gettext("Move to another address"),
                    t.gettext(
                        "The new address is checked, the line is built and tested there, then the old one ends "
                        "and its port is free. Number, price and history stay."
                    )
                    + parts,
                )
            )
    if status == "suspended":
        acts.append(
            Act(
                RESUME,
                t.gettext("Resume"),
                t.gettext("An order switches its services on again and tests them.") + parts,
                primary=True,
            )
        )
    if status in {"active", "suspended"}:
        acts += [
            Act(
                TRANSFER,
                t.gettext("Give to another client"),
                t.gettext(
                    "Whoever takes it over is checked for credit and pays from then on; who gives it away sees it "
                    "no more. Both have to agree."
                )
                + parts,
            ),
            Act(
                TERMINATE,
                t.gettext("End"),
                t.gettext("An order switches its services off for good; its port is free for others.")
                + parts
                + ending,
            ),
        ]
    return acts


def order_for(
    step: str, product: Document, values: Mapping[str, str], place: Document | None, receiver: Document | None
) -> dict[str, Any]:
    """The TMF622 order that a form asks for. `values`: as typed; `place`: the new address of a move; `receiver`: the
    new client. Raises BadInput at a field (`path`)."""
    holder = holder_of(product) or ""
    asked: dict[str, Any] = {"id": product["id"]}
    notes = [{"text": values["reason"]}] if values.get("reason") else []
    if step in {SUSPEND, RESUME}:
        asked["status"] = "suspended" if step == SUSPEND else "active"
    elif step == MOVE:
        if place is None:
            raise BadInput("addressMissing", N_("Name the new address."), path="address")
        asked["place"] = [
            {"id": place["id"], "role": "installationAddress", "@referredType": "GeographicAddress"}
        ]
    elif step == TRANSFER:
        if receiver is None or receiver["id"] == holder:
            raise BadInput("receiverMissing", N_("Name another client by his number."), path="client")
        for field, author in (("gives", holder), ("takes", receiver["id"])):
            if not values.get(field):
                raise BadInput("agreementMissing", N_("Write how this client agreed, and when."), path=field)
            notes.append({"author": author, "text": values[field]})
        asked["relatedParty"] = [{"id": receiver["id"], "role": "customer", "@referredType": "Customer"}]
    item: dict[str, Any] = {
        "id": "1",
        "action": DELETE if step == TERMINATE else MODIFY,
        "quantity": 1,
        "product": asked,
    }
    if product.get("productOffering"):
        item["productOffering"] = dict(product["productOffering"])
    order: dict[str, Any] = {
        "relatedParty": [{"id": holder, "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [item],
    }
    if notes:
        order["note"] = notes
    if values.get("date"):
        order["requestedStartDate"] = order["requestedCompletionDate"] = f"{values['date']}T09:00:00.000Z"
    return order


def only_place(found: Sequence[Document], typed: str) -> Document:
    """The address that was meant. Raises BadInput when none fits, or several do."""
    for place in found:
        if place["id"] == typed:
            return place
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(
            "noAddress",
            N_("No address fits. Leave a word out, or give the town, the street and the house."),
            path="address",
        )
    raise BadInput(
        "manyAddresses",
        N_("Several addresses fit: {some}. Add the house, or give the address's number."),
        some="; ".join(f"{address_line(place)} ({place['id']})" for place in found[:4]),
        path="address",
    )
