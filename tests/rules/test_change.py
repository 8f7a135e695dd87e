"""What one change collects: moves checked at once, history and events for each write, jobs for each listener."""

from datetime import UTC, datetime
from typing import Any

import pytest

from abonent.domain.inventory.resources import ACCESS_COVERAGE, PRODUCT
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import Caller, Role
from abonent.kit.change import Change, Stored
from abonent.kit.errors import IllegalMove
from abonent.kit.events import Reactions

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)


def change(**listeners: str) -> Change:
    reactions = Reactions()
    for event, job in listeners.items():
        reactions.on(event, job)
    return Change(Caller("anna", Role.AGENT), NOW, "corr-1", reactions)


def stored(state: str, **more: Any) -> Stored:
    return Stored(PRODUCT_ORDER, {"id": "O-1", "state": state, **more}, 3)


def events(made: Change) -> list[tuple[str, str | None, str | None]]:
    return [(e.type, e.old_state, e.new_state) for e, _ in made.events]


def flips(made: Change) -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(f.id, f.attribute, f.old, f.new, f.reason) for f in made.flips]


def test_an_insert_starts_a_history() -> None:
    made = change()
    made.insert(PRODUCT_ORDER, {"id": "O-1", "state": "held"}, "no client")
    assert flips(made) == [("O-1", "state", None, "held", "no client")]
    assert events(made) == [("ProductOrderCreateEvent", None, "held")]
    event = made.events[0][0]
    assert (event.by, event.at, event.correlation_id, event.resource_id) == ("anna", NOW, "corr-1", "O-1")


def test_a_state_that_changes_is_told_as_such() -> None:
    made = change()
    made.update(stored("held"), {"id": "O-1", "state": "inProgress"}, "released")
    assert flips(made) == [("O-1", "state", "held", "inProgress", "released")]
    assert events(made) == [("ProductOrderStateChangeEvent", "held", "inProgress")]
    assert made.writes[0].version == 3


def test_other_attributes_are_told_as_a_change_of_value() -> None:
    made = change()
    made.update(stored("held"), {"id": "O-1", "state": "held", "description": "x"})
    assert flips(made) == []
    assert events(made) == [("ProductOrderAttributeValueChangeEvent", None, None)]


def test_an_illegal_move_never_gets_as_far_as_the_database() -> None:
    with pytest.raises(IllegalMove):
        change().update(stored("completed"), {"id": "O-1", "state": "inProgress"})
    with pytest.raises(IllegalMove):
        change().insert(PRODUCT_ORDER, {"id": "O-1", "state": "completed"})
    with pytest.raises(IllegalMove):
        change().update(stored("held"), {"id": "O-1"})


def test_the_state_stands_where_the_machine_says() -> None:
    made = change()
    product = Stored(PRODUCT, {"id": "P-1", "status": "active"}, 1)
    assert product.state == "active"
    made.update(product, {"id": "P-1", "status": "terminated"})
    assert flips(made) == [("P-1", "status", "active", "terminated", None)]
    with pytest.raises(IllegalMove):
        change().update(
            Stored(PRODUCT, {"id": "P-1", "status": "terminated"}, 1), {"id": "P-1", "status": "active"}
        )


def test_a_resource_without_states_has_events_all_the_same() -> None:
    made = change()
    customer = Stored(CUSTOMER_, {"id": "C-1", "name": "a"}, 1)
    assert customer.state is None
    made.update(customer, {"id": "C-1", "name": "b"})
    made.delete(customer)
    assert [e[0] for e in events(made)] == ["CustomerAttributeValueChangeEvent", "CustomerDeleteEvent"]
    assert flips(made) == []


def test_bulk_data_publishes_nothing() -> None:
    made = change()
    made.insert(ACCESS_COVERAGE, {"id": "AC-1"})
    assert made.writes and not made.events


def test_each_listener_gets_one_job_of_its_own() -> None:
    made = change(ProductOrderCreateEvent="tell")
    made.reactions.on("ProductOrderCreateEvent", "count")
    made.reactions.on("ProductOrderCreateEvent", "tell")
    made.insert(PRODUCT_ORDER, {"id": "O-1", "state": "held"})
    made.defer("own", order="O-1")
    assert [j.name for j in made.jobs] == ["tell", "count", "own"]
    assert made.jobs[0].args == {"event": made.events[0][0].id, "id": "O-1", "old": None, "new": "held"}


def test_further_events_are_about_what_the_change_writes() -> None:
    made = change()
    made.insert(PRODUCT_ORDER, {"id": "O-1", "state": "held"})
    made.publish(PRODUCT_ORDER, "O-1", "InformationRequired")
    assert events(made)[1] == ("ProductOrderInformationRequiredEvent", None, None)
    with pytest.raises(ValueError, match="O-2"):
        made.publish(PRODUCT_ORDER, "O-2", "InformationRequired")


def test_events_have_ids_of_their_own() -> None:
    made = change()
    for number in range(50):
        made.insert(CUSTOMER_, {"id": f"C-{number}"})
    assert len({e.id for e, _ in made.events}) == 50
