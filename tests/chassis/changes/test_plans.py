"""The feed reads along its indexes as the role that serves it, at a county's size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, text

from chassis.changes import feed
from chassis.database.engine import driver_url
from chassis.database.provision import ServiceDatabase
from chassis.program import Program
from chassis.security.scope import Area
from chassis.testing import database as databases
from chassis.testing.programs import COUNTY

ROWS = 200_000
VILLAGES = 400

_FILL = f"""
    INSERT INTO change (kind, id, region, version, deleted, xid)
    SELECT (ARRAY['household', 'person', 'visit'])[1 + n % 3], gen_random_uuid(),
           {COUNTY} + (100 + n % 20) * 1000 + 200 + n % {VILLAGES}, 1, n % 100 = 7, (1000 + n)::text::xid8
    FROM generate_series(0, {ROWS - 1}) AS s(n);
    INSERT INTO change_fields (kind, id, version, region, xid, fields)
    SELECT kind, id, version, region, xid, ARRAY['name', 'members'] FROM change;
"""


@pytest.fixture(scope="module")
def filled(postgres_url) -> Iterator[ServiceDatabase]:
    """A feed of 200,000 things in 400 villages, made once."""
    kernel = databases.template(postgres_url, databases.template_name(MetaData()), None, MetaData())
    with databases.fresh(postgres_url, kernel) as database:
        _fill(database)
        yield database


@pytest.fixture
def county(filled, make_program) -> Program:
    return make_program(database=filled)


def _fill(database: ServiceDatabase) -> None:
    engine = create_engine(driver_url(database.migrate_url))
    with engine.begin() as connection:
        # The test's positions must lie below the horizon, whatever this cluster has counted so far.
        connection.execute(
            text(
                "INSERT INTO epoch (number, system_identifier, seals_kept, reason)"
                " SELECT 1, system_identifier, 0, 'test' FROM pg_control_system()"
            )
        )
        connection.execute(text(_FILL))
        connection.execute(text("SELECT set_config('role', regexp_replace(current_user, '_migrate$', '_owner'), true)"))
        connection.execute(text("ANALYZE change"))
        connection.execute(text("ANALYZE change_fields"))
    engine.dispose()


async def explain(program: Program, area: Area, *, xid: int) -> dict[str, Any]:
    statement = text("EXPLAIN (ANALYZE, FORMAT JSON) " + feed._EVERY_KIND.text).bindparams(
        *(feed._EVERY_KIND._bindparams[name] for name in ("lo", "hi"))
    )
    parameters = {
        "lo": area.lo,
        "hi": area.hi,
        "epoch": 0 if xid else -1,
        "xid": str(xid),
        "kind": "",
        "id": str(feed._NIL),
        "region": 0,
        "limit": 201,
    }
    async with program.database.transaction(area) as connection:
        plan: dict[str, Any] = (await connection.execute(statement, parameters)).scalar_one()[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def rows_read(plan: dict[str, Any], relation: str) -> int:
    """Rows of ``relation`` that were looked at, shown or not."""
    return sum(
        round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(plan)
        if node.get("Relation Name") == relation
    )


def assert_no_table_is_read_whole(plan: dict[str, Any]) -> None:
    scans = {(node["Node Type"], node.get("Relation Name")) for node in nodes(plan) if "Scan" in node["Node Type"]}
    assert ("Seq Scan", "change") not in scans
    assert ("Seq Scan", "change_fields") not in scans


@pytest.mark.parametrize("xid", [0, 120_000, 200_900], ids=["from the beginning", "half way", "nearly up to date"])
async def test_a_countys_feed_is_read_in_the_order_of_its_index(county, xid):
    plan = await explain(county, Area.of(COUNTY), xid=xid)
    assert_no_table_is_read_whole(plan)
    limited = next(node for node in nodes(plan) if node["Node Type"] == "Limit" and rows_read(node, "change"))
    assert all("Sort" not in node["Node Type"] for node in nodes(limited))
    assert any(node.get("Index Name") == "ix_change_epoch_xid_kind_id_region" for node in nodes(limited))
    assert rows_read(plan, "change") <= 250


async def test_a_village_starts_by_reading_its_own_rows(county):
    village = Area.of(COUNTY + 100 * 1000 + 200)
    plan = await explain(county, village, xid=0)
    assert_no_table_is_read_whole(plan)
    assert rows_read(plan, "change") <= 2 * ROWS // VILLAGES


async def test_a_village_that_is_up_to_date_reads_next_to_nothing(county):
    village = Area.of(COUNTY + 100 * 1000 + 200)
    plan = await explain(county, village, xid=200_990)
    assert_no_table_is_read_whole(plan)
    assert rows_read(plan, "change") <= ROWS // VILLAGES
