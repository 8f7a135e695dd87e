"""The texts that messages are written from: the list, and the editor with both languages side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from abonent.domain.communication.resources import MESSAGE_TEMPLATE
from abonent.domain.communication.rules_templates import faults
from abonent.domain.communication.templates import all_templates, drop_template, preview, save_template
from abonent.domain.communication.texts import CHANNELS, SUBJECTS, built_in, events, subject_of, template_id
from abonent.faces.console.addresses import template_path
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.labels import Label, word
from abonent.faces.console.messages.labels import CHANNEL, LANGUAGE, event_label
from abonent.faces.console.messages.message_view import size_words
from abonent.faces.console.messages.pages import SECTION
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict, NotFound, Problem
from abonent.kit.i18n import LANGUAGES, Translator

PATH = "/messages/templates"
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A text in the list. `state` says whether it is built in, own or switched off; `silent`: nothing is said."""

    href: str
    label: Label
    channel: str
    icon: str
    words: str
    state: str
    silent: bool
    urgent: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One language of the editor: what is typed, what a client would get."""

    language: str
    word: str
    subject: str
    content: str
    shown_subject: str
    shown_content: str
    size: str


class TextPages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """All events and channels."""
        demand_staff(visit)
        templates = await all_templates(self._ctx)
        rows = [
            _row(event, channel, templates.get(template_id(event, channel)), visit.t)
            for event in events()
            for channel in CHANNELS
        ]
        return self._desk.page(visit, "messages/texts.html", {"rows": rows}, section=SECTION)

    async def editor(self, visit: Visit) -> Response:
        """The editor; ?order= previews with a real order."""
        event, channel = self._named(visit)
        template = (await all_templates(self._ctx)).get(template_id(event, channel))
        return await self._form(visit, template or _empty(event, channel), visit.query.get("order", "")[:100])

    async def save(self, visit: Visit, form: Form) -> Response:
        """Save, preview or go back to the built-in text, as the button says."""
        event, channel = self._named(visit)
        template = {
            "event": event,
            "channel": channel,
            "active": form.get("active") == "1",
            "urgent": form.get("urgent") == "1",
            "text": [
                {
                    "language": language,
                    "subject": typed(form, f"subject_{language}", 1000).replace("\n", " "),
                    "content": typed(form, f"content_{language}", _LONGEST + 1),
                }
                for language in LANGUAGES
            ],
        }
        order, ctx = typed(form, "order", 100), self._ctx.for_caller(visit.caller)
        if form.get("do") == "drop":
            await drop_template(ctx, event, channel)
            return see(_path(event, channel))
        if form.get("do") == "preview":
            return await self._form(visit, template, order)
        wrong = _wrong(template, visit.t)
        if wrong:
            return await self._form(visit, template, order, wrong, 400)
        try:
            await save_template(ctx, template)
        except Conflict as problem:
            return await self._form(visit, template, order, {"form": said(problem, visit.t)}, problem.status)
        return see(_path(event, channel))

    def _named(self, visit: Visit) -> tuple[str, str]:
        demand_staff(visit)
        event, _, channel = visit.path["template_id"].rpartition(".")
        if subject_of(event) is None or channel not in CHANNELS:
            raise NotFound(
                "noTemplate",
                N_("There is no text {id}. All texts stand in the list."),
                id=visit.path["template_id"],
            )
        return event, channel

    async def _form(
        self,
        visit: Visit,
        template: Mapping[str, Any],
        order: str,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        t, event, channel = visit.t, template["event"], template["channel"]
        found = dict(wrong or {})
        try:
            previews = await preview(self._ctx.for_caller(visit.caller), template, order or None)
        except Problem as problem:
            found["order"] = said(problem, t)
            previews = await preview(self._ctx, template)
        stored = (await self._ctx.store.find([(MESSAGE_TEMPLATE, template_id(event, channel))])).values()
        by_language = {text["language"]: text for text in template["text"]}
        facts = {
            "path": _path(event, channel),
            "label": event_label(event, t),
            "channel": word(CHANNEL, channel, t),
            "sms": channel == "SMS",
            "active": template.get("active", True),
            "urgent": template.get("urgent", False),
            "version": next((s.document.get("version") for s in stored), 0),
            "built_in": built_in(event, channel) is not None,
            "may": visit.caller.role in MESSAGE_TEMPLATE.permissions.write,
            "known": list(SUBJECTS[event.partition(".")[0]].facts),
            "order": order,
            "wrong": found,
            "shown": [
                Shown(
                    each.language,
                    word(LANGUAGE, each.language, t),
                    by_language[each.language].get("subject") or "",
                    by_language[each.language]["content"],
                    each.subject,
                    each.content,
                    size_words(each.content, t) if each.size else "",
                )
                for each in previews
            ],
        }
        return self._desk.page(visit, "messages/text.html", facts, section=SECTION, status=status)


def _path(event: str, channel: str) -> str:
    return template_path(template_id(event, channel))


def _empty(event: str, channel: str) -> dict[str, Any]:
    texts = [{"language": language, "subject": "", "content": ""} for language in LANGUAGES]
    return {"event": event, "channel": channel, "active": True, "urgent": False, "text": texts}


def _wrong(template: Mapping[str, Any], t: Translator) -> dict[str, str]:
    """Faults by the form's field; texts name the field by itself, so the path is left out."""
    found: dict[str, str] = {}
    for fault in faults(template):
        place, _, part = fault.path.removeprefix("text[").partition("].")
        language = template["text"][int(place)]["language"] if place.isdecimal() else ""
        field = f"{part}_{language}" if language else "form"
        text = t.gettext(fault.text, **{**fault.facts, "path": ""}).removeprefix(": ")
        found.setdefault(field, text[:1].upper() + text[1:])
    return found


def _row(event: str, channel: str, template: Mapping[str, Any] | None, t: Translator) -> Row:
    text: Mapping[str, str] = {}
    if template is not None:
        text = next((x for x in template["text"] if x["language"] == t.lang), template["text"][0])
    if template is None:
        state = t.gettext("nothing is said")
    elif not template.get("active", True):
        state = t.gettext("switched off")
    elif template.get("version"):
        state = t.gettext("own text, version {n}", n=template["version"])
    else:
        state = t.gettext("built in")
    words = text.get("content", "") if channel == "SMS" else text.get("subject") or text.get("content", "")
    return Row(
        href=_path(event, channel),
        label=event_label(event, t),
        channel=word(CHANNEL, channel, t),
        icon="sms" if channel == "SMS" else "mail",
        words=words,
        state=state,
        silent=template is None or not template.get("active", True),
        urgent=bool(template and template.get("urgent")),
    )
