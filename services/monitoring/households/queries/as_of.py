"""Show a household or person as they were on a day, as known at an instant; asked again, the answer is the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, func, literal, select, text
from sqlalchemy.sql.expression import TextualSelect

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from services.monitoring.households.queries.one import show_household, show_person
from services.monitoring.households.schemas import HouseholdRead, PersonRead
from services.monitoring.households.schemas.patches import StateQuery
from services.monitoring.households.tables import Household, HouseholdHistory, Person, PersonHistory
from services.monitoring.households.versions import sealed_columns
from services.monitoring.regions.queries.pasts import lay_there, reach_pasts

_NOT_YET = Message("只能查询今天或之前的状态。", "Ask for a state of today or earlier.")
_NOT_KNOWN = Message("请填写现在或之前的时刻。", "Give the present instant or an earlier one.")
_NOTHING = Message("当日本辖区内没有这条记录。", "There was no such record in your area on that day.")


async def household_as_of(unit: UnitOfWork, household_id: UUID, query: StateQuery) -> HouseholdRead:
    """The household with those who belonged to it.

    An area answers for the days on which the household lay in it, or in a division that became part of it: what came
    before a move is asked where it lay.

    :raises NotFound: if there was none in the caller's area.
    :raises InvalidInput: for a day or an instant that has not come.
    """
    asked = await _asked(unit, query)
    household = (await unit.connection.execute(_HOUSEHOLD, {**asked, "id": household_id})).one_or_none()
    if household is None:
        raise NotFound(_NOTHING)
    members = (await unit.connection.execute(_MEMBERS, {**asked, "id": household_id})).all()
    shown = show_household(unit, household, members, open_findings=None)
    # Births and deaths are told late: who belonged to it on the day says more than the version of that day, which
    # did not know of them.
    return shown.model_copy(update={"member_count": sum(member.state == "active" for member in members)})


async def person_as_of(unit: UnitOfWork, person_id: UUID, query: StateQuery) -> PersonRead:
    """The person; errors as :func:`household_as_of`."""
    asked = await _asked(unit, query)
    person = (await unit.connection.execute(_PERSON, {**asked, "id": person_id})).one_or_none()
    if person is None:
        raise NotFound(_NOTHING)
    return show_person(unit, person)


async def _asked(unit: UnitOfWork, query: StateQuery) -> Mapping[str, Any]:
    today = unit.clock.today()
    faults = []
    if query.on is not None and query.on > today:
        faults.append(Fault("on", "day_not_come", _NOT_YET))
    if query.known_at is not None:
        # The database's own time: it stamped the versions.
        to_come = select(func.clock_timestamp() < literal(query.known_at))
        if (await unit.connection.execute(to_come)).scalar_one():
            faults.append(Fault("known_at", "instant_not_come", _NOT_KNOWN))
    if faults:
        raise InvalidInput(faults=faults)
    return {"on": query.on or today, "known_at": query.known_at, **await reach_pasts(unit)}


def _state_of(table: Table, history: Table, chosen: str, kept: str = "true") -> TextualSelect:
    """The highest version of each of the ``chosen`` that holds on ``:on`` and was recorded by ``:known_at``."""
    sealed = frozenset(sealed_columns(table))
    now = ", ".join(f"present.{column.name}" for column in table.columns)
    then = ", ".join(
        f"past.{column.name}" if column.name in sealed else f"said.{column.name}" for column in table.columns
    )
    # Names come from the metadata, values are bound.
    statement = f"""
        SELECT * FROM (
            SELECT DISTINCT ON (id) * FROM (
                SELECT {now} FROM {table.name} AS present
                WHERE present.id {chosen} AND present.region BETWEEN :lo AND :hi
                UNION ALL
                SELECT {then} FROM {history.name} AS past,
                     jsonb_populate_record(CAST(NULL AS {table.name}), past.document) AS said
                WHERE past.id {chosen} AND {lay_there(table.name)}
                  -- What replaced it may lie in an area that this one does not see.
                  AND NOT (past.valid_to <= CAST(:on AS date)
                           AND (CAST(:known_at AS timestamptz) IS NULL
                                OR past.replaced_at <= CAST(:known_at AS timestamptz)))
            ) AS version
            WHERE valid_from <= CAST(:on AS date)
              AND (CAST(:known_at AS timestamptz) IS NULL OR recorded_at <= CAST(:known_at AS timestamptz))
            ORDER BY id, version DESC
        ) AS state WHERE {kept}
    """  # noqa: S608
    return text(statement).columns(*table.columns)


_EVER_MEMBERS: Final = f"""IN (
    SELECT id FROM person WHERE household_id = :id AND region BETWEEN :lo AND :hi
    UNION SELECT id FROM person_history AS past WHERE household_id = :id AND {lay_there("person")}
)"""  # noqa: S608  # constants only
_HOUSEHOLD: Final = _state_of(rows(Household), rows(HouseholdHistory), "= :id")
_PERSON: Final = _state_of(rows(Person), rows(PersonHistory), "= :id")
_MEMBERS: Final = _state_of(
    rows(Person),
    rows(PersonHistory),
    _EVER_MEMBERS,
    "household_id = :id ORDER BY state <> 'active', relation, birth_date, id",
)
