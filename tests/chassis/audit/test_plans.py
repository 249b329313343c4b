"""Sealing and an auditor's questions read along indexes as the role that serves them, at size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.dialects import postgresql

from chassis.audit import sealer
from chassis.audit.queries import _entries
from chassis.audit.schemas import AuditQuery
from chassis.audit.tables import audit_entry
from chassis.database.engine import driver_url
from chassis.database.provision import ServiceDatabase
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing import database as databases
from chassis.testing.programs import COUNTY

ROWS = 200_000

_FILL = f"""
    INSERT INTO audit_entry (time, business_date, subject, assignment, role, action, kind, entity_id, version, region,
                             fields)
    SELECT timestamptz '2024-01-01 00:00+08' + n * interval '2 minutes', '2024-01-01', 'test:' || n % 500,
           gen_random_uuid(), 'county_officer', 'thing.changed', 'thing', gen_random_uuid(), 1, {COUNTY} + n % 400,
           ARRAY['name']
    FROM generate_series(1, {ROWS}) AS s(n);
    INSERT INTO audit_read (entity_id, entry_id, region)
    SELECT gen_random_uuid(), id, region FROM audit_entry WHERE id % 10 = 0;
    INSERT INTO audit_seal (sequence, entry_id, epoch, xid, form, mac, key_id)
    SELECT id, id, epoch, xid, 1, 'x', 'test' FROM audit_entry WHERE id <= {ROWS - 1000};
"""


@pytest.fixture(scope="module")
def filled(postgres_url) -> Iterator[ServiceDatabase]:
    """200,000 entries over nine months, all but the last thousand sealed."""
    kernel = databases.template(postgres_url, databases.template_name(MetaData()), None, MetaData())
    with databases.fresh(postgres_url, kernel) as database:
        engine = create_engine(driver_url(database.migrate_url))
        with engine.begin() as connection:
            connection.execute(text(_FILL))
            owner = text("SELECT set_config('role', regexp_replace(current_user, '_migrate$', '_owner'), true)")
            connection.execute(owner)
            for table in ("audit_entry", "audit_read", "audit_seal"):
                connection.execute(text(f"ANALYZE {table}"))
        engine.dispose()
        yield database


async def scanned_whole(program, statement: str, parameters: dict[str, Any]) -> set[str]:
    """Relations that the plan reads from end to end."""
    area = Area.of(COUNTY)
    async with program.database.transaction(area) as connection:
        plan = (await connection.execute(text("EXPLAIN (FORMAT JSON) " + statement), parameters)).scalar_one()

    def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node.get("Plans", ()):
            yield from nodes(child)

    return {node["Relation Name"] for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"}


async def test_the_sealer_reads_on_from_the_last_seal(filled, make_program):
    program = make_program(database=filled)
    async with program.database.transaction(Area.everywhere()) as connection:
        xid = (await connection.execute(text("SELECT max(xid)::text FROM audit_seal"))).scalar_one()
    position = {"epoch": 0, "xid": xid, "id": ROWS - 1000, "current": 0, "batch": 2000}
    assert await scanned_whole(program, sealer._NEXT.text, position) == set()
    assert await scanned_whole(program, sealer._LAST.text, {}) == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"entity_id": new_id()},
        {"subject": "test:7"},
        {"from_day": date(2024, 3, 1), "to_day": date(2024, 3, 31)},
        {"subject": "test:7", "from_day": date(2024, 3, 1)},
    ],
    ids=["thing", "subject", "period", "subject since"],
)
async def test_an_auditors_question_reads_no_table_whole(filled, make_program, asked):
    query = AuditQuery(**asked)
    area = Area.of(COUNTY)
    statement = _entries(query).where(audit_entry.c.region.between(area.lo, area.hi))
    statement = statement.order_by(audit_entry.c.id.desc()).limit(query.limit + 1)
    compiled = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    assert await scanned_whole(make_program(database=filled), compiled.replace(":", r"\:"), {}) == set()
