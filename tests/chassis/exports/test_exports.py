"""Exports hold what the area holds, in every format, without eating memory or the requests' connections."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
import orjson
import pytest
from openpyxl import load_workbook
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError

from chassis.database.engine import sqlstate
from chassis.database.metadata import NAMING
from chassis.exports.columns import ExportColumn, ExportType
from chassis.exports.encoders import ExportFormat
from chassis.exports.stream import BATCH_ROWS, Exports, ExportsBusy
from chassis.program import Program
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, TOWN, VILLAGE

own = MetaData(naming_convention=NAMING)
paid = Table(
    "paid",
    own,
    Column("number", BigInteger, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("payee", Text),
    Column("amount_fen", BigInteger),
    Column("paid_on", Date),
    Column("told_at", DateTime(timezone=True)),
    Column("final", Boolean),
    Column("batch", Uuid),
)
COLUMNS = [
    ExportColumn("number", ExportType.INTEGER),
    ExportColumn("region", ExportType.REGION),
    ExportColumn("payee"),
    ExportColumn("amount_fen", ExportType.MONEY),
    ExportColumn("paid_on", ExportType.DAY),
    ExportColumn("told_at", ExportType.INSTANT),
    ExportColumn("final", ExportType.BOOLEAN),
    ExportColumn("batch", ExportType.ID),
]
BATCH = UUID(int=7)
FULL = {
    "number": 1,
    "region": VILLAGE,
    "payee": "=HYPERLINK(1)",
    "amount_fen": -146000005,
    "paid_on": date(2024, 2, 29),
    "told_at": datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
    "final": True,
    "batch": BATCH,
}
EMPTY = {"number": 2, "region": TOWN}
STATEMENT = select(paid).order_by(paid.c.number)


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    return make_program("exports", own)


@pytest.fixture
async def exports(program: Program):
    made = Exports(program, at_once=1)
    yield made
    await made.close()


async def fill(program: Program, *rows: dict[str, Any]) -> None:
    async with program.database.transaction(Area.everywhere()) as connection:
        for row in rows:
            await connection.execute(insert(paid).values(row))


async def body_of(exports: Exports, form: ExportFormat, statement: Any = STATEMENT, **options: Any) -> bytes:
    options = {"area": Area.of(COUNTY), "name": "paid", **options}
    response = await exports.respond(statement, COLUMNS, form=form, **options)
    return await download(response)


async def download(response: Any) -> bytes:
    sent: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.sleep(60)

    await response({"type": "http"}, receive, send)
    return b"".join(sent)


async def test_ndjson_holds_one_object_a_row_with_money_as_text(program: Program, exports: Exports):
    await fill(program, FULL, EMPTY)
    full, empty = (orjson.loads(line) for line in (await body_of(exports, ExportFormat.NDJSON)).splitlines())
    assert full == {
        "number": 1,
        "region": str(VILLAGE),
        "payee": "=HYPERLINK(1)",
        "amount_fen": "-1460000.05",
        "paid_on": "2024-02-29",
        "told_at": "2024-03-01T09:30:00+00:00",
        "final": True,
        "batch": str(BATCH),
    }
    assert empty == {"number": 2, "region": str(TOWN)}


async def test_csv_neutralises_what_a_spreadsheet_would_execute(program: Program, exports: Exports):
    await fill(program, FULL, EMPTY)
    body = await body_of(exports, ExportFormat.CSV)
    header, full, empty = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert header == [column.name for column in COLUMNS]
    assert full[2:4] == ["'=HYPERLINK(1)", "-1460000.05"]
    assert empty == ["2", str(TOWN), "", "", "", "", "", ""]


async def test_a_foreign_reader_finds_every_type_in_the_parquet_file(program: Program, exports: Exports, tmp_path):
    await fill(program, FULL, EMPTY)
    file = tmp_path / "paid.parquet"
    file.write_bytes(await body_of(exports, ExportFormat.PARQUET))
    with duckdb.connect() as reader:
        reader.execute("SET timezone = 'UTC'")
        rows = reader.execute("SELECT * EXCLUDE told_at, epoch(told_at) FROM read_parquet(?)", [str(file)]).fetchall()
        described = "SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet(?))"
        types = dict(reader.execute(described, [str(file)]).fetchall())
    seconds = FULL["told_at"].timestamp()
    assert rows[0] == (
        1,
        str(VILLAGE),
        "=HYPERLINK(1)",
        Decimal("-1460000.05"),
        date(2024, 2, 29),
        True,
        str(BATCH),
        seconds,
    )
    assert rows[1] == (2, str(TOWN), *[None] * 6)
    assert types["amount_fen"] == "DECIMAL(18,2)"
    assert types["told_at"] == "TIMESTAMP WITH TIME ZONE"


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_many_batches_are_one_file_with_every_row_once(
    program: Program, exports: Exports, form: ExportFormat, tmp_path
):
    count = 2 * BATCH_ROWS + 3
    async with program.database.transaction(Area.everywhere()) as connection:
        series = func.generate_series(1, count).column_valued("n")
        await connection.execute(insert(paid).from_select(["number", "region"], select(series, literal(VILLAGE))))
    file = tmp_path / f"paid.{form.value}"
    file.write_bytes(await body_of(exports, form))
    if form is ExportFormat.XLSX:
        sheet = load_workbook(file, read_only=True).worksheets[0]
        numbers = [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
        assert (len(numbers), len(set(numbers))) == (count, count)
        return
    reader = {"csv": "read_csv", "ndjson": "read_ndjson", "parquet": "read_parquet"}[form.value]
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT count(*), count(DISTINCT number) FROM {reader}(?)", [str(file)]).fetchone()
    assert found == (count, count)


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_no_rows_give_a_file_that_opens(exports: Exports, form: ExportFormat, tmp_path):
    body = await body_of(exports, form)
    if form is ExportFormat.PARQUET:
        (tmp_path / "empty.parquet").write_bytes(body)
        with duckdb.connect() as reader:
            count = reader.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "empty.parquet")])
            assert count.fetchone() == (0,)
    elif form is ExportFormat.CSV:
        assert body.decode("utf-8-sig").strip() == ",".join(column.name for column in COLUMNS)
    elif form is ExportFormat.XLSX:
        [header] = load_workbook(io.BytesIO(body)).worksheets[0].iter_rows(values_only=True)
        assert list(header) == [column.name for column in COLUMNS]
    else:
        assert body == b""


async def test_rows_outside_the_area_do_not_go_out_even_if_the_statement_forgets(program: Program, exports: Exports):
    await fill(program, FULL, {"number": 3, "region": 610998101203})
    lines = (await body_of(exports, ExportFormat.NDJSON)).splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == [1]


async def test_a_batch_may_be_transformed_on_its_way(program: Program, exports: Exports):
    await fill(program, FULL)
    body = await body_of(exports, ExportFormat.NDJSON, transform=lambda rows: [{**row, "payee": "***"} for row in rows])
    assert orjson.loads(body)["payee"] == "***"


async def test_a_slow_reader_holds_no_connection_of_the_requests_and_the_next_export_is_told_to_wait(
    program: Program, exports: Exports, monkeypatch
):
    monkeypatch.setattr(exports._database.engine.pool, "_timeout", 0.05)
    await fill(program, FULL)
    first = await exports.respond(STATEMENT, COLUMNS, area=Area.of(COUNTY), form=ExportFormat.CSV, name="paid")
    pool: Any = program.database.engine.pool
    assert pool.checkedout() == 0
    with pytest.raises(ExportsBusy) as refused:
        await body_of(exports, ExportFormat.CSV)
    assert refused.value.headers["Retry-After"] == "30"
    await download(first)
    assert b"HYPERLINK" in await body_of(exports, ExportFormat.CSV)


async def test_a_reader_who_goes_away_gives_the_connection_back(program: Program, exports: Exports):
    await fill(program, FULL)
    response = await exports.respond(STATEMENT, COLUMNS, area=Area.of(COUNTY), form=ExportFormat.CSV, name="paid")

    async def gone(_message: Any) -> None:
        raise OSError("the reader is gone")

    async def receive() -> Any:
        await asyncio.sleep(60)

    with pytest.raises(BaseException):  # noqa: B017, PT011  # Starlette wraps it in its own way
        await response({"type": "http"}, receive, gone)
    pool: Any = exports._database.engine.pool
    assert pool.checkedout() == 0


async def test_a_statement_that_fails_is_an_error_before_the_answer_begins(exports: Exports):
    broken = select(paid).where(literal("no number").cast(BigInteger) == 1)
    with pytest.raises(DBAPIError) as failed:
        await body_of(exports, ExportFormat.CSV, broken)
    assert sqlstate(failed.value) == "22P02"
    pool: Any = exports._database.engine.pool
    assert pool.checkedout() == 0
