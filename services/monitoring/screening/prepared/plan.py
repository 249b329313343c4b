"""Choose which parts a set of rules needs, and write the one wide scan that feeds all rules of a grain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.monitoring.screening.catalogue import BoundRule
from services.monitoring.screening.language.sql import quoted
from services.monitoring.screening.prepared import households, persons, records
from services.monitoring.screening.prepared.part import Part
from services.monitoring.screening.snapshot import TABLES
from services.monitoring.screening.vocabulary import Grain

PARTS: Final[Mapping[str, Part]] = {part.name: part for part in (*persons.PARTS, *households.PARTS, *records.PARTS)}
OWNER: Final[Mapping[str, Part]] = {column: part for part in PARTS.values() for column in part.columns}
HOUSEHOLD_FACTS: Final = "household_facts"


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over records of a table, over persons, or over households, for all rules that read them."""

    grain: Grain
    record_table: str | None
    rules: tuple[BoundRule, ...]

    @property
    def name(self) -> str:
        return self.record_table or self.grain.value

    @property
    def columns(self) -> tuple[str, ...]:
        """The published names that some rule reads, each once."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.condition.columns))


def scans(rules: Iterable[BoundRule]) -> tuple[Scan, ...]:
    """Group rules into as few passes as possible, in a fixed order."""
    grouped: dict[tuple[str, str], list[BoundRule]] = {}
    for rule in rules:
        key = (rule.condition.grain.value, rule.condition.record_table or "")
        grouped.setdefault(key, []).append(rule)
    return tuple(Scan(Grain(grain), table or None, tuple(grouped[grain, table])) for grain, table in sorted(grouped))


def views_in_order(names: Iterable[str]) -> list[Part]:
    """The named parts and all they need, each after what it reads."""
    ordered: dict[str, Part] = {}

    def add(name: str) -> None:
        if name in TABLES or name in ordered:
            return
        for needed in PARTS[name].needs:
            add(needed)
        ordered[name] = PARTS[name]

    for name in names:
        add(name)
    return list(ordered.values())


def part_of(column: str, record_table: str | None) -> Part | None:
    """The part that holds a published name; None for facts of the run and of every row."""
    if record_table is not None:
        own = PARTS[f"{record_table}_rows"]
        if column in own.columns:
            return own
    return OWNER.get(column)


def needed_parts(scan: Scan) -> list[Part]:
    """The parts that a scan joins, without the bases that it always reads."""
    found = [part_of(column, scan.record_table) for column in scan.columns]
    return list(
        {part.name: part for part in found if part is not None and part.name != f"{scan.record_table}_rows"}.values()
    )


def household_columns(all_scans: Iterable[Scan]) -> tuple[str, ...]:
    """The household names that any scan reads, so that they are computed once."""
    return tuple(
        dict.fromkeys(
            column
            for scan in all_scans
            for column in scan.columns
            if (part := part_of(column, scan.record_table)) is not None and part.key == "household_id"
        )
    )


def household_facts_sql(columns: Iterable[str]) -> str:
    """One row per household with the given names, and the sources of those that come from one department row."""
    parts = {part.name: part for column in columns if (part := OWNER[column]) is not households.BASE}
    selected = [f"{OWNER[column].name}.{quoted(column)}" for column in columns]
    selected += [f"{part.name}.{source}" for part in parts.values() for source in dict.fromkeys(part.sources.values())]
    joins = [f"LEFT JOIN {name} ON {name}.household_id = household_base.household_id" for name in parts]
    listed = ["household_base.household_id", "household_base.region", *selected]
    return " ".join(["SELECT", ", ".join(listed), "FROM household_base", *joins])


def wide_sql(scan: Scan, calendar: Mapping[str, int]) -> str:
    """The scan's rows: ids, region, day of the event, every name its rules read, the ids of the rows behind them."""
    joined = [part for part in needed_parts(scan) if part.key == "person_id" and part is not persons.BASE]
    month_index = calendar["screening_year"] * 12 + calendar["screening_month"]
    columns = [_column(name, scan, calendar, month_index) for name in scan.columns]
    sources = {source: _source_alias(part) for part, source in _sources(scan)}
    columns += [f"{alias}.{source}" for source, alias in sources.items()]
    listed = ["h.household_id", "h.region", *_ids(scan), *columns]
    return " ".join(["SELECT", ", ".join(listed), "FROM", *_from(scan), *(_join(part) for part in joined)])


def source_columns(rule: BoundRule) -> tuple[str, ...]:
    """The columns of the wide scan with the ids of the department rows that a rule's inputs come from."""
    found = []
    for column in rule.condition.columns:
        part = part_of(column, rule.condition.record_table)
        if part is not None and column in part.sources:
            found.append(part.sources[column])
    return tuple(dict.fromkeys(found))


def _sources(scan: Scan) -> list[tuple[Part, str]]:
    found = []
    for column in scan.columns:
        part = part_of(column, scan.record_table)
        if part is not None and column in part.sources:
            found.append((part, part.sources[column]))
    return found


def _source_alias(part: Part) -> str:
    return "h" if part.key == "household_id" else part.name


def _column(name: str, scan: Scan, calendar: Mapping[str, int], month_index: int) -> str:
    if name in calendar:
        return f"CAST({calendar[name]} AS BIGINT) AS {quoted(name)}"
    if name == "event_months_ago":
        return f"{month_index} - (year(r.event_date) * 12 + month(r.event_date)) AS event_months_ago"
    part = part_of(name, scan.record_table)
    if part is None:
        raise KeyError(name)
    alias = {"record_id": "r", "household_id": "h"}.get(part.key) or ("p" if part is persons.BASE else part.name)
    return f"{alias}.{quoted(name)}"


def _ids(scan: Scan) -> list[str]:
    match scan.grain:
        case Grain.RECORD:
            return ["p.person_id", "r.record_id", "r.event_date"]
        case Grain.PERSON:
            return ["p.person_id", "CAST(NULL AS UUID) AS record_id", "CAST(NULL AS DATE) AS event_date"]
        case Grain.HOUSEHOLD:
            return ["CAST(NULL AS UUID) AS person_id", "CAST(NULL AS UUID) AS record_id",
                    "CAST(NULL AS DATE) AS event_date"]  # fmt: skip


def _from(scan: Scan) -> list[str]:
    household = f"{HOUSEHOLD_FACTS} AS h"
    by_household = f"JOIN {household} ON h.household_id = p.household_id"
    match scan.grain:
        case Grain.RECORD:
            return [f"{scan.record_table}_rows AS r JOIN person_base AS p ON p.person_id = r.person_id", by_household]
        case Grain.PERSON:
            return ["(SELECT * FROM person_base WHERE is_member) AS p", by_household]
        case Grain.HOUSEHOLD:
            return [household]


def _join(part: Part) -> str:
    return f"LEFT JOIN {part.name} ON {part.name}.person_id = p.person_id"
