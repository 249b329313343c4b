"""Load what decides on an elimination, for one case or for many: a fixed number of statements (clause B10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from services.monitoring.cases.parameters import ELIMINATION_MONTHS, ELIMINATION_WAGE_MONTHS
from services.monitoring.cases.queries.rows import case_row
from services.monitoring.cases.queries.running import running_measures
from services.monitoring.cases.rules.elimination import Checked, Facts, Limits, Wage, check_all
from services.monitoring.cases.schemas.eliminating import EliminationQuery, EliminationRead, GuardRead
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.monitoring import EliminationMode, MeasureKind, Risk
from services.monitoring.codes.work_and_school import WORKING
from services.monitoring.guarantees.queries.standing import guarantees_of
from services.monitoring.income.queries.statement import StatedIncome, stated_incomes
from services.monitoring.income.rules import Window, decision_window
from services.monitoring.lines.queries.rows import county_of, effective_line_of
from services.monitoring.lines.rules import EffectiveLine
from services.monitoring.measures.queries.given import GivenMeasure, measures_of
from services.monitoring.measures.thresholds import MATCH
from services.monitoring.parameters import RULE_PREFIX, book_of

SELF_PAY: Final = f"{RULE_PREFIX}self_pay_monitored_min_fen"
"""R01's threshold: from this self-pay on a lifted or monitored household is warned of."""

_LIVING: Final = text(
    """
    SELECT home.id AS household_id,
           (SELECT count(*) FROM clue WHERE clue.household_id = home.id AND clue.state = 'open'
                                        AND clue.region BETWEEN :lo AND :hi) AS open_clues,
           count(*) FILTER (WHERE person.labour_skill = ANY(CAST(:working AS text[]))) AS workers,
           count(person.id) FILTER (WHERE person.labour_skill IS NULL) AS unknown_skills
    FROM unnest(CAST(:households AS uuid[])) AS home(id)
    LEFT JOIN person ON person.household_id = home.id AND person.state = 'active'
                    AND person.region BETWEEN :lo AND :hi
    GROUP BY home.id
    """
)
# Only what other services told has spells; an end that was heard of before its start says of no month.
_SPELLS: Final = text(
    """
    SELECT spell.person_id, spell.kind, spell.started_on, spell.ended_on
    FROM work_spell AS spell JOIN person ON person.id = spell.person_id
    WHERE person.household_id = ANY(CAST(:households AS uuid[])) AND spell.region BETWEEN :lo AND :hi
      AND spell.started_on <= :last AND coalesce(spell.ended_on, :last) >= :first
    """
)
_POSTS: Final = frozenset(
    {IncomeLineKind.WAGE_SECTOR_POST, IncomeLineKind.WAGE_TOWN_POST, IncomeLineKind.WAGE_VILLAGE_POST}
)


async def elimination_facts(
    unit: UnitOfWork, cases: Sequence[Any], *, on: date, as_if: tuple[EliminationMode, str | None] | None = None
) -> dict[UUID, Facts]:
    """By case, what is on record on ``on``; the mode and the reason are those of the case.

    :param as_if: the mode and the reason of somebody who asks beforehand.
    :raises LineMissing: naming each row of a line that has to be entered first.
    :raises StateRefused: if a household has no members.
    """
    homes = [row.household_id for row in cases]
    window = decision_window(on)
    incomes = await stated_incomes(unit, homes, window, members_on=on)
    guarantees = await guarantees_of(unit, homes, on=on)
    measures = await measures_of(unit, homes, on=on)
    area = {"households": homes, "lo": unit.area.lo, "hi": unit.area.hi}
    working = [skill.value for skill in WORKING]
    living = {row.household_id: row for row in await unit.connection.execute(_LIVING, area | {"working": working})}
    spells: dict[UUID, list[Any]] = {}
    for spell in await unit.connection.execute(_SPELLS, area | {"first": window.first, "last": window.last}):
        spells.setdefault(spell.person_id, []).append(spell)
    counties = {row.id: county_of(row.region) for row in cases}
    lines = {one: await effective_line_of(unit.connection, one, on=on) for one in set(counties.values())}
    made = {}
    for row in cases:
        home, county = row.household_id, counties[row.id]
        limits = await _limits(unit, county, lines[county], on)
        mode, reason = as_if or (
            EliminationMode(row.elimination_mode or EliminationMode.HELPED),
            row.elimination_reason,
        )
        risks = tuple(map(Risk, row.risks))
        made[row.id] = Facts(
            on=on,
            mode=mode,
            reason=reason,
            registered_on=row.registered_on,
            risks=risks,
            answered=_answered(risks, measures[home], limits, on=on, since=row.registered_on),
            income=incomes[home].statement,
            wages=_wages(incomes[home], spells, window),
            guarantees=guarantees[home],
            self_pay_fen=incomes[home].statement.totals_fen[IncomeGroup.SELF_PAY],
            open_clues=living[home].open_clues,
            workers=living[home].workers,
            unknown_skills=living[home].unknown_skills,
            limits=limits,
        )
    return made


async def read_elimination(
    unit: UnitOfWork, case_id: UUID, query: EliminationQuery, *, language: Language
) -> EliminationRead:
    """Every guard as it stands today, with its figures and what would satisfy it.

    :raises NotFound: if there is no such case in the caller's area. Other errors as :func:`elimination_facts`.
    """
    row = await case_row(unit, case_id)
    today = unit.clock.today()
    given = None if query.mode is None else (query.mode, row.elimination_reason)
    facts = (await elimination_facts(unit, [row], on=today, as_if=given))[row.id]
    checked = check_all(facts)
    income = facts.income
    return EliminationRead(
        case_id=row.id,
        on=today,
        mode=facts.mode,
        first=income.window.first,
        last=income.window.last,
        members=income.members,
        net=income.net_fen,
        ref=income.ref_fen,
        pc_net=income.pc_net.rounded_fen,
        pc_ref=income.pc_ref.rounded_fen,
        self_pay=facts.self_pay_fen,
        line=facts.limits.line_fen,
        passed=all(one.passed for one in checked),
        guards=[_shown(one, language) for one in checked],
        running=await running_measures(unit, row, on=today),
    )


def kept(facts: Facts) -> dict[str, Any]:
    """The numbers that decided, kept as they were on the day."""
    income = facts.income
    return {
        "on": facts.on.isoformat(),
        "window": [income.window.first.isoformat(), income.window.last.isoformat()],
        "members": income.members,
        "net_fen": income.net_fen,
        "ref_fen": income.ref_fen,
        "line_fen": facts.limits.line_fen,
        "self_pay_fen": facts.self_pay_fen,
        "guards": {one.guard.value: one.passed for one in check_all(facts)},
    }


async def _limits(unit: UnitOfWork, county: int, line: EffectiveLine, on: date) -> Limits:
    book = await book_of(unit, county)
    there: dict[str, Any] = {"region": county, "on": on}
    return Limits(
        registered_months=book.integer(ELIMINATION_MONTHS, **there),
        wage_months=book.integer(ELIMINATION_WAGE_MONTHS, **there),
        line_fen=line.line_fen,
        self_pay_fen=book.money_fen(SELF_PAY, **there),
        answers={risk: tuple(map(MeasureKind, book.items(key, **there))) for risk, key in MATCH.items()},
    )


def _answered(
    risks: Sequence[Risk], given: Sequence[GivenMeasure], limits: Limits, *, on: date, since: date | None
) -> frozenset[Risk]:
    working = [one for one in given if one.works_on(on, since=since)]
    return frozenset(
        risk for risk in risks if any(one.is_answer_to(risk, limits.answers.get(risk, ())) for one in working)
    )


def _wages(income: StatedIncome, spells: Mapping[UUID, Sequence[Any]], window: Window) -> tuple[Wage, ...]:
    """Each wage of the window with its months: those of its lines, and those of the earner's spells of that work."""
    amounts: dict[tuple[IncomeLineKind, UUID | None], int] = {}
    months: dict[tuple[IncomeLineKind, UUID | None], set[tuple[int, int]]] = {}
    for row in income.rows:
        kind = IncomeLineKind(row.kind)
        if kind.group is not IncomeGroup.WAGE or row.amount_fen == 0:
            continue
        key = (kind, row.person_id)
        amounts[key] = amounts.get(key, 0) + row.amount_fen
        months.setdefault(key, set()).add((row.counts_on.year, row.counts_on.month))
    for (kind, person), known in months.items():
        for spell in spells.get(person, ()) if person is not None else ():
            if _earns(spell.kind, kind):
                known |= _months(spell, window)
    return tuple(Wage(kind, person, amount, len(months[kind, person])) for (kind, person), amount in amounts.items())


def _earns(work: str, kind: IncomeLineKind) -> bool:
    """Whether a wage of that kind comes from such a spell; what is earned by a business of one's own is no wage."""
    if work == "self":
        return False
    return kind is IncomeLineKind.WAGE_UNDIVIDED or (work == "post") == (kind in _POSTS)


def _months(spell: Any, window: Window) -> set[tuple[int, int]]:
    """The calendar months of the window in which somebody worked."""
    first, last = max(spell.started_on, window.first), min(spell.ended_on or window.last, window.last)
    begun, over = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return {(month // 12, month % 12 + 1) for month in range(begun, over + 1)}


def _shown(one: Checked, language: Language) -> GuardRead:
    return GuardRead(
        guard=one.guard,
        passed=one.passed,
        figures=one.figures.in_language(language),
        remedy=None if one.remedy is None else one.remedy.in_language(language),
    )
