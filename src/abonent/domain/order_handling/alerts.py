"""What an order tells of itself on its way (TMF622 v5): milestones passed, and a promise that is in danger. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling.plan import Plan, to_document
from abonent.domain.order_handling.rules_outlook import instant, jeopardy, outlook
from abonent.kit.errors import N_
from abonent.kit.values import to_wire

Document = dict[str, Any]

MILESTONES, ALERTS = "productOrderMilestone", "productOrderJeopardyAlert"
# Names of milestones: an item cannot be taken back any more; an item is delivered.
NO_RETURN, DELIVERED = "pointOfNoReturn", "itemDelivered"

_TYPES = {None: "Normal", "hazard": "Hazard", "critical": "Critical"}
# An order on its way out has no promise to keep.
_LEAVING = frozenset({"assessingCancellation", "pendingCancellation"})
# An end that moves by less than that is not told again.
_WORTH_TELLING = timedelta(days=1)
_SAID = {
    "Normal": N_("The promise can be kept again."),
    "Hazard": N_("The end is forecast after the promise."),
    "Critical": N_("The promise has passed."),
}


def with_milestone(order: Mapping[str, Any], name: str, item: str, at: datetime) -> Document:
    """The order with one more milestone, of an item."""
    passed = list(order.get(MILESTONES, ()))
    passed.append(
        {
            "id": str(len(passed) + 1),
            "name": name,
            "milestoneDate": to_wire(at),
            "status": "completed",
            "productOrderItem": [{"productOrderId": order["id"], "productOrderItemId": item}],
        }
    )
    return {**order, MILESTONES: passed}


def alerted(order: Mapping[str, Any], plan: Plan, now: datetime) -> Document | None:
    """The order with an alert, when its promise came into danger, out of it, or the end moved by a day or more since
    the last one; None when there is nothing new to say. The present forecast stands in the alert."""
    promised = instant(plan.promised)
    if promised is None or order["state"] in _LEAVING:
        return None
    earlier = order.get(ALERTS) or []
    # What is taken back delays nobody.
    seen = outlook([task for task in to_document(plan)["task"] if "undoes" not in task], now)
    forecast = None if seen.stuck else seen.forecast
    kind = _TYPES[jeopardy(order["state"], promised, forecast, now)]
    last = earlier[-1] if earlier else {"jeopardyType": "Normal"}
    told = instant(last.get("expectedCompletionDate"))
    further = forecast is not None and (told is None or abs(forecast - told) >= _WORTH_TELLING)
    if kind == last["jeopardyType"] and (kind == "Normal" or not further):
        return None
    alert = {
        "id": str(len(earlier) + 1),
        "alertDate": to_wire(now),
        "jeopardyType": kind,
        "name": "promise",
        "message": _SAID[kind],
    }
    if forecast is not None:
        alert["expectedCompletionDate"] = to_wire(forecast)
    if seen.behind is not None:
        alert["exception"] = seen.behind[0]["id"]
    return {**order, ALERTS: [*earlier, alert]}


def expected_end(order: Mapping[str, Any]) -> datetime | None:
    """The end that the order's last alert forecasts; None while the promise stands."""
    last = next(reversed(order.get(ALERTS) or ()), None)
    if last is None or last["jeopardyType"] == "Normal":
        return None
    return instant(last.get("expectedCompletionDate"))
