"""The work room's pictures: lanes over the hours, what fits into them, what is still free."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.workforce.rules import Booked, Booking, read_crew
from abonent.faces.console.labels import Label
from abonent.faces.console.work.capacity import capacity
from abonent.faces.console.work.day_model import Block, Lane
from abonent.faces.console.work.day_picture import (
    NARROW,
    WIDE,
    day_picture,
    fit,
    stacked,
)
from abonent.faces.console.work.day_picture import (
    hours_of as axis_of,
)
from abonent.faces.console.work.filters import (
    day_edges,
)
from abonent.kit.i18n import Translator
from tests.support.visits import KOSTROMA, NORTH, crew, june

ZONE = ZoneInfo("Europe/Moscow")
T = Translator("en", ZONE)
NOW = june(3, 9, 51)


# ---- pictures


def block(start: float, end: float, look: str = "planned") -> Block:
    return Block(
        id="WO-1",
        start=start,
        end=end,
        time="09:00–11:00",
        client="Школа № 88 имени Пушкина",
        street="улица Панина 29",
        place="",
        what="Connect",
        label=Label("new", "Planned"),
        look=look,
        href="/work-orders/WO-1",
        hit=False,
        minutes=None,
    )


def lane(*blocks: Block, working: tuple[tuple[float, float], ...] = ((540, 780), (840, 1080))) -> Lane:
    return Lane("a", "North", "fibre", "/crews/CR-1", working, (), blocks)


@given(
    st.lists(
        st.tuples(st.integers(0, 1320), st.integers(5, 240)).map(
            lambda s: block(s[0], min(s[0] + s[1], 1440))
        ),
        max_size=8,
    ),
    st.none() | st.integers(0, 1439),
)
def test_drawings_stay_in_their_frame_and_no_visit_covers_another(
    blocks: list[Block], now: int | None
) -> None:
    blocks.sort(key=lambda each: each.start)
    picture = day_picture([lane(*blocks)], now, "finding", T)
    for drawing, width in ((picture.wide, WIDE), (picture.narrow, NARROW)):
        assert drawing.width == width
        (drawn,) = drawing.lanes
        for box in drawn.boxes:
            assert drawing.left <= box.x and drawn.bar_top <= box.y
            assert box.y + box.height <= drawn.bar_top + drawn.bar_height <= drawing.height
        levels = stacked(blocks)
        for n, one in enumerate(blocks):
            for other, level in zip(blocks[:n], levels[:n], strict=True):
                assert level != levels[n] or other.end <= one.start


def test_the_axis_shows_the_hours_that_matter() -> None:
    assert axis_of([]) == (8, 20)
    assert axis_of([lane()]) == (9, 18)
    assert axis_of([lane(block(450, 500), block(1400, 1440))]) == (7, 24)
    picture = day_picture([lane(block(540, 660, "ok"))], 545, "finding", T)
    assert picture.wide.now_x is not None and picture.kinds == {"ok"}
    assert day_picture([lane()], 100, "finding", T).wide.now_x is None


def test_words_are_cut_between_words() -> None:
    assert fit("Школа № 88 имени Пушкина", 80, 6.5) == "Школа № 88"
    assert fit("Конституционный", 40, 10) == "Конс"


# ---- capacity


def test_free_visits_by_day_skill_and_town() -> None:
    crews = [
        read_crew(NORTH),
        read_crew(KOSTROMA),
        read_crew(crew("CR-5", "All", skill=["copper"], district=[])),
    ]
    taken = {date(2026, 6, 4): (Booking("AP-1", june(4, 6), june(4, 8)),)}
    free = capacity(crews, {"CR-1": Booked(days=taken)}, NOW + timedelta(hours=2), NOW, T)
    rows = {(row.town, row.skill): row for row in free.rows}
    assert set(rows) == {(town, skill) for town in ("Yaroslavl", "Kostroma") for skill in ("fibre", "copper")}
    # Wednesday 12:51 local: the slot of 16:00 can still be reached; Thursday has one taken; no work at the weekend.
    assert rows["Yaroslavl", "fibre"].days == (1, 3, 4, None, None, 4, 4)
    assert rows["Kostroma", "fibre"].total == 17
    assert free.heads[0].href == "/appointments?day=2026-06-03"


def test_day_edges_are_midnights() -> None:
    start, end = day_edges(date(2026, 6, 4), ZONE)
    assert (start.astimezone(UTC), end - start) == (datetime(2026, 6, 3, 21, tzinfo=UTC), timedelta(days=1))
