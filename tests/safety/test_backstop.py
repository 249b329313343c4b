"""The database itself shows nobody another area's rows, whatever a query forgets."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.database.engine import Database
from chassis.database.metadata import is_policed, kernel
from chassis.database.policies import guard_by_area
from chassis.security.scope import Area
from chassis.testing.programs import TOWN, VILLAGE
from services.monitoring.app import SERVICE
from tests.safety.running import Running, assert_every_region_is_guarded
from tests.safety.world import make_world

POLICED = sorted(
    table.name for metadata in (SERVICE.tables, kernel) for table in metadata.sorted_tables if is_policed(table)
)
POOL, USERS, SEED = 5, 1000, 20240603


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(service: Running) -> Running:
    """The service's database with a row of every kind that the API makes."""
    await make_world(service)
    return service


def rows_seen(url: str, table: str) -> int:
    with closing(psycopg.connect(url)) as connection:
        found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert found is not None
        return int(found[0])


@pytest.mark.asyncio(loop_scope="module")
async def test_every_table_with_a_region_is_forced_under_the_policy(filled):
    """The catalogue decides, not our metadata: a table that a migration made by hand counts too."""
    with closing(psycopg.connect(filled.database.migrate_url)) as connection:
        owner = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [f"{_template(filled)}_app"]
        ).fetchone()
    assert_every_region_is_guarded(filled.database, set(POLICED))
    assert owner == (False,)


def _template(service: Running) -> str:
    user = psycopg.conninfo.conninfo_to_dict(service.database.app_url)["user"]
    return str(user).removesuffix("_app")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("table", POLICED)
async def test_without_an_area_no_row_of_any_filled_table_is_seen(filled, table):
    if rows_seen(filled.database.migrate_url, table) == 0:
        await asyncio.to_thread(_put_a_row, filled.database.migrate_url, table)
    assert rows_seen(filled.database.migrate_url, table) > 0, "the table must hold something to hide"
    assert rows_seen(filled.database.app_url, table) == 0


def _put_a_row(url: str, table: str) -> None:
    """A row whose values mean nothing: constraints are off for it, since only its being seen matters."""
    with closing(psycopg.connect(url)) as connection:
        columns = connection.execute(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a
            WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
              AND (a.attnotnull OR a.attname = 'region') AND a.attidentity = '' AND a.attgenerated = ''
            """,
            [f'"{table}"'],
        ).fetchall()
        owner = connection.execute("SELECT regexp_replace(current_user, '_migrate$', '_owner')").fetchone()
        assert owner is not None
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner[0])))
        checks = connection.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')", [f'"{table}"']
        ).fetchall()
        for (name,) in checks:
            connection.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
            )
        connection.execute("RESET ROLE")
        values = [_value(name, kind) for name, kind in columns]
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(sql.Identifier(name) for name, _kind in columns),
                sql.SQL(", ").join(
                    sql.SQL("{}::" + kind).format(value) for (_n, kind), value in zip(columns, values, strict=True)
                ),
            )
        )
        connection.commit()


def _value(name: str, kind: str) -> Any:
    if name == "region":
        return VILLAGE
    known = {
        "uuid": "0190b7c2-0000-7000-8000-000000000001",
        "date": "2024-06-03",
        "boolean": "true",
        "jsonb": "{}",
        "bytea": r"\x00",
        "daterange": "empty",
        "int8range": "empty",
        "tstzrange": "empty",
        "xid8": "1",
    }
    if kind.endswith("[]"):
        return "{}"
    if kind.startswith("timestamp"):
        return "2024-06-03T00:00:00Z"
    return known.get(kind, "1")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_thousand_users_on_five_connections_never_see_each_others_rows(filled):
    """Each asks without any filter of its own, in an area of its own; some transactions fail midway, some are left."""
    dice = random.Random(SEED)
    villages = [TOWN + 300 + at for at in range(50)]
    database = Database(filled.database.app_url, pool_size=POOL)
    insert = text("INSERT INTO bleed_probe (region) VALUES (:region)")
    with closing(psycopg.connect(filled.database.migrate_url, autocommit=True)) as connection:
        user = psycopg.conninfo.conninfo_to_dict(filled.database.app_url)["user"]
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"{_template(filled)}_owner")))
        connection.execute("CREATE TABLE bleed_probe (region bigint NOT NULL)")
        for statement in guard_by_area("bleed_probe"):
            connection.execute(statement)
        connection.execute(sql.SQL("GRANT SELECT, INSERT ON bleed_probe TO {}").format(sql.Identifier(str(user))))
    seen: list[tuple[int, set[int]]] = []

    async def one(village: int, way: str) -> None:
        try:  # what a route does when its client goes, or its statement breaks
            async with database.transaction(Area.of(village)) as connection:
                await connection.execute(insert, {"region": village})
                await asyncio.sleep(dice.random() / 500)
                found = await connection.execute(text("SELECT DISTINCT region FROM bleed_probe"))
                seen.append((village, set(found.scalars())))
                if way == "fails":
                    await connection.execute(text("SELECT 1 / 0"))
                if way == "gives up":
                    raise asyncio.CancelledError
        except asyncio.CancelledError:
            return
        except DBAPIError:
            assert way == "fails"

    async def unbound() -> None:
        async with database.engine.connect() as connection:
            found = await connection.execute(text("SELECT count(*) FROM bleed_probe"))
            assert found.scalar_one() == 0, "a connection came back with somebody's area"

    limit = asyncio.Semaphore(40)

    async def bounded(work: Any) -> None:
        async with limit:
            await work

    ways = ["ends"] * 8 + ["fails", "gives up"]
    users = [one(dice.choice(villages), dice.choice(ways)) for _ in range(USERS)]
    strangers = [unbound() for _ in range(USERS // 10)]
    work = [*users, *strangers]
    dice.shuffle(work)
    try:
        await asyncio.gather(*(bounded(each) for each in work))
    finally:
        await database.close()
    assert len(seen) == USERS
    assert [(village, others) for village, others in seen if others != {village}] == []
