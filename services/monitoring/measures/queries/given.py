"""What households were given, from both sources, for whoever decides: one statement, however many are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.measures import MeasureEnd, MeasureTiming
from services.monitoring.codes.monitoring import MeasureKind, Risk

_BOTH: Final = """
    SELECT id, region, household_id, person_id, case_id, kind, scheme, risks, timing, started_on, ended_on,
           planned_end_on, amount_fen, end_reason
    FROM measure WHERE region BETWEEN :lo AND :hi AND state <> 'withdrawn'
    UNION ALL
    SELECT id, region, household_id, CAST(NULL AS uuid), CAST(NULL AS uuid), kind, CAST(NULL AS text),
           CAST(NULL AS text[]), CAST(NULL AS text), started_on, ended_on, CAST(NULL AS date), amount_fen,
           CAST(NULL AS text)
    FROM imported_measure WHERE region BETWEEN :lo AND :hi AND state = 'in_force'
"""
"""Every measure that counts; of one taken over, ``risks`` and ``timing`` are not known."""

_GIVEN: Final = text(
    f"""
    SELECT id, household_id, person_id, case_id, kind, risks, timing, started_on, ended_on, planned_end_on, amount_fen,
           end_reason
    FROM ({_BOTH}) AS given
    WHERE household_id = ANY(CAST(:households AS uuid[])) AND started_on <= :on ORDER BY started_on, id
    """  # noqa: S608  # constants only
)


@dataclass(frozen=True, slots=True)
class GivenMeasure:
    """A measure as it decides.

    :param risks: those that it answers; None where the source does not say.
    :param ended_on: last day; None while it runs. ``end_reason``: None where the source does not say.
    """

    id: UUID
    person_id: UUID | None
    case_id: UUID | None
    kind: MeasureKind
    risks: frozenset[Risk] | None
    timing: MeasureTiming | None
    started_on: date
    ended_on: date | None
    planned_end_on: date | None
    amount_fen: int | None
    end_reason: MeasureEnd | None = None

    def runs_on(self, day: date) -> bool:
        """Whether help is given on ``day``."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)

    def works_on(self, day: date, *, since: date | None) -> bool:
        """Whether its help counts on ``day``: it runs, or it was done as planned, ``since`` a day or later."""
        if self.runs_on(day):
            return True
        done = self.ended_on if self.end_reason is MeasureEnd.COMPLETED else None
        return done is not None and done <= day and (since is None or done >= since)

    def is_answer_to(self, risk: Risk, kinds: Sequence[MeasureKind]) -> bool:
        """Whether it is aimed at ``risk``: it names it, or does not say, and is one of ``kinds`` (any if empty)."""
        return (self.risks is None or risk in self.risks) and (not kinds or self.kind in kinds)


async def measures_of(
    unit: UnitOfWork, household_ids: Sequence[UUID], *, on: date
) -> Mapping[UUID, tuple[GivenMeasure, ...]]:
    """By household, the measures that had begun by ``on``, by first day; a household without any is there too."""
    given: dict[UUID, list[GivenMeasure]] = {household: [] for household in household_ids}
    binds = {"households": list(household_ids), "lo": unit.area.lo, "hi": unit.area.hi, "on": on}
    for row in await unit.connection.execute(_GIVEN, binds):
        given[row.household_id].append(
            GivenMeasure(
                id=row.id,
                person_id=row.person_id,
                case_id=row.case_id,
                kind=MeasureKind(row.kind),
                risks=None if row.risks is None else frozenset(map(Risk, row.risks)),
                timing=row.timing and MeasureTiming(row.timing),
                started_on=row.started_on,
                ended_on=row.ended_on,
                planned_end_on=row.planned_end_on,
                amount_fen=row.amount_fen,
                end_reason=row.end_reason and MeasureEnd(row.end_reason),
            )
        )
    return {household: tuple(known) for household, known in given.items()}
