"""The board of orders: which column, how many, which filters; the file for spreadsheets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from abonent.faces.console.board.export import safe, written
from abonent.faces.console.board.view import CAP, BoardFilter, board_view, read_board
from abonent.faces.console.home.work import stand
from tests.rules.test_home_work import EN, HOUR, NOW, RU, order


def stands(*orders):
    return [stand(each, NOW) for each in orders]


def test_each_order_stands_in_one_column() -> None:
    states = ["acknowledged", "inProgress", "pending", "held", "assessingCancellation", "pendingCancellation"]
    found = [order(id=f"O-{n}", state=state) for n, state in enumerate(states)]
    found += [order(id="O-late", state="held", promised=NOW - HOUR)]
    view = board_view(stands(*found), BoardFilter(), NOW, EN)
    assert {c.key: [card.id for card in c.cards] for c in view.columns} == {
        "received": ["O-0"],
        "work": ["O-1", "O-4", "O-5"],
        "client": ["O-2"],
        "hold": ["O-3"],
        "danger": ["O-late"],
    }
    late = view.columns[-1].cards[0]
    assert (late.tone, late.promised) == ("bad", "1\u00a0h late")
    assert [each.word for each in late.labels] == ["Late", "On hold"]


def test_a_column_is_capped_and_says_how_many_more_with_the_list_of_the_same() -> None:
    found = [order(id=f"O-{n}", promised=NOW + timedelta(days=n + 1)) for n in range(CAP + 37)]
    wanted = BoardFilter(town="Yaroslavl")
    work = board_view(stands(*reversed(found)), wanted, NOW, EN).columns[1]
    assert (work.total, len(work.cards), work.more) == (CAP + 37, CAP, 37)
    assert work.cards[0].id == "O-0"  # the nearest promise
    assert work.href == "/orders?state=inProgress&town=Yaroslavl"


def test_filters_offer_what_there_is_and_keep_what_is_chosen() -> None:
    own = order(
        id="O-2", by_client=True, placed_by="client:C-2", agent="", towns=("Tver",), offerings=("TV",)
    )
    found = stands(order(), own)
    view = board_view(found, BoardFilter(agent="client"), NOW, EN)
    assert view.total == 1
    assert [(o.value, o.chosen) for o in view.agents] == [("", False), ("anna", False), ("client", True)]
    assert [o.value for o in view.towns] == ["", "Tver", "Yaroslavl"]
    assert board_view(found, BoardFilter(town="Omsk"), NOW, EN).towns[1].chosen
    assert board_view(found, BoardFilter(offering="TV"), NOW, EN).total == 1
    assert read_board({"town": " Tver\x00 ", "by": "x" * 999}) == BoardFilter("Tver", "", "x" * 200)


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-5", "@x", "\t=1", " =1", "\r\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text).startswith("'")


def test_cells_are_quoted_for_the_readers_spreadsheet() -> None:
    assert safe("North Quay") == "North Quay"
    assert written([["a;b", "1,5", 'say "x"']], RU) == '"a;b";1,5;"say ""x"""\r\n'
    assert written([["a;b", "1.5", "two\nlines"]], EN) == 'a;b,1.5,"two\nlines"\r\n'


def test_a_card_says_what_is_being_done() -> None:
    running = {"id": "line", "state": "inProgress", "name": {"en": "Line", "ru": "Линия"},
               "plannedStart": "2026-06-17T11:00:00Z", "plannedEnd": "2026-06-18T11:00:00Z"}  # fmt: skip
    view = board_view(stands(replace(order(), tasks=[running])), BoardFilter(), NOW, RU)
    assert view.columns[1].cards[0].step == "сейчас: Линия"
