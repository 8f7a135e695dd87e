"""The messages' room: what clients were told, the texts it is written from, the demo's mailbox, a client's wishes."""

from starlette.routing import BaseRoute, Route

from abonent.domain.communication.ports import Mailbox
from abonent.faces.console.desk import Desk, Room
from abonent.faces.console.messages.mailbox_pages import MailboxPages
from abonent.faces.console.messages.pages import MessagePages
from abonent.faces.console.messages.rule_pages import RulePages
from abonent.faces.console.messages.text_pages import TextPages
from abonent.faces.console.messages.wishes_pages import WishesPages
from abonent.kit.context import Context


def room(context: Context) -> Room:
    """The room over the domain of this process."""

    def routes(desk: Desk) -> list[BaseRoute]:
        messages, texts = MessagePages(context, desk), TextPages(context, desk)
        wishes, rules = WishesPages(context, desk), RulePages(context, desk)
        one, text = "/messages/{message_id}", "/messages/templates/{template_id}"
        rule = "/messages/rules/{rule_id}"
        made: list[BaseRoute] = [
            Route("/messages", desk.shows(messages.listing), methods=["GET"]),
            Route("/messages/new", desk.shows(messages.new), methods=["GET"]),
            Route("/messages/new", desk.takes(messages.write), methods=["POST"]),
            Route("/messages/templates", desk.shows(texts.listing), methods=["GET"]),
            Route(text, desk.shows(texts.editor), methods=["GET"]),
            Route(text, desk.takes(texts.save), methods=["POST"]),
            Route("/messages/rules", desk.shows(rules.listing), methods=["GET"]),
            Route(rule, desk.shows(rules.editor), methods=["GET"]),
            Route(rule, desk.takes(rules.save), methods=["POST"]),
            Route(one, desk.shows(messages.message), methods=["GET"]),
            *(
                Route(f"{one}/{step}", handler, methods=[method])
                for step, take in (("resend", messages.resend), ("cancel", messages.cancel))
                for method, handler in (("GET", desk.shows(messages.back)), ("POST", desk.takes(take)))
            ),
            Route("/clients/{client_id}/preferences", desk.shows(wishes.form), methods=["GET"]),
            Route("/clients/{client_id}/preferences", desk.takes(wishes.save), methods=["POST"]),
        ]
        if Mailbox in context.ports:
            mailbox = MailboxPages(context, desk)
            made += [
                Route("/mailbox", desk.shows(mailbox.listing), methods=["GET"]),
                Route("/mailbox/{arrival_id}", desk.shows(mailbox.arrival), methods=["GET"]),
            ]
        return made

    return routes
