"""Importing clients: the real file whole, repeats without a trace, changes alone, rejects handed back."""

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from abonent import main
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_, INDIVIDUAL, ORGANIZATION
from abonent.faces.cli import app
from abonent.importing import mapping as mappings
from abonent.importing.clients import Summary, import_clients
from abonent.importing.files import RejectFile, open_clients
from abonent.importing.problems import FileProblem
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from tests.support.shared import TELCO, needs_telco

HEADER = "id,name,type,language,since,email,phone,city,product,price,arrears\n"
ANNA = "17,Анна Соколова,home,ru,2021-05-10,anna@example.org,+79990000017,Ярославль,,,\n"
QUAY = "18,North Quay,business,en,2020-01-01,desk@example.org,,York,,,150.00\n"


@asynccontextmanager
async def opened(dsn: str, data: Path) -> AsyncIterator[Context]:
    async with main.open_process(main.Settings(data), dsn, "test") as process:
        yield process.context


async def run(
    ctx: Context, file: Path, mapping: str = "simple", *, dry_run: bool = False
) -> tuple[Summary, RejectFile]:
    known = mappings.load(mapping)
    with open_clients(file, known.file) as rows:
        mappings.check_header(known, rows.header)
        rejects = RejectFile(file.with_suffix(".rejects.csv"), known.file, rows.header)
        summary = await import_clients(ctx, known, rows, rejects=rejects, dry_run=dry_run)
        rejects.close()
    return summary, rejects


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "clients.csv"
    file.write_text(text, encoding=encoding)
    return file


async def versions(conn: asyncpg.Connection) -> list[int]:
    """Rows, the sum of all versions, history and events: any write moves one of them."""
    tables = [r.table for r in (CUSTOMER_, INDIVIDUAL, ORGANIZATION, BILLING_ACCOUNT, PRODUCT)]
    sums = [await conn.fetchval(f"SELECT coalesce(sum(version), 0)::bigint FROM {t}") for t in tables]
    return [*sums, *[await conn.fetchval(f"SELECT count(*) FROM {t}") for t in ("event", "state_history")]]


@needs_telco
async def test_the_real_file_goes_in_whole(dsn: str, tmp_path: Path, conn: asyncpg.Connection) -> None:
    with TELCO.open(newline="") as file:
        rows = list(csv.DictReader(file))
    yes = ("PhoneService", "MultipleLines", "OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport",
           "StreamingTV", "StreamingMovies")  # fmt: skip
    products = sum(r[c] == "Yes" for r in rows for c in yes) + sum(r["InternetService"] != "No" for r in rows)
    async with opened(dsn, tmp_path) as ctx:
        summary, _ = await run(ctx, TELCO, "ibm_telco_churn")
        assert (summary.rows, summary.created, summary.rejected) == (len(rows), len(rows), 0)
        assert summary.inserted == {
            "customer": len(rows), "individual": len(rows), "billingAccount": len(rows), "product": products,
        }  # fmt: skip
        counted = await conn.fetch(
            "SELECT doc #>> '{productOffering,id}' AS id, count(*) AS n FROM product GROUP BY 1"
        )
        by_offering = {row["id"]: row["n"] for row in counted}
        assert by_offering["telco-fibre"] == sum(r["InternetService"] == "Fiber optic" for r in rows)
        assert by_offering["telco-tech-support"] == sum(r["TechSupport"] == "Yes" for r in rows)

        # What each client pays a month is the sum of his products' prices, to the kopeck.
        paid = await conn.fetch(
            "SELECT doc #>> '{relatedParty,0,id}' AS id, sum((doc #>>"
            " '{productPrice,0,price,taxIncludedAmount,value}')::numeric) AS sum FROM product GROUP BY 1"
        )
        assert {row["id"]: row["sum"] for row in paid} == {
            f"C-{r['customerID']}": Decimal(r["MonthlyCharges"]) for r in rows
        }
        kept = await conn.fetch(
            "SELECT id, jsonb_path_query_first(doc, '$.characteristic[*] ? (@.name == \"totalCharges\").value')"
            "::text::numeric AS total FROM customer"
        )
        assert {row["id"]: row["total"] for row in kept} == {
            f"C-{r['customerID']}": Decimal(r["TotalCharges"].strip() or 0) for r in rows
        }
        # Nobody is told of clients who were there before: only the catalogue is news.
        assert await conn.fetchval("SELECT count(*) FROM event WHERE resource <> ALL($1)", [
            "productOffering", "productSpecification", "productOfferingPrice"]) == 0  # fmt: skip
        assert await conn.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0

        before = await versions(conn)
        again, _ = await run(ctx, TELCO, "ibm_telco_churn")
        assert (again.unchanged, again.inserted, again.updated) == (len(rows), {}, {})
        assert await versions(conn) == before


async def test_a_plain_file_becomes_clients(dsn: str, tmp_path: Path) -> None:
    async with opened(dsn, tmp_path) as ctx:
        summary, _ = await run(ctx, written(tmp_path, HEADER + ANNA + "\n" + QUAY, "utf-8-sig"))
        assert (summary.created, summary.rejected) == (2, 0)
        anna = (await ctx.store.get(SYSTEM, CUSTOMER_, "C-17")).document
        assert anna["name"] == "Анна Соколова"
        assert anna["validFor"]["startDateTime"] == "2021-05-10T00:00:00.000Z"
        assert anna["engagedParty"] == {"id": "I-17", "name": "Анна Соколова", "@referredType": "Individual"}
        assert [(m["mediumType"], m["characteristic"]) for m in anna["contactMedium"]] == [
            ("email", {"emailAddress": "anna@example.org"}),
            ("mobile", {"phoneNumber": "+79990000017"}),
            ("postalAddress", {"city": "Ярославль"}),
        ]
        quay = (await ctx.store.get(SYSTEM, BILLING_ACCOUNT, "BA-18")).document
        assert quay["paymentStatus"] == "in arrears"
        assert quay["accountBalance"][0]["amount"] == {"unit": "RUB", "value": 150}
        assert (await ctx.store.get(SYSTEM, ORGANIZATION, "ORG-18")).document["tradingName"] == "North Quay"


async def test_a_changed_row_changes_only_what_changed(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    async with opened(dsn, tmp_path) as ctx:
        await run(ctx, written(tmp_path, HEADER + ANNA + QUAY))
        stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-17")
        change = ctx.change()
        noted = [*stored.document["characteristic"], {"name": "note", "value": "rings twice"}]
        change.update(stored, stored.document | {"characteristic": noted})
        await ctx.store.commit(change)

        summary, _ = await run(ctx, written(tmp_path, HEADER + ANNA.replace("anna@", "a.sokolova@") + QUAY))
        assert (summary.changed, summary.unchanged, summary.updated) == (1, 1, {"customer": 1})
        anna = (await ctx.store.get(SYSTEM, CUSTOMER_, "C-17")).document
        assert anna["contactMedium"][0]["characteristic"]["emailAddress"] == "a.sokolova@example.org"
        assert anna["characteristic"] == noted
        # A change to a client who is there is told like any other.
        assert await conn.fetchval("SELECT count(*) FROM event WHERE resource_id = 'C-17'") == 2


HELD = """
[client]
key = "id"
name = "name"
[[product]]
offering = "line"
when = { column = "line", is = ["yes"] }
price = "price"
[[offering]]
id = "line"
name = "Line"
monthly = 100
"""


async def test_a_product_the_file_no_longer_names_ends(dsn: str, tmp_path: Path) -> None:
    mapping = tmp_path / "held.toml"
    mapping.write_text(HELD)
    async with opened(dsn, tmp_path) as ctx:
        await run(ctx, written(tmp_path, "id,name,line,price\n1,Ann,yes,\n2,Ben,yes,80\n"), str(mapping))
        held = await ctx.store.find([(PRODUCT, "P-1-line"), (PRODUCT, "P-2-line")])
        prices = [s.document["productPrice"][0]["price"]["taxIncludedAmount"]["value"] for s in held.values()]
        assert prices == [100, 80]  # the catalogue's price, and his own
        gone = written(tmp_path, "id,name,line,price\n1,Ann,no,\n2,Ben,yes,80\n")
        summary, _ = await run(ctx, gone, str(mapping))
        assert (summary.terminated, summary.changed, summary.unchanged) == (1, 1, 1)
        assert (await ctx.store.get(SYSTEM, PRODUCT, "P-1-line")).state == "terminated"
        again, _ = await run(ctx, gone, str(mapping))
        assert (again.unchanged, again.terminated) == (2, 0)
        back, rejects = await run(
            ctx, written(tmp_path, "id,name,line,price\n1,Ann,yes,\n2,Ben,yes,80\n"), str(mapping)
        )
        assert back.rejected == 1
        assert "P-1-line is terminated" in rejects.first[0][1]


async def test_bad_rows_are_handed_back_and_the_rest_goes_in(dsn: str, tmp_path: Path) -> None:
    bad = (
        '19,"Two\nlines",home,xx,,,,,,,\n'  # line 4, language unknown
        "20,Short row\n"
        "17,Again,home,ru,,,,,,,\n"
        "21,Pavel,home,ru,,not an address,,,,,\n"
        "22,Olga,home,ru,,,,,no-such-offering,,\n"
    )
    async with opened(dsn, tmp_path) as ctx:
        summary, rejects = await run(ctx, written(tmp_path, HEADER + ANNA + QUAY + bad))
    assert (summary.rows, summary.created, summary.rejected) == (7, 2, 5)
    assert rejects.path is not None
    with rejects.path.open(newline="", encoding="utf-8-sig") as file:
        told = list(csv.reader(file))
    assert told[0] == ["rejected_line", "rejected_reason", *HEADER.strip().split(",")]
    assert [row[0] for row in told[1:]] == ["4", "6", "7", "8", "9"]
    reasons = [row[1] for row in told[1:]]
    for reason, part in zip(
        reasons,
        ("not one of: en, ru", "fields", "line 2 already", "e-mail", "no product offering"),
        strict=True,
    ):
        assert part in reason
    # The row as it was follows, so that it can be corrected and imported again as it stands.
    assert told[1][2:4] == ["19", "Two\nlines"]


async def test_a_dry_run_tells_and_writes_nothing(dsn: str, tmp_path: Path, conn: asyncpg.Connection) -> None:
    mapping = tmp_path / "held.toml"
    mapping.write_text(HELD)
    before = await versions(conn)
    async with opened(dsn, tmp_path) as ctx:
        file = written(tmp_path, "id,name,line,price\n1,Ann,yes,\n")
        told, _ = await run(ctx, file, str(mapping), dry_run=True)
        assert await versions(conn) == before
        done, _ = await run(ctx, file, str(mapping))
    assert (told.created, told.inserted, told.catalogue) == (done.created, done.inserted, done.catalogue)
    assert done.inserted["product"] == 1


async def test_another_encoding_delimiter_and_decimal_sign(dsn: str, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(
        '[file]\nencoding = "cp1251"\ndelimiter = ";"\ndecimal = ","\n'
        '[client]\nkey = "Номер"\nname = "Имя"\n[account]\narrears = "Долг"\n',
        encoding="utf-8",
    )
    async with opened(dsn, tmp_path) as ctx:
        file = written(tmp_path, "Номер;Имя;Долг\n5;Пётр Ильин;1 200,50\n", "cp1251")
        await run(ctx, file, str(mapping))
        account = (await ctx.store.get(SYSTEM, BILLING_ACCOUNT, "BA-5")).document
        assert account["accountBalance"][0]["amount"]["value"] == Decimal("1200.50")
        with pytest.raises(FileProblem, match="not utf-8"):
            await run(ctx, written(tmp_path, "id,name\n5,Пётр\n", "cp1251"))


def test_the_command_and_its_exit_codes(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.chdir(tmp_path)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + ANNA)
    bad.write_text(HEADER + ANNA + "23,Ilya,home,xx,,,,,,,\n")

    def command(*arguments: object) -> tuple[int, str]:
        data = ("--data", tmp_path / "data")
        result = CliRunner().invoke(app, ["import", "clients", *map(str, (*arguments, *data))])
        return result.exit_code, result.output

    code, told = command(good, "--mapping", "simple", "--dry-run")
    assert (code, "1 would be created" in told) == (0, True)
    assert command(good, "--mapping", "simple")[0] == 0
    code, told = command(bad, "--mapping", "simple")
    assert code == 1
    assert "1 unchanged, 1 rejected" in told
    assert (tmp_path / "bad-rejects.csv").is_file()
    code, told = command(good, "--mapping", "ibm_telco_churn")
    assert (code, "has no column customerID" in told) == (2, True)
    assert command(good, "--mapping", "nothing")[0] == 2
    assert command(tmp_path / "absent.csv", "--mapping", "simple")[0] == 2
