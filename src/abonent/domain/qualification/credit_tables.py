"""Credit tables: a version is written as a draft, checked whenever it is saved, and released from a date."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from abonent.domain.qualification.credit_resources import CREDIT_TABLE, TABLE_STATES
from abonent.domain.qualification.queries_credit import latest_version
from abonent.domain.qualification.rules_credit_lint import Fault, faults
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

Document = dict[str, Any]
_TRIES = 5
_FIXED = ("name", "description", "column", "row")


class BadTable(BadInput):
    """A table that would decide wrongly, or not at all. `faults`: every error with its row and column."""

    def __init__(self, found: list[Fault]) -> None:
        first = found[0]
        told = "; ".join(fault.told() for fault in found[:20])
        super().__init__(
            "badCreditTable",
            N_("{n} errors in the credit table. {told}"),
            n=len(found),
            told=told,
            path=f"row[{first.row - 1}]" if first.row else "row",
        )
        self.faults = found


def check_table(document: Mapping[str, Any]) -> None:
    """BadTable when something is wrong."""
    found = faults(document)
    if found:
        raise BadTable(found)


async def create_table(ctx: Context, document: Document) -> Document:
    """A new version as a draft. BadTable for one with errors: it is not kept."""
    CREDIT_TABLE.permissions.demand(ctx.caller, write=True, what=CREDIT_TABLE.name)
    check_table(document)

    async def once() -> Document:
        version = await latest_version(ctx.store) + 1
        new = {
            **document,
            "id": f"CT-{version}",
            "version": version,
            "state": "draft",
            "author": ctx.caller.name,
            "lastUpdate": to_wire(ctx.now()),
        }
        change = ctx.change()
        change.insert(CREDIT_TABLE, new)
        await ctx.store.commit(change)
        return new

    # Somebody may take the same version at the same moment.
    return await repeated(once, _TRIES)


async def change_table(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change a draft, release it (`state` released, `inForceFrom` a date), or withdraw what is not in force yet.

    IllegalMove for a version that has been released: what decided stays as it was; write a new version.
    """
    CREDIT_TABLE.permissions.demand(ctx.caller, write=True, what=CREDIT_TABLE.name)
    contents = any(document.get(key) != stored.document.get(key) for key in _FIXED)
    if stored.state != "draft" and (contents or _date(document) != _date(stored.document)):
        raise IllegalMove(
            "tableReleased",
            N_("Version {version} was released and stays as it is. Write a new version from it."),
            version=stored.document["version"],
        )
    if contents:
        check_table(document)
        document = document | {"author": ctx.caller.name, "lastUpdate": to_wire(ctx.now())}
    if document["state"] == stored.state == "draft" and document.get("inForceFrom"):
        raise BadInput(
            "notReleased",
            N_("inForceFrom is said when the draft is released; the state released is missing."),
            path="inForceFrom",
        )
    if document["state"] != stored.state:
        document = _moved(ctx.now(), stored, document)
    return await plain(CREDIT_TABLE).change(ctx, stored, document)


def _date(document: Mapping[str, Any]) -> datetime | None:
    return from_wire(document["inForceFrom"]) if document.get("inForceFrom") else None


def _moved(now: datetime, stored: Stored, document: Document) -> Document:
    TABLE_STATES.check(f"{CREDIT_TABLE.name} {stored.id}", stored.state, document["state"])
    since = _date(document)
    if document["state"] == "withdrawn":
        if since is not None and since <= now:
            raise IllegalMove(
                "tableInForce",
                N_("Version {version} has been in force; release another one in its place."),
                version=stored.document["version"],
            )
        return document
    if since is not None and since < now:
        # A minute's grace: "now" typed into a form is past when it arrives.
        if (now - since).total_seconds() > 60:
            raise BadInput(
                "inThePast",
                N_("A table cannot be put in force in the past: orders were decided by another one then."),
                path="inForceFrom",
            )
        since = now
    # What was a draft for long may have been overtaken by a change of the inputs.
    check_table(document)
    return document | {"inForceFrom": to_wire(since or now)}


async def remove_table(ctx: Context, stored: Stored) -> None:
    """Delete a draft. IllegalMove for a version that was released."""
    CREDIT_TABLE.permissions.demand(ctx.caller, write=True, what=CREDIT_TABLE.name)
    if stored.state != "draft":
        raise IllegalMove(
            "tableReleased",
            N_("Version {version} was released and stays as it is. Write a new version from it."),
            version=stored.document["version"],
        )
    await plain(CREDIT_TABLE).remove(ctx, stored)
