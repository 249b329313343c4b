"""An import counts records, lists what is wrong, and comes out the same whether or not it was cut off on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.dialects.postgresql import insert
from tests_jobs_kinds import work

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.exports.stream import Exports
from chassis.files.files import Files
from chassis.files.media import TABLES
from chassis.files.sealed_store import SealedStore, open_objects
from chassis.http.application import create_app
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.import_model import (
    Atomic,
    Fate,
    ImportMode,
    ImportParameters,
    ImportRow,
    ImportStrategy,
    Outcome,
)
from chassis.jobs.import_routes import import_errors_router
from chassis.jobs.imports import import_kind
from chassis.jobs.tables import JobState, import_error, import_record, job
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program
from chassis.security.scope import Area, Permission, Role
from chassis.service import Service
from chassis.tabular import CellFault, Column, HeaderSpec, Kind
from chassis.testing.programs import COUNTY, TOWN, officer

QUICK = Pace(poll=0.02, heartbeat=0.1, keep=0.05, again=0.02)
RECORDS = UUID(int=1)
ODD = CellFault("odd", Message("只收偶数。", "Only even amounts are taken."), "amount")


class Sink:
    """Keeps one row of ``work`` for each number; odd amounts are refused, and a known number is updated."""

    columns = (
        Column(name="number", label="编号", kind=Kind.INTEGER, required=True),
        Column(name="amount", label="数量", kind=Kind.INTEGER, required=True),
    )
    header = HeaderSpec(columns)

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause

    async def apply(
        self, unit: UnitOfWork, chunk: Sequence[ImportRow], *, mode: ImportMode, strategy: ImportStrategy
    ) -> Sequence[Outcome]:
        await asyncio.sleep(self.pause)
        known = dict((await unit.connection.execute(select(work.c.number, work.c.run))).all())
        outcomes = []
        for row in chunk:
            number, amount = row.values["number"], row.values["amount"]
            fate, faults = self.judge(known.get(number), amount, strategy)
            if fate in (Fate.CREATED, Fate.UPDATED):
                known[number] = amount
                statement = insert(work).values(number=number, run=amount)
                await unit.connection.execute(
                    statement.on_conflict_do_update(index_elements=["number"], set_={"run": amount})
                )
            outcomes.append(Outcome(fate, uuid5(RECORDS, str(number)), faults))
        return outcomes

    @staticmethod
    def judge(before: int | None, amount: int, strategy: ImportStrategy) -> tuple[Fate, tuple[CellFault, ...]]:
        if amount % 2:
            return Fate.IGNORED, (ODD,)
        if before == amount:
            return Fate.UNCHANGED, ()
        refused = ImportStrategy.UPDATE if before is None else ImportStrategy.CREATE
        if strategy is refused:
            return Fate.IGNORED, ()
        return (Fate.CREATED if before is None else Fate.UPDATED), ()


def kind(**options: Any) -> JobKind[ImportParameters]:
    pause = options.pop("pause", 0.0)
    return import_kind("numbers_import", lambda _job: Sink(pause), **{"chunk_rows": 3, **options})


@pytest.fixture
def program(make_job_program, tmp_path: Path) -> Program:
    made = make_job_program()
    made.extras[Files] = Files(SealedStore(open_objects(tmp_path / "store"), made.vault.encryptor))
    return made


def table_of(*rows: tuple[Any, Any]) -> bytes:
    return "".join(["编号,数量\n", *(f"{number},{amount}\n" for number, amount in rows)]).encode()


async def ask(program: Program, content: bytes, of: JobKind[ImportParameters], **options: Any) -> UUID:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    files = Files.of(program)
    received = await files.receive(chunks(), limit_bytes=1 << 20, accepted=TABLES)
    async with program.unit(officer()) as unit:
        file, _ = await files.keep(unit, received, purpose="import", region=COUNTY, keep_days=1)
        return await defer(unit, of, ImportParameters(file_id=file.id, **options), COUNTY)


@asynccontextmanager
async def working(program: Program, of: JobKind[Any]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(JobWorker(program, [of], pace=QUICK).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def row_of(program: Program, job_id: UUID) -> Any:
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(job).where(job.c.id == job_id))).one()


async def over(program: Program, job_id: UUID) -> Any:
    async with asyncio.timeout(25):
        while not JobState((row := await row_of(program, job_id)).state).is_final:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return row


async def imported(program: Program, content: bytes, of: JobKind[Any] | None = None, **options: Any) -> Any:
    of = of or kind()
    asked = await ask(program, content, of, **options)
    async with working(program, of):
        return await over(program, asked)


async def rows(program: Program, table: Any) -> list[tuple[Any, ...]]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]


def counts(**given: int) -> dict[str, int]:
    zero = dict.fromkeys(("created", "updated", "unchanged", "ignored", "total", "rows", "refused"), 0)
    return zero | given


async def test_records_are_counted_once_however_many_rows_touch_them(program: Program):
    # 1 is created, then updated, in different chunks; 2 is created and then unchanged; 3 is refused, then created.
    content = table_of((1, 2), (2, 4), (3, 5), (1, 6), (2, 4), (3, 8), (4, 7))
    row = await imported(program, content)
    assert row.result == counts(created=3, ignored=1, total=4, rows=7, refused=2)
    assert [line[:2] for line in await rows(program, work)] == [(1, 6), (2, 4), (3, 8)]
    assert await rows(program, import_record) == [], "what the counting needed is gone"


async def test_faults_of_form_and_of_judgement_are_listed_with_the_senders_row(program: Program):
    row = await imported(program, table_of((1, 2), ("x", "y"), (3, 5), (4, 6)))
    assert row.result == counts(created=2, ignored=2, total=4, rows=4, refused=2)
    found = [(line[1], line[2], line[4]) for line in await rows(program, import_error)]
    assert found == [(3, 0, "number"), (3, 1, "amount"), (4, 0, "amount")]


async def test_a_strategy_bounds_what_is_done(program: Program):
    await imported(program, table_of((1, 2)))
    create = await imported(program, table_of((1, 4), (2, 4)), strategy=ImportStrategy.CREATE)
    assert create.result == counts(created=1, ignored=1, total=2, rows=2)
    update = await imported(program, table_of((1, 8), (3, 4)), strategy=ImportStrategy.UPDATE)
    assert update.result == counts(updated=1, ignored=1, total=2, rows=2)
    assert [line[:2] for line in await rows(program, work)] == [(1, 8), (2, 4)]


async def test_validation_tells_what_would_happen_and_changes_nothing(program: Program):
    content = table_of((1, 2), (2, 4), (3, 5), (1, 6), (4, 8))
    judged = await imported(program, content, mode=ImportMode.VALIDATE)
    assert await rows(program, work) == []
    assert len(await rows(program, import_error)) == 1
    done = await imported(program, content)
    assert judged.state == done.state == "succeeded"
    assert judged.result == done.result == counts(created=3, ignored=1, total=4, rows=5, refused=1)


async def test_one_wrong_row_refuses_the_whole_file_if_asked_to(program: Program):
    row = await imported(program, table_of((1, 2), (2, 4), (3, 6), (4, 7)), atomic=Atomic.ALL)
    assert (row.state, row.error_code) == ("failed", "import_refused")
    assert await rows(program, work) == []
    assert [line[1] for line in await rows(program, import_error)] == [5]
    good = await imported(program, table_of((1, 2), (2, 4), (3, 6), (4, 8)), atomic=Atomic.ALL)
    assert good.result == counts(created=4, total=4, rows=4)
    assert len(await rows(program, work)) == 4


@pytest.mark.parametrize("options", [{"atomic": Atomic.ALL}, {"mode": ImportMode.VALIDATE}])
async def test_a_file_too_long_for_one_transaction_is_refused(program: Program, options: dict[str, Any]):
    content = table_of(*((n, 2 * n) for n in range(10)))
    row = await imported(program, content, kind(whole_rows_max=8), **options)
    assert (row.state, row.error_code) == ("failed", "too_many_rows_for_one_transaction")
    assert await rows(program, work) == []
    assert (await imported(program, content, kind(whole_rows_max=8))).state == "succeeded"


async def test_a_file_with_other_columns_fails_with_the_reason(program: Program):
    row = await imported(program, "甲,乙\n1,2\n".encode())
    assert row.state == "failed"
    assert row.error_code not in (None, "internal")


async def test_an_import_cut_off_again_and_again_counts_what_an_undisturbed_one_counts(program: Program):
    pairs = [(n % 12, 2 * n if n % 5 else 2 * n + 1) for n in range(30)]
    slow = kind(pause=0.04)
    asked = await ask(program, table_of(*pairs), slow)
    starts = 0
    while not JobState((await row_of(program, asked)).state).is_final:
        starts += 1
        assert starts < 50
        before = (await row_of(program, asked)).progress_done
        async with working(program, slow), asyncio.timeout(25):
            while (row := await row_of(program, asked)).progress_done == before:
                await asyncio.sleep(0.01)
                if row.state == "succeeded":
                    break
    assert starts > 2
    row = await row_of(program, asked)
    assert row.result == counts(created=12, total=12, rows=30, refused=6)
    last = {number: amount for number, amount in pairs if amount % 2 == 0}
    assert [line[:2] for line in await rows(program, work)] == sorted(last.items())
    assert len(await rows(program, import_error)) == 6


async def test_progress_is_seen_while_the_rows_go_in(program: Program):
    slow = kind(pause=0.05)
    asked = await ask(program, table_of(*((n, 2 * n) for n in range(12))), slow)
    seen = set()
    async with working(program, slow):
        async with asyncio.timeout(25):
            while (row := await row_of(program, asked)).state != "succeeded":
                seen.add(row.progress_done)
                await asyncio.sleep(0.01)
    assert {3, 6, 9} <= seen
    assert (row.progress_done, row.progress_total) == (12, 12)


def test_a_refused_row_cannot_be_counted_as_done():
    with pytest.raises(ValueError, match="refused"):
        Outcome(Fate.CREATED, None, (ODD,))


def test_a_row_shows_no_value_in_its_repr():
    assert "张三" not in repr(ImportRow(3, {"name": "张三"}))


@dataclass
class Token:
    subject: str


READ = Permission("import_read", frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER}))


@asynccontextmanager
async def client(program: Program, actor: Any) -> AsyncIterator[httpx.AsyncClient]:
    async def verify(_text: str) -> Token:
        return Token(actor.subject)

    program.verify = verify
    program.choose = lambda _token, _acting_as, _on: actor.assignment
    program.extras[Exports] = Exports(program)
    service = Service("test", Message("测试", "Test"), MetaData(), Path(), [import_errors_router("test", READ)])
    transport = httpx.ASGITransport(create_app(service, program))
    headers = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
        yield made
    await Exports.of(program).close()


async def test_the_errors_are_a_page_and_a_file_in_the_readers_language(program: Program):
    row = await imported(program, table_of(*((n, 3) for n in range(5))))
    async with client(program, officer()) as http:
        url = f"/v1/test/jobs/{row.id}/errors"
        seen: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = (await http.get(url, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            seen += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        file = await http.get(f"{url}/file", headers={"Accept-Language": "en"})
    assert seen == [{"row": n + 2, "column": "amount", "code": "odd", "message": "只收偶数。"} for n in range(5)]
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "row,column,code,message"
    assert lines[1] == "2,amount,odd,Only even amounts are taken."
    assert len(lines) == 6


async def test_the_errors_of_a_county_are_not_there_for_a_town(program: Program):
    row = await imported(program, table_of((1, 3)))
    async with client(program, officer(Role.TOWN_OFFICER, TOWN)) as http:
        for path in ("errors", "errors/file"):
            assert (await http.get(f"/v1/test/jobs/{row.id}/{path}")).status_code == 404
