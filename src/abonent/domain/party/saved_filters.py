"""Filters of lists that a person keeps by a name of his own."""

from dataclasses import dataclass

from abonent.domain.party import queries_filters
from abonent.kit.errors import N_, BadInput
from abonent.kit.store import Store

LONGEST_NAME = 60
LONGEST_QUERY = 1000
MOST = 20


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """`query` is what stands after the "?" of the list's address."""

    name: str
    query: str


async def saved_filters(store: Store, account: str, page: str) -> list[SavedFilter]:
    """What an account keeps for the list at the address `page`, by name."""
    return [SavedFilter(*each) for each in await queries_filters.filters_of(store, account, page)]


async def save_filter(store: Store, account: str, page: str, wanted: SavedFilter) -> None:
    """Keep a filter, in place of one of the same name. BadInput without a name, for one that is too long, or above
    the number a person may keep for one list."""
    if not wanted.name:
        raise BadInput("filterNameMissing", N_("Give the filter a name."))
    if len(wanted.name) > LONGEST_NAME:
        raise BadInput(
            "filterNameTooLong", N_("The name may have {most} characters at most."), most=LONGEST_NAME
        )
    if len(wanted.query) > LONGEST_QUERY or not wanted.query.isprintable():
        raise BadInput("filterTooLong", N_("This filter is too long to be kept. Take a word away."))
    kept = await queries_filters.keep_filter(store, account, page, wanted.name, wanted.query, MOST)
    if not kept:
        raise BadInput(
            "tooManyFilters",
            N_(
                "You keep {most} filters for this list, and that is as many as there may be. Delete one first."
            ),
            most=MOST,
        )


async def delete_filter(store: Store, account: str, page: str, name: str) -> None:
    """Delete a filter; one that is gone already is no error."""
    await queries_filters.drop_filter(store, account, page, name)
