"""No identity number lies readable in the database, PostgreSQL's log or ours, after people worked and failed."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.database.server import EmbeddedPostgres, remove
from chassis.security.masking import find_identity_numbers
from chassis.security.scope import Area, Role
from chassis.telemetry import configure_logging
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from tests.personas import CHEN, household, number, person
from tests.safety.maker import CHEN_NUMBER, DATASET, HEADINGS
from tests.safety.running import Running, running
from tests.safety.world import make_world

PURPOSE = "入户核对证件"
WRONG = "610999197403123011"
SECRETS = ("13800001234", "61099919480101305942")
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Scanned:
    """The service, its server's folder and superuser, and everything that was logged."""

    def __init__(
        self, service: Running, server_url: str, folder: Path, logged: io.StringIO, refused: list[httpx.Response]
    ) -> None:
        self.service = service
        self.server_url = server_url
        self.folder = folder
        self.logged = logged
        self.refused = refused

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(self.server_url, dbname=self.service.database.name))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Every row of every table of the database as text, the queue's and the events' too."""
        with closing(self.connect()) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            for schema, table in tables:
                name = sql.Identifier(schema, table)
                for (row,) in connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(name)):
                    yield table, row

    def server_log(self) -> str:
        logs = [path for path in self.folder.rglob("*") if path.is_file() and "log" in path.name and path.suffix != ""]
        return "\n".join(path.read_text("utf-8", errors="replace") for path in logs)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scanned(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scanned]:
    """A server of this module's own, since its whole log is read, after a day's work in the county."""
    folder = tmp_path_factory.mktemp("scanned")
    root = logging.getLogger()
    handlers, level, configured = root.handlers, root.level, structlog.get_config()
    logged, out = io.StringIO(), sys.stdout
    try:
        with EmbeddedPostgres.start(folder / "data", fsync=False) as server:
            sys.stdout = logged
            configure_logging("DEBUG")
            sys.stdout = out
            async with running(server.superuser_url(), folder / "files") as service:
                refused = await work(service)
                yield Scanned(service, server.superuser_url(), folder / "data", logged, refused)
    finally:
        sys.stdout = out
        root.handlers = handlers
        root.setLevel(level)
        structlog.configure(**configured)
        remove(folder / "data")


async def work(service: Running) -> list[httpx.Response]:
    """Make everything, then mistakes with real numbers wherever one can be made; gives the refusals."""
    await make_world(service)
    county = service.token(Role.COUNTY_OFFICER, COUNTY)
    cadre = service.token(Role.VILLAGE_CADRE, VILLAGE)
    clerk = service.token(Role.DEPARTMENT_CLERK, COUNTY, department="medical")
    disabled = person(name="陈父", disability_number=SECRETS[1], identity_number=SECRETS[1][:18], relation="02")
    made = await service.made("POST", "/households", county, json=household(members=[disabled]))
    someone = made["members"][0]["id"]
    body = {"purpose": PURPOSE, "fields": ["identity_number"]}
    shown = await service.made("POST", f"/persons/{someone}/reveal", cadre, json=body)
    assert shown["identity_number"] == SECRETS[1][:18]
    clash = CHEN | {"region": "610998101201"}
    outside = service.token(Role.COUNTY_OFFICER, 610998000000)
    bad = household(members=[person(identity_number=WRONG, name=CHEN_NUMBER)])
    csv = f"{HEADINGS}{CHEN_NUMBER},{CHEN_NUMBER},{CHEN_NUMBER},{CHEN_NUMBER}\r\n".encode()
    refused = [
        await service.ask("POST", "/households", county, json=CHEN),
        await service.ask("POST", "/households", outside, json=clash),
        await service.ask("POST", "/households", county, json=bad),
        await service.ask("POST", "/households", county, content=f'{{"region": "{CHEN_NUMBER}'.encode()),
        await service.ask("POST", "/households", county, json={CHEN_NUMBER: CHEN_NUMBER}),
        await service.ask("GET", f"/households/{CHEN_NUMBER}", county),
        await service.ask("POST", "/operations", cadre, json={"operations": [{"op_id": CHEN_NUMBER}]}),
        await service.ask("GET", "/households", county, params={CHEN_NUMBER: CHEN_NUMBER}),
        await service.ask("GET", "/households", county, params={"region": CHEN_NUMBER}),
        await service.ask("GET", "/households", county, params={"cursor": CHEN_NUMBER}),
        await service.ask("GET", "/households", CHEN_NUMBER),
        await service.ask("GET", "/households", county, headers={"Acting-As": CHEN_NUMBER}),
        await service.ask("POST", "/persons/search", county, json={"purpose": CHEN_NUMBER, "identity_number": WRONG}),
        await service.ask("POST", f"/persons/{someone}/reveal", county, json={"purpose": "", "fields": [CHEN_NUMBER]}),
        await service.ask("POST", "/lines", county, json={"kind": CHEN_NUMBER}),
        await service.ask(
            "POST", f"/datasets/{DATASET}/submissions", clerk, params={"period": CHEN_NUMBER}, content=csv
        ),
    ]
    assert {answer.status_code // 100 for answer in refused} == {4}, [answer.status_code for answer in refused]
    return refused


async def test_no_refusal_repeats_a_number_that_it_was_given(scanned):
    # RFC 9457 names the path that was asked for: the one place where the client's own address comes back.
    said = {
        f"{answer.request.method} {answer.request.url.path} {answer.json()['code']}": answer.json() | {"instance": ""}
        for answer in scanned.refused
    }
    assert [where for where, problem in said.items() if find_identity_numbers(str(problem))] == []


async def test_the_scanner_finds_a_planted_number(scanned):
    planted = number("19660606")
    with closing(scanned.connect()) as connection:
        connection.execute("CREATE TABLE planted (note text)")
        connection.execute("INSERT INTO planted VALUES (%s)", [f"证件00{planted}99止"])
        connection.commit()
        assert [table for table, row in scanned.rows() if find_identity_numbers(row)] == ["planted"]
        connection.execute("DROP TABLE planted")
        connection.commit()


async def test_the_database_holds_no_readable_number_phone_or_disability_number(scanned):
    rows = list(scanned.rows())
    assert len(rows) > 200
    assert {table for table, _row in rows} >= {"person", "person_number", "audit_entry", "outbox", "submission_row"}
    assert sorted({table for table, row in rows if find_identity_numbers(row)}) == []
    assert sorted({table for table, row in rows if any(secret in row for secret in SECRETS)}) == []


async def test_postgresqls_log_holds_no_number(scanned):
    with closing(scanned.connect()) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM only_to_write_a_line_in_the_log")
    log = scanned.server_log()
    assert "only_to_write_a_line_in_the_log" in log, "the scan must read the log that errors go to"
    assert find_identity_numbers(log) == []
    assert not any(secret in log for secret in SECRETS)


async def test_our_log_holds_no_number(scanned):
    structlog.get_logger("tests.safety").info("scan", note="one line to find")
    log = scanned.logged.getvalue()
    assert "one line to find" in log, "the scan must read the log that the service writes to"
    assert find_identity_numbers(log) == []
    assert not any(secret in log for secret in SECRETS)
    assert "陈大山" not in log


async def test_every_unmasking_is_in_the_audit_with_its_purpose(scanned):
    async with scanned.service.program.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(select(audit_entry).where(audit_entry.c.action == "person.reveal"))
        [entry] = found.all()
    assert (entry.reason, entry.fields, entry.role) == (PURPOSE, ["identity_number"], Role.VILLAGE_CADRE.value)
    assert entry.region in (VILLAGE, TOWN)
