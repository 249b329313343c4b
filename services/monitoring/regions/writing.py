"""Write divisions and say how each changed code stands now: one event and one version for a code, however many rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from sqlalchemy import BigInteger, ColumnElement, any_, cast, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from chassis.security.scope import Area, level_of
from services.monitoring.contract import RegionRecorded
from services.monitoring.regions.rules import Division, kind_of, parent
from services.monitoring.regions.tables import DivisionRow

KIND: Final = "region"
DIVISION: Final = rows(DivisionRow)

_UPSERT: Final = text(
    """
    INSERT INTO division (code, valid_from, valid_to, name, level, kind, parent, successor, version)
    SELECT code, valid_from, valid_to, name, level, kind, parent, successor, version
    FROM jsonb_populate_recordset(CAST(NULL AS division), CAST(:rows AS jsonb))
    ON CONFLICT (code, valid_from) DO UPDATE
    SET valid_to = excluded.valid_to, name = excluded.name, successor = excluded.successor,
        version = excluded.version, recorded_at = clock_timestamp()
    """
)


def division_id(code: int) -> UUID:
    """The id of a code in events and in the change feed."""
    return uuid5(NAMESPACE_URL, f"xianjie:region:{code:012d}")


async def rows_of(unit: UnitOfWork, codes: Iterable[int]) -> Sequence[Any]:
    """Every row of these codes, locked: whoever changes one of them waits."""
    wanted = sorted(set(codes))
    statement = select(DIVISION).where(DIVISION.c.code == any_(cast(wanted, ARRAY(BigInteger))))
    ordered = statement.order_by(DIVISION.c.code, DIVISION.c.valid_from).with_for_update()
    return (await unit.connection.execute(ordered)).all()


async def rows_within(unit: UnitOfWork, codes: Iterable[int]) -> Sequence[Any]:
    """Every row of these divisions and of those inside them, locked."""
    ranges: list[ColumnElement[bool]] = []
    for code in sorted(set(codes)):
        area = Area.of(code)
        ranges.append(DIVISION.c.code.between(area.lo, area.hi))
    ordered = select(DIVISION).where(or_(*ranges)).order_by(DIVISION.c.code, DIVISION.c.valid_from).with_for_update()
    return (await unit.connection.execute(ordered)).all()


def division_of(row: Any) -> Division:
    """A stored row as the rules read it."""
    return Division(row.code, row.name, row.valid_from, row.valid_to, row.successor)


async def write_divisions(
    unit: UnitOfWork, changed: Sequence[Division], known: Sequence[Any], *, action: str
) -> Mapping[int, int]:
    """Insert or replace ``changed`` by code and first day; ``known`` holds every stored row of their codes.

    Returns the version that each code has now.
    """
    versions: dict[int, int] = {}
    for row in known:
        versions[row.code] = max(versions.get(row.code, 0), row.version)
    standing: dict[int, dict[Any, Division]] = {}
    for division in (*map(division_of, known), *changed):
        standing.setdefault(division.code, {})[division.valid_from] = division
    codes = sorted({division.code for division in changed})
    versions = {code: versions.get(code, 0) + 1 for code in codes}
    if not codes:
        return versions
    written = [_row(division, versions[division.code]) for division in changed]
    await unit.connection.execute(_UPSERT, {"rows": orjson.dumps(written).decode()})
    for code in codes:
        latest = max(standing[code].values(), key=lambda division: division.valid_from)
        unit.record(
            action,
            Aggregate(KIND, division_id(code), code, versions[code]),
            fields=("name", "successor", "valid_from", "valid_to"),
            event=RegionRecorded(
                code=code,
                name=latest.name,
                level=level_of(code),
                parent=parent(code),
                valid_from=latest.valid_from,
                valid_to=latest.valid_to,
                successor=latest.successor,
            ),
        )
    return versions


def _row(division: Division, version: int) -> dict[str, Any]:
    return {
        "code": division.code,
        "valid_from": division.valid_from,
        "valid_to": division.valid_to,
        "name": division.name,
        "level": int(level_of(division.code)),
        "kind": kind_of(division.code).value,
        "parent": parent(division.code),
        "successor": division.successor,
        "version": version,
    }
