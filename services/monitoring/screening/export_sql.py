"""The queries that turn registry, income and departments' records into the tables of a snapshot.

Everything put into them is a number, a date or a code of ours: the COPY protocol takes no parameters.
"""

# ruff: noqa: S608  # every value put into a query is a number, a date or a code that _code has checked
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import pyarrow as pa

from chassis.security.scope import Area
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.measures import MeasureScheme
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.work_and_school import NOT_YET_PUPILS
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.income.rules import Window
from services.monitoring.screening.inputs import Coverage, ExportInputs
from services.monitoring.screening.snapshot import TABLES

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_LEFT_MONTHS: Final = 12
_TYPES: Final[Mapping[pa.DataType, str]] = {
    pa.int64(): "bigint", pa.date32(): "date", pa.bool_(): "boolean", pa.string(): "text",
}  # fmt: skip
_DERIVED: Final[Mapping[str, str]] = {
    "disease_category": "upper(left(payload->>'disease_code', 3))",
    "house_ref": "dense_rank() OVER (PARTITION BY person_id ORDER BY payload->>'house_no')",
    "loan_ref": "dense_rank() OVER (PARTITION BY person_id ORDER BY payload->>'loan_no')",
}
_SIGNS: Final[Mapping[IncomeGroup, tuple[int, int]]] = {  # group → what an amount adds to net and to ref
    IncomeGroup.WAGE: (1, 1),
    IncomeGroup.OPERATING_INCOME: (1, 1),
    IncomeGroup.PROPERTY: (1, 1),
    IncomeGroup.TRANSFER: (1, 1),
    IncomeGroup.OPERATING_EXPENSE: (-1, -1),
    IncomeGroup.CLAIMS: (0, 1),
    IncomeGroup.SELF_PAY: (0, -1),
}


def statements(area: Area, as_of: date, inputs: ExportInputs) -> dict[str, str]:
    """The query of each table of the snapshot."""
    found = {
        "households": _households(area, inputs.line_fen),
        "persons": _persons(area, as_of),
        "income_statements": _income(area, inputs.windows),
        "work_spells": _spells(area),
        "support_measures": _support(area),
        "low_income_spells": _classes(area),
        "yulu_grants": _grants(area),
        "person_visits": _visits(area),
        "listed_diseases": _listed(inputs.listed_diseases),
        "coverage": _coverage(inputs.coverage),
    }
    by_table: dict[str, list[Contract]] = {}
    for contract in load_contracts():
        if contract.feeds is None:
            continue
        by_table.setdefault(contract.feeds, []).append(contract)
    return found | {table: _records(area, table, contracts) for table, contracts in by_table.items()}


def _inside(area: Area, alias: str) -> str:
    return f"{alias}.region BETWEEN {area.lo:d} AND {area.hi:d}"


def _households(area: Area, line_fen: int | None) -> str:
    line = "NULL" if line_fen is None else f"{line_fen:d}"
    return (
        "SELECT h.id AS household_id, h.region, h.is_lifted, h.monitoring_type IS NOT NULL AND h.eliminated_on IS NULL "
        f"AS is_monitored, h.is_resettled, CAST({line} AS bigint) AS line_fen FROM household AS h "
        f"WHERE {_inside(area, 'h')} AND h.state = 'active'"
    )


def _persons(area: Area, as_of: date) -> str:
    not_yet = _codes(NOT_YET_PUPILS)
    return (
        "SELECT p.id AS person_id, p.household_id, p.state = 'active' AS is_member, p.birth_date, p.labour_skill, "
        f"h.is_lifted, p.school_stage IS NOT NULL AND p.school_stage NOT IN ({not_yet}) AS is_student, "
        "p.is_soldier FROM person AS p JOIN household AS h ON h.id = p.household_id "
        f"WHERE {_inside(area, 'p')} AND {_inside(area, 'h')} AND h.state = 'active' AND (p.state = 'active' OR "
        f"(p.state IN ('dead', 'moved_out') AND p.valid_from > {_day(as_of)} - interval '{_LEFT_MONTHS} months'))"
    )


def _income(area: Area, windows: Iterable[tuple[str, Window]]) -> str:
    signs = ", ".join(f"('{_code(kind)}', {_SIGNS[kind.group][0]}, {_SIGNS[kind.group][1]})" for kind in IncomeLineKind)
    spans = ", ".join(f"('{_code(name)}', {_day(window.first)}, {_day(window.last)})" for name, window in windows)
    return (
        'SELECT l.household_id, w.name AS "window", w.last AS window_end, '
        "CAST(sum(l.amount_fen * s.net) AS bigint) AS net_fen, CAST(sum(l.amount_fen * s.ref) AS bigint) AS ref_fen, "
        "CAST(max(h.member_count) AS bigint) AS members "
        f"FROM (VALUES {spans}) AS w(name, first, last) "
        f"JOIN income_line AS l ON l.counts_on BETWEEN w.first AND w.last AND l.state = 'active' AND "
        f"{_inside(area, 'l')} JOIN (VALUES {signs}) AS s(kind, net, ref) ON s.kind = l.kind "
        f"JOIN household AS h ON h.id = l.household_id AND {_inside(area, 'h')} AND h.state = 'active' "
        "AND h.member_count > 0 GROUP BY l.household_id, w.name, w.last"
    )


def _spells(area: Area) -> str:
    return (
        "SELECT s.person_id, s.started_on, s.ended_on FROM work_spell AS s "
        f"WHERE {_inside(area, 's')} AND s.started_on IS NOT NULL"
    )


def _support(area: Area) -> str:
    """What the national system says was paid, and what was recorded here."""
    return " UNION ALL ".join(
        f"SELECT m.household_id, m.started_on AS paid_on, m.amount_fen FROM {table} AS m "
        f"WHERE {_inside(area, 'm')} AND m.kind = '{_code(MeasureKind.COMPREHENSIVE_SECURITY)}' "
        f"AND m.state {counts} AND m.amount_fen > 0"
        for table, counts in (("imported_measure", "= 'in_force'"), ("measure", "<> 'withdrawn'"))
    )


def _classes(area: Area) -> str:
    return (
        "SELECT f.person_id, f.low_income_class, f.holds_from, f.holds_to FROM register_low_income AS f "
        f"WHERE {_inside(area, 'f')} AND f.replaced_at IS NULL"
    )


def _grants(area: Area) -> str:
    """Agriculture's payments for their school years, and the scheme's measures that were recorded here."""
    return (
        "SELECT f.person_id, f.holds_from, f.holds_to FROM register_yulu AS f "
        f"WHERE {_inside(area, 'f')} AND f.replaced_at IS NULL UNION ALL "
        "SELECT m.person_id, m.started_on AS holds_from, m.ended_on AS holds_to FROM measure AS m "
        f"WHERE {_inside(area, 'm')} AND m.person_id IS NOT NULL AND m.scheme = '{_code(MeasureScheme.YULU)}' "
        "AND m.state <> 'withdrawn'"
    )


def _visits(area: Area) -> str:
    """Our own visits that met a duty to a person."""
    return (
        "SELECT m.subject_id AS person_id, max(m.visited_on) AS visited_on FROM visit_met AS m "
        "JOIN person AS p ON p.id = m.subject_id "
        f"WHERE {_inside(area, 'm')} AND {_inside(area, 'p')} GROUP BY m.subject_id"
    )


def _listed(categories: Sequence[str]) -> str:
    values = ", ".join(f"('{_code(category)}')" for category in categories)
    return _values(values, ("category", "text"))


def _coverage(lists: Sequence[Coverage]) -> str:
    values = ", ".join(f"('{_code(one.contract)}', {_day(one.first)}, {_day(one.last)})" for one in lists)
    return _values(values, ("contract", "text"), ("period_start", "date"), ("period_end", "date"))


def _values(values: str, *columns: tuple[str, str]) -> str:
    names = ", ".join(name for name, _ in columns)
    if values:
        return f"SELECT {names} FROM (VALUES {values}) AS v({names})"
    return "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns) + " WHERE false"


def _records(area: Area, table: str, contracts: Sequence[Contract]) -> str:
    return " UNION ALL ".join(_record(area, table, contract) for contract in contracts)


def _record(area: Area, table: str, contract: Contract) -> str:
    columns = []
    for field in TABLES[table]:
        if field.name in ("record_id", "person_id", "event_date"):
            continue
        taken = (
            f"payload->>'{_code(contract.facts[field.name])}'" if field.name in contract.facts else _DERIVED[field.name]
        )
        columns.append(f"CAST({taken} AS {_TYPES[field.type]}) AS {field.name}")
    return (
        f"SELECT r.id AS record_id, r.person_id, r.event_date, {', '.join(columns)} "
        f"FROM department_record AS r WHERE {_inside(area, 'r')} AND r.dataset = '{_code(contract.code)}' "
        "AND r.state = 'in_force' AND r.event_date IS NOT NULL"
    )


def _code(text: str) -> str:
    """A code of ours that may stand between quotes.

    :raises ValueError: for anything else.
    """
    if not _CODE.fullmatch(text):
        raise ValueError("only codes may be written into a query")
    return str(text)


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"'{_code(text)}'" for text in sorted(texts))


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"
