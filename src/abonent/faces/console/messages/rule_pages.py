"""What is told, when and by which channel: the list of rules, and the editor with what an order's client would hear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from abonent.domain.catalog.queries import offering_names
from abonent.domain.catalog.texts import text_in
from abonent.domain.communication.queries_telling import all_rules, categories, variants
from abonent.domain.communication.rules_telling import (
    BUILT_IN,
    DEFAULT,
    FOLLOW_DAYS,
    MAX_DELAY,
    MAX_FOLLOW_DAYS,
    Telling,
    rule_id,
    telling_in,
)
from abonent.domain.communication.telling_resources import COMMUNICATION_RULE
from abonent.domain.communication.telling_rules import SUBJECTS, Foretold, drop_rule, foretell, save_rule
from abonent.domain.communication.templates import all_templates
from abonent.domain.communication.texts import CHANNELS, events, template_id
from abonent.faces.console.addresses import rule_path
from abonent.faces.console.desk import Desk, Form, Visit, demand_staff, said, see, typed
from abonent.faces.console.labels import Label, word
from abonent.faces.console.messages.labels import CHANNEL, event_label
from abonent.faces.console.messages.pages import SECTION
from abonent.faces.console.order_entry.words import category_name
from abonent.kit.context import Context
from abonent.kit.errors import N_, NotFound, Problem
from abonent.kit.i18n import NP_, Translator

PATH = "/messages/rules"
_SOON = timedelta(minutes=1)
_SILENT: Mapping[str, tuple[str, str]] = {
    "rule": NP_("not told", "Not told: the rule says so"),
    "text": NP_("not told", "Not told: there is no text"),
    "topic": NP_("not told", "Not told: the client wants none on this topic"),
}
_ABOUT: Mapping[str, tuple[str, str]] = {
    "productOrder": NP_("told about", "Order"),
    "appointment": NP_("told about", "Visit"),
    "quote": NP_("told about", "Offer"),
    "portingRequest": NP_("told about", "Number"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An event in the editor. `told`: "" as the next rule has it, "1" or "0"."""

    event: str
    about: str
    label: Label
    told: str
    channel: str
    delay: str
    link: bool
    variant: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An event in the preview, in words."""

    label: Label
    how: str
    when: str
    subject: str
    content: str
    silent: bool


class RulePages:
    """Pages over the domain; each handler is made a route in this package's `room`."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._ctx = context
        self._desk = desk

    async def listing(self, visit: Visit) -> Response:
        """All rules; ?open= leads to the one of an offering or a category."""
        demand_staff(visit)
        wanted = visit.query.get("open", "")[:200]
        if wanted:
            return see(rule_path(wanted))
        stored = {rule["id"]: rule for rule in await all_rules(self._ctx.store)}
        names = await self._names(visit.t)
        ids = [DEFAULT, *(id for id in stored if id != DEFAULT)]
        rows = [_row(id, stored.get(id), names, visit.t) for id in ids]
        more = [(id, name) for id, name in names.items() if id not in stored]
        facts = {"rows": rows, "more": sorted(more, key=lambda each: each[1]), "may": _may(visit)}
        return self._desk.page(visit, "messages/rules.html", facts, section=SECTION)

    async def editor(self, visit: Visit) -> Response:
        """The editor; ?order= shows what its client would be told."""
        rule = await self._named(visit)
        return await self._form(visit, rule, visit.query.get("order", "")[:100])

    async def save(self, visit: Visit, form: Form) -> Response:
        """Save, show or drop the rule, as the button says."""
        known = await self._named(visit)
        ctx, order = self._ctx.for_caller(visit.caller), typed(form, "order", 100)
        if form.get("do") == "drop":
            await drop_rule(ctx, known["id"])
            return see(PATH)
        rule, wrong = _read(known, form, visit.t)
        if wrong or form.get("do") == "show":
            return await self._form(visit, rule, order, wrong, 400 if wrong else 200, form)
        try:
            await save_rule(ctx, {k: v for k, v in rule.items() if k not in {"id", "version", "lastUpdate"}})
        except Problem as problem:
            told = {"form": said(problem, visit.t)}
            return await self._form(visit, rule, order, told, problem.status, form)
        return see(rule_path(known["id"]))

    async def _named(self, visit: Visit) -> dict[str, Any]:
        """The rule of the address: as stored, or empty for an offering or category that has none."""
        demand_staff(visit)
        id = visit.path["rule_id"]
        scope, _, subject = id.partition(".")
        if id != DEFAULT and scope not in SUBJECTS:
            raise _no_rule(id)
        wanted = [(COMMUNICATION_RULE, id), *([(SUBJECTS[scope], subject)] if subject else [])]
        found = await self._ctx.store.find(wanted)
        stored = found.get((COMMUNICATION_RULE.name, id))
        if stored is not None:
            return stored.document
        if id == DEFAULT:
            return {"id": id, "scope": DEFAULT, "telling": []}
        about = found.get((SUBJECTS[scope].name, subject))
        if about is None:
            raise _no_rule(id)
        name = about.document.get("name") or subject
        return {"id": id, "scope": scope, "subject": {"id": subject, "name": name}, "telling": []}

    async def _names(self, t: Translator) -> dict[str, str]:
        """What offerings and categories are called, by the id of their rule."""
        offerings = await offering_names(self._ctx.store)
        sorts = await categories(self._ctx.store)
        subjects = [("offering", each) for each in offerings] + [("category", each) for each in sorts]
        return {rule_id(scope, each["id"]): _subject(scope, each, t) for scope, each in subjects}

    async def _title(self, rule: Mapping[str, Any], t: Translator) -> str:
        """What a rule is about."""
        scope, id = rule["scope"], rule.get("subject", {}).get("id", "")
        about = await self._ctx.store.one(SUBJECTS[scope], id) if scope in SUBJECTS else None
        return _title(rule, _subject(scope, about.document, t) if about else "", t)

    async def _form(
        self,
        visit: Visit,
        rule: Mapping[str, Any],
        order: str,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        t, found = visit.t, dict(wrong or {})
        shown: list[Shown] = []
        if order and not wrong:
            try:
                told = await foretell(self._ctx.for_caller(visit.caller), order, rule)
                shown = [_shown(each, visit.now, t) for each in told]
            except Problem as problem:
                found["order"], status = said(problem, t), problem.status
        templates = await all_templates(self._ctx)
        more = await variants(self._ctx.store)
        days = rule.get("followDays", FOLLOW_DAYS)
        facts = {
            "path": rule_path(rule["id"]),
            "title": await self._title(rule, t),
            "default": rule["scope"] == DEFAULT,
            "days": (form or {}).get("days", str(days)),
            "stored": rule.get("version", 0),
            "lines": _lines(rule, templates, more, form, t),
            "channels": [(channel, word(CHANNEL, channel, t)) for channel in CHANNELS],
            "any_variant": bool(more),
            "may": _may(visit),
            "order": order,
            "shown": shown,
            "wrong": found,
        }
        return self._desk.page(visit, "messages/rule.html", facts, section=SECTION, status=status)


def _may(visit: Visit) -> bool:
    return visit.caller.role in COMMUNICATION_RULE.permissions.write


def _no_rule(id: str) -> NotFound:
    return NotFound("noRule", N_("There is no rule {id}. All rules stand in the list."), id=id)


def _subject(scope: str, document: Mapping[str, Any], t: Translator) -> str:
    """What an offering or a category is called among rules."""
    if scope == "offering":
        return t.gettext("Offering: {name}", name=text_in(document, "name", t.lang))
    return t.gettext("Category: {name}", name=category_name(document, t))


def _title(rule: Mapping[str, Any], name: str, t: Translator) -> str:
    if rule["scope"] == DEFAULT:
        return t.gettext("All orders")
    return name or str(rule["subject"].get("name") or rule["subject"]["id"])


def _row(
    id: str, rule: Mapping[str, Any] | None, names: Mapping[str, str], t: Translator
) -> tuple[str, str, str, str]:
    """Address, name, what it says in short, version."""
    telling = (rule or {}).get("telling") or ()
    if rule is None:
        return rule_path(id), t.gettext("All orders"), t.gettext("built in: everything is told at once"), ""
    silent = sum(not each.get("told", True) for each in telling)
    words = [t.ngettext("{n} event of its own", "{n} events of its own", len(telling), n=len(telling))]
    if silent:
        words.append(t.ngettext("{n} not told", "{n} not told", silent, n=silent))
    version = t.gettext("version {n}", n=rule.get("version", 1))
    return rule_path(id), _title(rule, names.get(id, ""), t), ", ".join(words), version


def _lines(
    rule: Mapping[str, Any],
    templates: Mapping[str, Any],
    more: Sequence[tuple[str, str]],
    form: Mapping[str, str] | None,
    t: Translator,
) -> list[Line]:
    """The events that have a text; a quote names no offering, so its events stand in the default rule alone."""
    lines = []
    default = rule["scope"] == DEFAULT
    for event in events():
        kind = event.partition(".")[0]
        if not any(template_id(event, channel) in templates for channel in CHANNELS):
            continue
        if kind == "quote" and not default:
            continue
        said_of = telling_in(rule, event)
        told = "" if said_of is None and not default else ("1" if (said_of or BUILT_IN).told else "0")
        shown: Telling = said_of or BUILT_IN
        typed_delay = (form or {}).get(f"delay-{event}")
        lines.append(
            Line(
                event,
                t.pgettext(*_ABOUT[kind]),
                event_label(event, t),
                told,
                next(iter(shown.channels), ""),
                typed_delay if typed_delay is not None else str(shown.delay),
                shown.link,
                shown.variant,
                tuple(variant for about, variant in more if about == event),
            )
        )
    return lines


def _read(
    known: Mapping[str, Any], form: Mapping[str, str], t: Translator
) -> tuple[dict[str, Any], dict[str, str]]:
    """The rule as typed, and what is wrong by field."""
    wrong: dict[str, str] = {}
    telling: list[dict[str, Any]] = []
    for event in events():
        told = form.get(f"told-{event}")
        if told not in {"0", "1"}:
            continue
        channel, delay = form.get(f"channel-{event}", ""), typed(form, f"delay-{event}", 10) or "0"
        if not delay.isascii() or not delay.isdigit() or int(delay) > MAX_DELAY:
            wrong[f"delay-{event}"] = t.gettext("Minutes from 0 to {limit}.", limit=MAX_DELAY)
            delay = "0"
        line: dict[str, Any] = {"event": event, "told": told == "1", "delayMinutes": int(delay)}
        line["link"] = form.get(f"link-{event}") == "1"
        if channel in CHANNELS:
            line["channel"] = [channel]
        if variant := typed(form, f"variant-{event}", 40):
            line["variant"] = variant
        telling.append(line)
    rule = {**known, "telling": telling}
    if known["scope"] == DEFAULT:
        days = typed(form, "days", 10)
        if days.isascii() and days.isdigit() and int(days) <= MAX_FOLLOW_DAYS:
            rule["followDays"] = int(days)
        else:
            wrong["days"] = t.gettext("Days from 0 to {limit}.", limit=MAX_FOLLOW_DAYS)
    return rule, wrong


def _shown(told: Foretold, now: datetime, t: Translator) -> Shown:
    label = event_label(told.event, t)
    if told.silent:
        return Shown(label, word(_SILENT, told.silent, t), "", "", "", True)
    when = t.gettext("at once")
    if told.at is not None and told.at - now > _SOON:
        when = t.gettext("at {when}, if it happened now", when=t.moment(told.at, now))
    return Shown(label, word(CHANNEL, told.channel, t), when, told.subject, told.content, False)
