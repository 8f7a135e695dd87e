"""The catalogue's pictures and filters: boxes in the column after what they wait for, arrows that say it once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling.plan import Task
from abonent.faces.console.catalogue.filters import Wanted, read_wanted
from abonent.faces.console.catalogue.steps import NARROW, WIDE, Steps, steps_view
from abonent.kit.i18n import Translator

EN = Translator("en")


def task(id: str, *after: str, minutes: float = 10, **more: Any) -> Task:
    return Task(id=id, item="1", name={"en": f"Step {id}"}, kind="inventory", depends_on=list(after),
                minutes=minutes, **more)  # fmt: skip


def picture(*tasks: Task) -> Steps:
    made = steps_view(tasks, {}, EN)
    assert made is not None
    return made


def test_boxes_stand_after_what_they_wait_for() -> None:
    made = picture(task("a"), task("b", "a"), task("c", "a", minutes=90), task("d", "b", "c", "a"))
    x = {box.step.id: box.x for box in made.wide.boxes}
    assert x["a"] < x["b"] == x["c"] < x["d"]
    # That d waits for a follows from b and c: no arrow of its own.
    assert len(made.wide.arrows) == 4
    assert [(s.number, s.after) for s in made.steps] == [(1, ()), (2, (1,)), (3, (1,)), (4, (1, 2, 3))]
    assert made.length == "1\u00a0h\u00a050\u00a0min" == made.steps[-1].ready


def test_the_finding_names_where_there_is_no_way_back() -> None:
    made = picture(task("a", point_of_no_return=True))
    assert made.finding.endswith("no way back from “Step a” on")
    assert "no way back" not in picture(task("a")).finding


def test_what_has_no_picture() -> None:
    assert steps_view([], {}, EN) is None
    assert steps_view([task("a", "b"), task("b", "a")], {}, EN) is None


@given(st.integers(1, 9))
def test_drawings_keep_to_their_width(length: int) -> None:
    chain = [task(str(n), *([str(n - 1)] if n else [])) for n in range(length)]
    made = picture(*chain)
    right = max(box.x + box.width for box in made.wide.boxes)
    assert right <= made.wide.width and (length > 6 or made.wide.width == WIDE)
    assert {box.width for box in made.narrow.boxes} == {NARROW} and made.narrow.arrows == ()
    tops = [box.y for box in made.narrow.boxes]
    assert tops == sorted(tops) and len(set(tops)) == length


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, Wanted()),
        ({"q": " fibre ", "sale": "sold", "category": "home"}, Wanted("fibre", "home", "sold")),
        ({"sort": "-price", "page": "3"}, Wanted(sort="price", descending=True, page=3)),
        ({"sort": "-evil", "sale": "x", "page": "-1"}, Wanted()),
        ({"page": "0"}, Wanted()),
        ({"page": "99999999"}, Wanted()),
    ],
)
def test_a_filter_is_read_from_its_address(query: dict[str, str], wanted: Wanted) -> None:
    assert read_wanted(query) == wanted


def test_a_filter_is_written_as_it_is_read() -> None:
    assert Wanted().address() == "/catalogue"
    filtered = Wanted("a b", "home", "sold", "price", descending=True, page=2)
    assert filtered.address(page=2) == "/catalogue?q=a+b&category=home&sale=sold&sort=-price&page=2"
    # Another filter begins with its first page.
    assert "page" not in filtered.address(category="")
