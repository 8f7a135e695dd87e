"""Visits: work orders, the day's board by crew, the crews and their absences, a crew's own day."""

from starlette.routing import BaseRoute, Route

from abonent.faces.console.acts import step_routes
from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.work.board_pages import BOARD, MOVE, WEEK, BoardPages
from abonent.faces.console.work.bulk import BULK, BulkPages
from abonent.faces.console.work.crew_edit import CrewEditPages
from abonent.faces.console.work.crew_pages import CREWS, CrewPages
from abonent.faces.console.work.filters import PATH
from abonent.faces.console.work.mine import MINE, MinePages
from abonent.faces.console.work.pages import ACTIONS, WorkPages
from abonent.kit.context import Context

__all__ = ["room"]

FILE = PATH + "/{work_id}/attachments/{file_id}"


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        orders, bulk = WorkPages(context, desk), BulkPages(context, desk)
        board, crews, mine = BoardPages(context, desk), CrewPages(context, desk), MinePages(context, desk)
        edit = CrewEditPages(context, desk)
        absence = CREWS + "/{crew_id}/absences"
        return [
            Route(BOARD, desk.shows(board.board), methods=["GET"], name="console.appointments"),
            Route(WEEK, desk.shows(board.week), methods=["GET"], name="console.appointments_week"),
            *step_routes(desk, MOVE, board.move, lambda _: BOARD),
            Route(CREWS, desk.shows(crews.listing), methods=["GET"], name="console.crews"),
            Route(CREWS + "/new", desk.shows(edit.new), methods=["GET"]),
            Route(CREWS + "/new", desk.takes(edit.create), methods=["POST"]),
            Route(CREWS + "/{crew_id}/edit", desk.shows(edit.edit), methods=["GET"]),
            Route(CREWS + "/{crew_id}/edit", desk.takes(edit.change), methods=["POST"]),
            Route(CREWS + "/{crew_id}", desk.shows(crews.crew), methods=["GET"], name="console.crew"),
            Route(absence, desk.shows(crews.to_crew), methods=["GET"]),
            Route(absence, desk.takes(crews.add_absence), methods=["POST"]),
            Route(absence + "/{absence_id}/end", desk.shows(crews.to_crew), methods=["GET"]),
            Route(absence + "/{absence_id}/end", desk.takes(crews.end_absence), methods=["POST"]),
            Route(MINE, desk.shows(mine.mine), methods=["GET"]),
            Route(PATH, desk.shows(orders.listing), methods=["GET"], name="console.work"),
            Route(BULK, desk.shows(bulk.ask), methods=["GET"]),
            Route(BULK, desk.takes(bulk.do), methods=["POST"]),
            Route(PATH + "/{work_id}", desk.shows(orders.order), methods=["GET"], name="console.work_order"),
            Route(FILE, desk.shows(orders.file), methods=["GET"]),
            *(route for step in ACTIONS for route in orders.step(step)),
        ]

    return routes
