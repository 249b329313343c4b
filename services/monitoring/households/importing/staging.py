"""Copy prepared rows into temporary tables of the session, and write them from there in a few statements.

COPY into a table with row-level security is refused by PostgreSQL; INSERT … SELECT goes under the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.contract import HouseholdRecorded, PersonRecorded
from services.monitoring.households.importing.model import Prepared
from services.monitoring.households.importing.rows import (
    FINDING_COLUMNS,
    HOUSEHOLD_COLUMNS,
    OLDER_COLUMNS,
    PERSON_COLUMNS,
)

_TABLES: Final = {
    "import_household": (
        "ord int, id uuid, event_id uuid, region bigint, registration_region bigint, valid_from date,"
        " member_count smallint, national_no text, address text, contact_phone bytea, is_lifted boolean,"
        " lifted_year smallint, is_resettled boolean, land_mu_hundredths bigint, event_data jsonb"
    ),
    "import_person": (
        "ord int, place int, id uuid, household_id uuid, event_id uuid, region bigint, valid_from date, name text,"
        " identity_number bytea, no_number_reason text, birth_date date, sex text, relation text, ethnicity text,"
        " marriage text, education text, school_stage text, labour_skill text, health text[],"
        " disability_number bytea, disability_class text, disability_level text, phone bytea, is_insured boolean,"
        " is_left_behind boolean, is_soldier boolean, national_no text, blind_index bytea, event_data jsonb"
    ),
    "import_finding": (
        "ord int, id uuid, region bigint, household_id uuid, person_id uuid, code text, field text,"
        " message_zh text, message_en text"
    ),
    "import_older": "ord int, place int, blind_index bytea",
}
_ASIDE: Final = {"ord", "place", "event_id", "event_data", "blind_index"}
_HOUSEHOLD, _PERSON, _FINDING = (
    ", ".join(name for name in columns if name not in _ASIDE)
    for columns in (HOUSEHOLD_COLUMNS, PERSON_COLUMNS, FINDING_COLUMNS)
)

# Names above are constants, values are bound.

# The LIMIT makes it a look into the index for each number; a join would read the whole registry for every chunk.
_OWNERS: Final = text(
    """
    WITH handed_in AS (
        SELECT ord, place, blind_index FROM import_person WHERE blind_index IS NOT NULL
        UNION ALL SELECT ord, place, blind_index FROM import_older
    )
    SELECT i.ord, i.place, n.person_id, p.household_id, p.state
    FROM handed_in AS i
    CROSS JOIN LATERAL (SELECT person_id FROM person_number WHERE blind_index = i.blind_index LIMIT 1) AS n
    LEFT JOIN person AS p ON p.id = n.person_id AND p.region BETWEEN :lo AND :hi
    """
)
_NAMED: Final = text(
    """
    SELECT i.ord, h.id FROM import_household AS i JOIN household AS h ON h.id = i.id AND h.region BETWEEN :lo AND :hi
    UNION SELECT i.ord, h.id FROM import_household AS i
    JOIN household AS h ON h.national_no = i.national_no AND h.region BETWEEN :lo AND :hi
    UNION SELECT i.ord, p.household_id FROM import_person AS i
    JOIN person AS p ON p.id = i.id AND p.region BETWEEN :lo AND :hi
    """
)
_INSERTS: Final = (
    text(
        f"""
        INSERT INTO household ({_HOUSEHOLD}, risks, state, origin, version, recorded_at)
        SELECT {_HOUSEHOLD}, '{{}}', 'active', 'imported', 1, :at FROM import_household
        """  # noqa: S608
    ),
    text(
        f"""
        INSERT INTO person ({_PERSON}, state, version, recorded_at)
        SELECT {_PERSON}, 'active', 1, :at FROM import_person
        """  # noqa: S608
    ),
    text(
        """
        INSERT INTO person_number (blind_index, person_id, kind)
        SELECT blind_index, id, 'current' FROM import_person WHERE blind_index IS NOT NULL
        """
    ),
)
_FINDINGS: Final = text(
    f"""
    INSERT INTO finding ({_FINDING}, state, found_on, version)
    SELECT {_FINDING}, 'open', :today, 1 FROM import_finding
    """  # noqa: S608
)
_RECORDS: Final = f"""
    SELECT 'household.register' AS action, 'household' AS kind, id AS entity_id, region,
           event_id, '{HouseholdRecorded.wire_type()}' AS event_type, event_data
    FROM import_household
    UNION ALL
    SELECT 'person.register', 'person', id, region, event_id, '{PersonRecorded.wire_type()}', event_data
    FROM import_person
    UNION ALL
    SELECT 'finding.open', 'finding', id, region, NULL, NULL, NULL FROM import_finding
"""  # noqa: S608


@dataclass(slots=True)
class Known:
    """What the registry knows of one household of the file.

    :param households: those in the area that it may be, by its members' numbers or by its own id and number.
    :param members: by place: the person who bears the number; ``elsewhere``: persons outside the area; ``ended``:
        places of members who died, moved out or were removed.
    """

    households: set[UUID] = field(default_factory=set)
    members: dict[int, UUID] = field(default_factory=dict)
    elsewhere: dict[int, UUID] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)


async def stage(unit: UnitOfWork, prepared: Prepared) -> None:
    """Copy the rows into temporary tables, without those that wait for an earlier household of the chunk."""
    raw = (await unit.connection.get_raw_connection()).driver_connection
    assert raw is not None
    async with raw.cursor() as cursor:
        await cursor.execute("SET LOCAL work_mem = '64MB'", prepare=False)
        for name, columns in _TABLES.items():
            await cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}", prepare=False)
            await cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP", prepare=False)
        for name, copied, rows in (
            ("import_household", HOUSEHOLD_COLUMNS, prepared.households),
            ("import_person", PERSON_COLUMNS, prepared.persons),
            ("import_finding", FINDING_COLUMNS, prepared.findings),
            ("import_older", OLDER_COLUMNS, prepared.older),
        ):
            if rows:
                async with cursor.copy(f"COPY {name} ({', '.join(copied)}) FROM STDIN (FORMAT binary)") as copy:
                    await copy.write(rows)
    await unstage(unit, prepared.again)


async def unstage(unit: UnitOfWork, places: Sequence[int]) -> None:
    """Take households out of the temporary tables: they are not to be created."""
    if places:
        for name in _TABLES:
            await unit.connection.execute(
                text(f"DELETE FROM {name} WHERE ord = ANY(:places)"),  # noqa: S608
                {"places": list(places)},
            )


async def find_known(unit: UnitOfWork, *, named: bool) -> dict[int, Known]:
    """Which staged households meet the registry, by their place.

    :param named: whether any carries an id or a national number.
    """
    area = {"lo": unit.area.lo, "hi": unit.area.hi}
    known: dict[int, Known] = {}
    for row in await unit.connection.execute(_OWNERS, area):
        met = known.setdefault(row.ord, Known())
        if row.household_id is None:
            met.elsewhere[row.place] = row.person_id
        elif row.state != "active":
            met.ended.append(row.place)
        else:
            met.members[row.place] = row.person_id
            met.households.add(row.household_id)
    if named:
        for row in await unit.connection.execute(_NAMED, area):
            known.setdefault(row.ord, Known()).households.add(row.id)
    return known


async def create_staged(unit: UnitOfWork, *, at: Any) -> None:
    """Register every staged household, and write down that it happened.

    :param at: the instant that the rows carry as recorded.
    """
    for statement in _INSERTS:
        await unit.connection.execute(statement, {"at": at} if "at" in statement.compile().params else {})
    await unit.connection.execute(_FINDINGS, {"today": unit.clock.today()})
    await unit.record_new_from(_RECORDS, {})
