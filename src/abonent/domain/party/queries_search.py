"""The search: clients by everything they are asked for by, orders and products by numbers, addresses, messages.

Clients and addresses have an entry each, folded to Latin letters and kept by triggers (migrations/0006_search).
What is meant is tried from sure to doubtful: as typed, in the other keyboard layout, with slips of the pen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from abonent.domain.party.rules_search import Asked, asked, nearest, retyped, without_house
from abonent.kit.query_args import Args, containing
from abonent.kit.shapes import decode
from abonent.kit.store import Store

Document = dict[str, Any]

MOST = 10
# Messages are searched for words among so many of the newest.
RECENT_MESSAGES = 1000
# Clients at an address are listed when so few addresses fit.
FEW_ADDRESSES = 3
# An offering's names in other languages (see catalog/texts).
_NAMES = '$.prodSpecCharValueUse[*] ? (@.name == "name").productSpecCharacteristicValue[*].value.*'
# Words of names, addresses and offerings that share enough with each word (pg_trgm's similarity, 0.3). A slip leaves
# too little of a short word in common, so there those of its first letters.
_ALIKE = f"""
    SELECT asked, word FROM unnest($1::text[]) asked CROSS JOIN LATERAL (
        SELECT word, max(similarity(word, asked)) AS alike FROM search_word WHERE word % asked
            OR (length(asked) < 7 AND word LIKE left(asked, 2) || '%' AND abs(length(word) - length(asked)) < 3)
            OR (length(asked) < 6 AND word LIKE left(asked, 1) || '%' AND abs(length(word) - length(asked)) < 2)
        GROUP BY word
        UNION ALL
        SELECT DISTINCT word, similarity(word, asked) FROM product_offering o,
            unnest(string_to_array(abonent_fold(concat_ws(' ', o.name,
                jsonb_path_query_array(o.doc, '{_NAMES}') #>> '{{}}')), ' ')) word WHERE word % asked
        ORDER BY alike DESC LIMIT 60) near"""

# Of each word its possible meanings, folded.
Meanings = list[list[str]]


@dataclass(frozen=True, slots=True)
class OfferingHit:
    """An offering and how many products of it are held."""

    offering: Document
    held: int


@dataclass(slots=True)
class Found:
    """What fits a question, best first, at most MOST of each; `more` names the kinds with further ones.

    `meant` is the question as it was understood when that is another text; `similar` says that only similar words
    were found. `holders`: client ids of clients that were found by address or by their product, not by themselves.
    """

    clients: list[Document] = field(default_factory=list)
    orders: list[Document] = field(default_factory=list)
    products: list[Document] = field(default_factory=list)
    offerings: list[OfferingHit] = field(default_factory=list)
    addresses: list[Document] = field(default_factory=list)
    messages: list[Document] = field(default_factory=list)
    holders: set[str] = field(default_factory=set)
    more: set[str] = field(default_factory=set)
    meant: str = ""
    similar: bool = False

    @property
    def count(self) -> int:
        groups = (self.clients, self.orders, self.products, self.offerings, self.addresses, self.messages)
        return sum(map(len, groups))


async def search(store: Store, text: str, owner: str | None) -> Found:
    """Everything that `text` may mean. `owner` bounds it to what one client may see; None: staff."""
    question = asked(text)
    if not question.words:
        return Found()
    other = retyped(question.text)
    readings = [question, *([asked(other)] if other else [])]
    async with store.database.searching() as conn:
        for corrected in (False, True):
            for reading in readings:
                words = await meanings(conn, reading, corrected=corrected)
                if not words:
                    continue
                found = await _look(conn, reading, words, owner, whole=not corrected)
                if found.count:
                    found.meant = "" if reading is question else other
                    found.similar = corrected
                    return found
    return Found()


async def meanings(conn: asyncpg.Connection, question: Asked, *, corrected: bool) -> Meanings:
    """The words of a question, folded; `corrected`: each that no name or address has as the known words next to it.
    Empty when nothing is to be corrected."""
    rows = await conn.fetch(
        "SELECT word, abonent_fold(word) AS folded FROM unnest($1::text[]) word", list(question.words)
    )
    folded = {row["word"]: row["folded"] for row in rows}
    if not corrected:
        return [[folded[word]] for word in question.words if folded[word]]
    doubtful = [f for f in folded.values() if len(f) > 2 and f.isalpha()]
    known: dict[str, list[str]] = {}
    for row in await conn.fetch(_ALIKE, doubtful) if doubtful else []:
        known.setdefault(row["asked"], []).append(row["word"])
    made = [[folded[w]] if folded[w] in known.get(folded[w], ()) else
            nearest(folded[w], known.get(folded[w], ())) or [folded[w]] for w in question.words]  # fmt: skip
    return made if made != [[folded[word]] for word in question.words] else []


async def _look(
    conn: asyncpg.Connection, question: Asked, words: Meanings, owner: str | None, *, whole: bool
) -> Found:
    """`whole`: the question itself may be a number or a part of a message too."""
    found = Found()
    if whole:
        found.orders = await _orders(conn, question, owner, found)
        found.products = await _products(conn, question, owner, found)
    found.clients = await _clients(conn, question, words, owner, found)
    if question.digits:
        return found
    if owner is None:
        found.offerings = await _offerings(conn, words)
        found.addresses = await _addresses(conn, question, words, found)
        if found.addresses and len(found.addresses) <= FEW_ADDRESSES:
            await _at_addresses(conn, found)
    if whole:
        found.messages = await _messages(conn, question, owner, found)
    return found


def fitting(words: Meanings, column: str, args: Args) -> str:
    """A condition that of each word one meaning stands in the folded `column`; short numbers as whole words."""
    conditions = []
    for each in words:
        ways = []
        for meaning in each:
            whole = meaning.isdigit() and len(meaning) < 4
            ways.append(f"{column} LIKE {args.add(f'% {meaning} %' if whole else f'%{meaning}%')}")
        conditions.append(f"({' OR '.join(ways)})")
    return " AND ".join(conditions) or "false"


async def _clients(
    conn: asyncpg.Connection, question: Asked, words: Meanings, owner: str | None, found: Found
) -> list[Document]:
    """Exact number or telephone first, then names that begin so, then names and other words."""
    args = Args()
    numbers, phones = args.add(list(question.numbers)), args.add([question.phone] if question.phone else [])
    digits = question.digits
    fits = f"e.words LIKE {args.add(f'%{digits}%')}" if digits else fitting(words, "e.words", args)
    name = args.add(" ".join(each[0] for each in words))
    mine = ""
    if owner is not None:
        me = args.add(owner)
        mine = f" AND (e.id = {me} OR e.party = {me})"
    rows = await conn.fetch(
        f"""
        SELECT c.doc::text FROM client_entry e JOIN customer c ON c.id = e.id
        WHERE (e.id = ANY({numbers}::text[]) OR e.phones && {phones}::text[] OR ({fits})){mine}
        ORDER BY CASE WHEN e.id = ANY({numbers}::text[]) THEN 0 WHEN e.phones && {phones}::text[] THEN 1
            WHEN e.title = {name} THEN 2 WHEN e.title LIKE {name}::text || '%' THEN 3
            WHEN ' ' || e.title LIKE '% ' || {name}::text || '%' THEN 4 ELSE 5 END, c.name, c.id
        LIMIT {MOST + 1}""",
        *args,
    )
    return _cut(rows, "clients", found)


async def _orders(
    conn: asyncpg.Connection, question: Asked, owner: str | None, found: Found
) -> list[Document]:
    args = Args()
    ways = _begun(question, "id", args)
    ways += [f"external_id = {args.add(question.text)}"] if question.numbers else []
    if not ways:
        return []
    mine = "true" if owner is None else args.contains(relatedParty=[{"id": owner}])
    rows = await conn.fetch(
        f"SELECT doc::text FROM product_order WHERE ({' OR '.join(ways)}) AND {mine}"
        f" ORDER BY id = ANY({args.add(list(question.numbers))}::text[]) DESC, id LIMIT {MOST + 1}",
        *args,
    )
    return _cut(rows, "orders", found)


async def _products(
    conn: asyncpg.Connection, question: Asked, owner: str | None, found: Found
) -> list[Document]:
    """By number or serial number, or by what the network gave its services: telephone number, serial, IP address."""
    args = Args()
    ways = _begun(question, "id", args)
    values = {question.text, "+" + question.phone, question.phone} - {"+", ""}
    if question.phone or (len(question.words) == 1 and any(c.isdigit() for c in question.text)):
        ways += [args.contains(productSerialNumber=question.text)]
        given = " OR ".join(
            args.contains("s.doc", serviceCharacteristic=[{"value": v}]) for v in sorted(values)
        )
        ways.append(
            "id IN (SELECT p.id FROM service s JOIN product p ON p.doc @> jsonb_build_object('realizingService',"
            f" jsonb_build_array(jsonb_build_object('id', s.id))) WHERE {given})"
        )
    if not ways:
        return []
    mine = "true" if owner is None else args.contains(relatedParty=[{"id": owner}])
    # Each way by its own index: one OR over all of them would read every product.
    chosen = " UNION ".join(f"SELECT id FROM product WHERE {way}" for way in ways)
    rows = await conn.fetch(
        f"SELECT doc::text FROM product WHERE id IN ({chosen}) AND {mine}"
        f" ORDER BY id = ANY({args.add(list(question.numbers))}::text[]) DESC, id LIMIT {MOST + 1}",
        *args,
    )
    return _cut(rows, "products", found)


async def _offerings(conn: asyncpg.Connection, words: Meanings) -> list[OfferingHit]:
    args = Args()
    rows = await conn.fetch(
        f"""
        SELECT o.doc::text, (SELECT count(*) FROM product p WHERE p.status IN ('active', 'suspended') AND p.doc @>
            jsonb_build_object('productOffering', jsonb_build_object('id', o.id))) AS held
        FROM (SELECT id, name, doc, ' ' || abonent_fold(concat_ws(' ', name, jsonb_path_query_array(doc, '{_NAMES}')
              #>> '{{}}')) || ' ' AS words FROM product_offering) o
        WHERE {fitting(words, "o.words", args)} ORDER BY o.name, o.id LIMIT {MOST}""",
        *args,
    )
    return [OfferingHit(decode(row["doc"]), row["held"]) for row in rows]


async def _addresses(
    conn: asyncpg.Connection, question: Asked, words: Meanings, found: Found
) -> list[Document]:
    args = Args()
    rows = await conn.fetch(
        f"""
        SELECT a.doc::text FROM address_entry e JOIN geographic_address a ON a.id = e.id
        WHERE e.id = ANY({args.add(list(question.numbers))}::text[])
           OR ({fitting(without_house(words), "e.words", args)})
        ORDER BY e.words, e.id LIMIT {MOST + 1}""",
        *args,
    )
    return _cut(rows, "addresses", found)


async def _at_addresses(conn: asyncpg.Connection, found: Found) -> None:
    """Add the clients who hold something at the addresses found."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT c.id, c.name, c.doc::text AS doc
        FROM unnest($1::text[]) place
        JOIN product p ON p.doc @> jsonb_build_object('place', jsonb_build_array(jsonb_build_object('id', place)))
        CROSS JOIN jsonb_array_elements(p.doc -> 'relatedParty') party JOIN customer c ON c.id = party ->> 'id'
        WHERE p.status NOT IN ('terminated', 'cancelled', 'aborted') ORDER BY c.name, c.id LIMIT $2""",
        [address["id"] for address in found.addresses],
        MOST + 1,
    )
    known = {client["id"] for client in found.clients}
    for row in rows[:MOST]:
        if row["id"] not in known:
            found.clients.append(decode(row["doc"]))
            found.holders.add(row["id"])
    if len(rows) > MOST:
        found.more.add("clients")


async def _messages(
    conn: asyncpg.Connection, question: Asked, owner: str | None, found: Found
) -> list[Document]:
    """By number, by the e-mail address they went to, by words among the newest."""
    args = Args()
    ways = _begun(question, "id", args)
    if "@" in question.text:
        ways.append(args.contains(receiver=[{"email": question.text}]))
    elif not question.numbers and any(len(word) > 3 for word in question.words):
        said = " AND ".join(
            f"concat_ws(' ', m.doc ->> 'subject', m.doc ->> 'content') ILIKE {args.add(containing(word))}"
            for word in question.words
        )
        ways.append(
            f"id IN (SELECT m.id FROM (SELECT id, doc FROM communication_message ORDER BY send_time DESC NULLS LAST"
            f" LIMIT {RECENT_MESSAGES}) m WHERE {said})"
        )
    if not ways:
        return []
    mine = "true" if owner is None else args.contains(receiver=[{"id": owner}])
    chosen = " UNION ".join(f"SELECT id FROM communication_message WHERE {way}" for way in ways)
    rows = await conn.fetch(
        f"SELECT doc::text FROM communication_message WHERE id IN ({chosen}) AND {mine}"
        f" ORDER BY send_time DESC NULLS LAST, id LIMIT {MOST + 1}",
        *args,
    )
    return _cut(rows, "messages", found)


def _begun(question: Asked, column: str, args: Args) -> list[str]:
    """Conditions that the id is one of the numbers asked for or begins so; a range, so the primary key serves."""
    ways = []
    for number in question.numbers:
        start = args.add(number)
        ways.append(f"({column} >= {start}::text AND {column} < {start}::text || '~')")
    return ways


def _cut(rows: Sequence[asyncpg.Record], kind: str, found: Found) -> list[Document]:
    if len(rows) > MOST:
        found.more.add(kind)
    return [decode(row["doc"]) for row in rows[:MOST]]
