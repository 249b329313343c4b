"""What has to hold of a measure before it is kept: its days, its member, its evidence, its scheme's conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.files.files import hold
from chassis.parameters.reader import ParameterMissing
from services.monitoring.codes.measures import MeasureScheme, MeasureTiming
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.work_and_school import SchoolStage
from services.monitoring.evidence import NO_EVIDENCE, evidence_of
from services.monitoring.households.queries.one import member_rows
from services.monitoring.measures import thresholds
from services.monitoring.measures.rules.course import Span, refusals_of_course, timing_of
from services.monitoring.measures.rules.schemes import Beneficiary, Limits, Proposed, refusals_of_scheme
from services.monitoring.measures.schemas import MeasureTerms
from services.monitoring.parameters import book_of
from services.monitoring.registers.thresholds import SCHOOL_YEAR_MONTH

KIND: Final = "measure"
EVIDENCE_PURPOSE: Final = "measure_evidence"
_NOT_A_MEMBER: Final = Message("此人不是该户成员，请核对。", "This person is no member of the household; check the id.")
_TWICE: Final = Message("同一风险只选一次。", "Name each risk once.")

# A clue that went into a case counts until the household was eliminated; one that was dismissed, until that day.
_EVENTS: Final = text(
    """
    WITH registered AS (
        SELECT registered_on, max(eliminated_on) AS eliminated_on FROM (
            SELECT registered_on, eliminated_on FROM household
            WHERE id = :household AND region BETWEEN :lo AND :hi AND registered_on IS NOT NULL
            UNION ALL
            SELECT registered_on, eliminated_on FROM monitoring_fact
            WHERE household_id = :household AND region BETWEEN :lo AND :hi
        ) AS said GROUP BY registered_on
    )
    SELECT registered_on AS first, eliminated_on AS until FROM registered
    UNION ALL
    SELECT clue.raised_on, CASE
        WHEN clue.state = 'dismissed' THEN CAST(clue.judged_at AT TIME ZONE 'Asia/Shanghai' AS date)
        WHEN clue.state = 'in_case' THEN (
            SELECT min(registered.eliminated_on) FROM registered WHERE registered.eliminated_on >= clue.raised_on
        ) END
    FROM clue WHERE clue.household_id = :household AND clue.region BETWEEN :lo AND :hi AND clue.state <> 'withdrawn'
    """
)


# Two contracts of one household that are recorded at once would each find the limit free.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('measures.scheme:' || :household, 0))")
# A loan counts while it runs; a grant in its school year. Both limits are of all contracts together, not of each.
_GIVEN: Final = text(
    """
    SELECT CAST(coalesce(sum(amount_fen), 0) AS bigint) FROM measure
    WHERE household_id = :household AND region BETWEEN :lo AND :hi AND state <> 'withdrawn' AND scheme = :scheme
      AND id IS DISTINCT FROM CAST(:but AS uuid)
      AND CASE scheme WHEN 'micro_credit' THEN started_on <= :until
                           AND coalesce(ended_on, planned_end_on, 'infinity') >= :on
                      ELSE person_id = CAST(:person AS uuid) AND started_on BETWEEN :first AND :last END
    """
)


async def faults_of(
    unit: UnitOfWork, household: Any, said: Mapping[str, Any], *, but: UUID | None = None
) -> list[Fault]:
    """Everything that stands against keeping ``said``, the columns of a measure, for this household.

    :param but: the measure that ``said`` amends.
    """
    faults = refusals_of_course(said["started_on"], said["planned_end_on"], today=unit.clock.today())
    if len(set(said["risks"])) < len(said["risks"]):
        faults.append(Fault("/risks", "risk_twice", _TWICE))
    person = None
    if said["person_id"] is not None:
        members = {row.id: row for row in await member_rows(unit, household.id)}
        person = members.get(said["person_id"])
        if person is None:
            faults.append(Fault("/person_id", "not_a_member", _NOT_A_MEMBER))
    file_id = said["evidence_file_id"]
    if file_id is not None and await evidence_of(unit, file_id, purpose=EVIDENCE_PURPOSE) is None:
        faults.append(Fault("/evidence_file_id", "evidence_unknown", NO_EVIDENCE))
    if said["scheme"] is not None:
        given = await _given(unit, household, said, but)
        faults += refusals_of_scheme(_proposed(said, person, given), await _limits(unit, household.region, said))
    return faults


async def timing(unit: UnitOfWork, household_id: UUID, said: Mapping[str, Any]) -> MeasureTiming:
    """Whether the measure came before the event or after it (X-05)."""
    binds = {"household": household_id, "lo": unit.area.lo, "hi": unit.area.hi}
    found = await unit.connection.execute(_EVENTS, binds)
    spans = [Span(row.first, row.until) for row in found]
    return timing_of(said["started_on"], spans, has_case=said["case_id"] is not None)


async def keep_evidence(unit: UnitOfWork, measure_id: UUID, file_id: UUID | None) -> None:
    """Keep the file as long as the measure needs it; it has been found before."""
    if file_id is None:
        return
    file = await evidence_of(unit, file_id, purpose=EVIDENCE_PURPOSE)
    if file is not None:
        await hold(unit, file, holder=KIND, holder_id=measure_id)


async def _given(unit: UnitOfWork, household: Any, said: Mapping[str, Any], but: UUID | None) -> int:
    """What is given under the same scheme already, of which the limits speak too."""
    if said["scheme"] not in (MeasureScheme.MICRO_CREDIT, MeasureScheme.YULU):
        return 0
    await unit.connection.execute(_ALONE, {"household": str(household.id)})
    on = said["started_on"]
    month = (await book_of(unit, household.region)).integer(SCHOOL_YEAR_MONTH, region=household.region, on=on)
    first = date(on.year if on.month >= month else on.year - 1, month, 1)
    bound = {
        "household": household.id,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
        "scheme": said["scheme"],
        "but": but,
        "on": on,
        "until": said["planned_end_on"] or on,
        "person": said["person_id"],
        "first": first,
        "last": date(first.year + 1, month, 1) - timedelta(days=1),
    }
    given: int = (await unit.connection.execute(_GIVEN, bound)).scalar_one()
    return given


def _proposed(said: Mapping[str, Any], person: Any, given_fen: int) -> Proposed:
    terms = MeasureTerms.model_validate(said["terms"])
    stage = person.school_stage if person is not None else None
    return Proposed(
        scheme=MeasureScheme(said["scheme"]),
        kind=MeasureKind(said["kind"]),
        started_on=said["started_on"],
        planned_end_on=said["planned_end_on"],
        amount_fen=said["amount_fen"],
        person=None
        if person is None
        else Beneficiary(born=person.birth_date, school_stage=stage and SchoolStage(stage)),
        is_extension=terms.is_extension,
        subsidy_percent=terms.subsidy_percent,
        is_for_production=terms.is_for_production,
        is_guaranteed=terms.is_guaranteed,
        is_own_use=terms.is_own_use,
        is_full_time=terms.is_full_time,
        span=terms.span,
        given_fen=given_fen,
    )


async def _limits(unit: UnitOfWork, region: int, said: Mapping[str, Any]) -> Limits:
    book, where = await book_of(unit, region), {"region": region, "on": said["started_on"]}
    try:
        share = book.integer(thresholds.CREDIT_SUBSIDY, **where)
    except ParameterMissing:
        share = None
    return Limits(
        credit_fen=book.money_fen(thresholds.CREDIT_AMOUNT, **where),
        credit_extended_fen=book.money_fen(thresholds.CREDIT_EXTENDED, **where),
        credit_months=book.integer(thresholds.CREDIT_MONTHS, **where),
        credit_age_min=book.integer(thresholds.CREDIT_AGE_MIN, **where),
        credit_age_max=book.integer(thresholds.CREDIT_AGE_MAX, **where),
        subsidy_percent=share,
        yulu_year_fen=book.money_fen(thresholds.YULU_YEAR, **where),
        yulu_term_fen=book.money_fen(thresholds.YULU_TERM, **where),
        insurances=book.items(thresholds.INSURANCE, **where),
    )
