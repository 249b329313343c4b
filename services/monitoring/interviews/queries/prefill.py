"""What offices already know of a household, so that an interview asks about the rest alone.

A source is ``household.<column>`` or ``person.<column>`` of the registry, ``income.<group>`` of the income lines of the
last twelve whole months, ``record.<contract>.<column>`` (the latest record of the member, or of any member), or
``total.<contract>.<column>`` (the sum of the members' latest records).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.comparisons.queries.known import known_records
from services.monitoring.comparisons.rules import Known, latest
from services.monitoring.income.queries.lines import LINE, in_area
from services.monitoring.income.rules import decision_window
from services.monitoring.interviews.rules import Slot


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A known answer as it is kept.

    :param known_from: the source; ``known_on``: up to when it told it, if it says so.
    """

    value: Any
    known_from: str
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Sources:
    """Everything that may fill a field of one household."""

    household: Any
    members: Mapping[UUID, Any]
    totals_fen: Mapping[str, int]
    income_until: date
    records: Mapping[tuple[str, UUID], Sequence[Known]]

    def find(self, source: str, person: UUID | None) -> tuple[Any, date | None] | None:
        kind, _, name = source.partition(".")
        if kind == "household":
            return getattr(self.household, name), None
        if kind == "person":
            return None if person is None else (getattr(self.members[person], name), None)
        if kind == "income":
            return (self.totals_fen[name], self.income_until) if name in self.totals_fen else None
        dataset, _, column = name.rpartition(".")
        persons = list(self.members) if person is None else [person]
        found = [one for who in persons for one in self.records.get((dataset, who), ()) if column in one.payload]
        if not found:
            return None
        newest = max(found, key=lambda one: one.event_date or date.min)
        if kind == "total":
            return sum(one.payload[column] for one in found), newest.event_date
        return newest.payload[column], newest.event_date


async def prefill(
    unit: UnitOfWork, household: Any, members: Sequence[Any], fields: Sequence[Slot], *, on: date
) -> dict[str, Prefilled]:
    """The known answers by field, in three statements whatever the form asks.

    :param members: the rows of the present members.
    """
    wanted = {source for slot in fields for source in slot.question.known_from}
    datasets = {
        source.split(".", 1)[1].rpartition(".")[0] for source in wanted if source.startswith(("record.", "total."))
    }
    people = {row.id: row for row in members}
    window = decision_window(on)
    sources = _Sources(
        household=household,
        members=people,
        totals_fen=await _totals(unit, household.id, window.first, window.last),
        income_until=window.last,
        records=latest(await known_records(unit, list(people), datasets), {}),
    )
    found = {}
    for slot in fields:
        known = _known(slot, sources)
        if known is not None:
            found[slot.key] = known
    return found


def _known(slot: Slot, sources: _Sources) -> Prefilled | None:
    for source in slot.question.known_from:
        told = sources.find(source, slot.person)
        if told is None:
            continue
        value, known_on = told
        means = slot.question.means
        if means and not isinstance(value, bool):
            value = means.get(value)
        if isinstance(value, date):
            value = value.isoformat()
        if value is None or value in ([], ""):
            continue  # nobody wrote it down: that is no answer
        if slot.question.choices and not set(value if isinstance(value, list) else [value]) <= set(
            slot.question.choices
        ):
            continue
        return Prefilled(value, source, known_on)
    return None


async def _totals(unit: UnitOfWork, household_id: UUID, first: date, last: date) -> dict[str, int]:
    """Sums by group of income; a group without a line is not known to be nothing."""
    statement = (
        select(LINE.c.kind, func.sum(LINE.c.amount_fen).label("total_fen"))
        .where(
            LINE.c.household_id == household_id,
            in_area(unit),
            LINE.c.state == "active",
            LINE.c.counts_on.between(first, last),
        )
        .group_by(LINE.c.kind)
    )
    totals: dict[str, int] = {}
    for row in await unit.connection.execute(statement):
        group = IncomeLineKind(row.kind).group.value
        totals[group] = totals.get(group, 0) + int(row.total_fen)
    return totals
