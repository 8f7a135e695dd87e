"""Integrations: who subscribed at the hubs, what each was told, and what waits."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abonent.faces.console.acts import step_routes
from abonent.faces.console.desk import Desk, Form, Room, Visit, demand_staff, see, typed
from abonent.faces.console.integrations.view import (
    CONDITION,
    DELIVERY,
    PATH,
    list_view,
    one_view,
    path_of,
)
from abonent.kit.access import Role
from abonent.kit.context import Context
from abonent.kit.db import Database
from abonent.kit.errors import N_, Forbidden, NotFound
from abonent.kit.hub import queries_kept as kept

__all__ = ["room"]

# A subscription is the affair of whoever connects systems.
KEEPERS = frozenset({Role.ADMIN, Role.SYSTEM})
_STEPS: dict[str, Callable[[Database, str], Awaitable[bool]]] = {
    "pause": lambda database, id: kept.set_state(database, id, "paused"),
    "resume": lambda database, id: kept.set_state(database, id, "active"),
    "now": kept.try_now,
    "again": kept.send_again,
    "end": kept.end,
}


def room(context: Context) -> Room:
    """The room over the hub of this process's database."""
    database = context.store.database

    def routes(desk: Desk) -> list[BaseRoute]:
        async def listing(visit: Visit) -> Response:
            demand_staff(visit)
            asked = visit.query.get("state", "")
            condition = asked if asked in CONDITION else ""
            rows = await kept.all_subscriptions(database, condition)
            public = str(visit.request.base_url).rstrip("/")
            view = list_view(rows, condition, datetime.now(UTC), public, visit.t)
            return desk.page(visit, "integrations/list.html", {"view": view}, section="Today")

        async def one(visit: Visit) -> Response:
            demand_staff(visit)
            id = visit.path["id"]
            row = await kept.one_subscription(database, id)
            if row is None:
                raise _gone(id)
            asked, before = visit.query.get("state", ""), visit.query.get("before", "")
            state = asked if asked in DELIVERY else ""
            number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
            found = await kept.deliveries(database, id, state, number)
            may = visit.caller.role in KEEPERS
            earlier = "" if number is None else before
            view = one_view(row, found, state, earlier, datetime.now(UTC), visit.t, may=may)
            return desk.page(
                visit, "integrations/one.html", {"view": view, "may": may, "refused": None}, section="Today"
            )

        async def send(visit: Visit, form: Form) -> Response:
            """One event again, by hand."""
            _demand_keeper(visit)
            id, given = visit.path["id"], form.get("seq", "")
            if given.isascii() and given.isdigit() and len(given) < 19:
                await kept.send_again(database, id, int(given))
            back = typed(form, "back", 200)
            return see(back if back.startswith(path_of(id)) else path_of(id))

        def step(name: str) -> list[BaseRoute]:
            async def take(visit: Visit, _: Form) -> Response:
                _demand_keeper(visit)
                id = visit.path["id"]
                if not await _STEPS[name](database, id) and name != "again":
                    raise _gone(id)
                return see(PATH if name == "end" else path_of(id))

            return step_routes(desk, f"{PATH}/{{id}}/{name}", take, lambda visit: path_of(visit.path["id"]))

        return [
            Route(PATH, desk.shows(listing), methods=["GET"], name="console.integrations"),
            Route(PATH + "/{id}", desk.shows(one), methods=["GET"]),
            *step_routes(desk, PATH + "/{id}/send", send, lambda visit: path_of(visit.path["id"])),
            *(route for name in _STEPS for route in step(name)),
        ]

    return routes


def _demand_keeper(visit: Visit) -> None:
    if visit.caller.role not in KEEPERS:
        raise Forbidden("adminOnly", N_("Only an administrator may do this to a subscription."))


def _gone(id: str) -> NotFound:
    return NotFound(
        "noSubscription", N_("There is no subscription {id} any more; it was ended."), id=id[:100]
    )
