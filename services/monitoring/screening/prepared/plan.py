"""Choose which parts a set of rules needs, and write the wide scans that feed them, with as few joins as may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.monitoring.screening.catalogue import BoundRule
from services.monitoring.screening.language.evaluate import evaluate
from services.monitoring.screening.language.necessary import necessary
from services.monitoring.screening.language.sql import duckdb_sql, quoted
from services.monitoring.screening.language.syntax import Node, Or
from services.monitoring.screening.prepared import households, persons, records
from services.monitoring.screening.prepared.part import Part
from services.monitoring.screening.snapshot import TABLES
from services.monitoring.screening.vocabulary import Grain

PARTS: Final[Mapping[str, Part]] = {part.name: part for part in (*persons.PARTS, *households.PARTS, *records.PARTS)}
OWNER: Final[Mapping[str, Part]] = {column: part for part in PARTS.values() for column in part.columns}
_BASES: Final = (persons.BASE, households.BASE)


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over records of a table, over persons, or over households, for the rules that read the same.

    Rules over persons or households that read different files run apart: together they would have to join everybody
    with every file, alone each begins with the few rows that can make it fire.
    """

    grain: Grain
    record_table: str | None
    rules: tuple[BoundRule, ...]

    @property
    def name(self) -> str:
        """Stable for the same rules."""
        return self.record_table or "+".join([self.grain.value, *sorted(part.name for part in joined_parts(self))])

    @property
    def columns(self) -> tuple[str, ...]:
        """The published names that some rule reads, each once."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.condition.columns))


def scans(rules: Iterable[BoundRule]) -> tuple[Scan, ...]:
    """Group rules into passes, in a fixed order."""
    grouped: dict[tuple[str, str], list[BoundRule]] = {}
    for rule in rules:
        alone = Scan(rule.condition.grain, rule.condition.record_table, (rule,))
        grouped.setdefault((rule.condition.grain.value, alone.name), []).append(rule)
    return tuple(
        Scan(Grain(grain), together[0].condition.record_table, tuple(together))
        for (grain, _), together in sorted(grouped.items())
    )


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


def joined_parts(scan: Scan) -> list[Part]:
    """The parts that a scan joins to the rows it passes over, each once."""
    found = {part.name: part for name in scan.columns if (part := part_of(name, scan.record_table)) is not None}
    return [part for part in found.values() if part not in _BASES and part.key != "record_id"]


def read_parts(all_scans: Iterable[Scan]) -> Counter[str]:
    """The names of the parts that some scans read, and how often: what is read twice is worth keeping."""
    found = Counter(part.name for scan in all_scans for part in joined_parts(scan))
    found.update(f"{scan.record_table}_rows" for scan in all_scans if scan.record_table)
    bases = {part.name for part in _BASES}
    found.update(name for part in views_in_order(found) for name in part.needs if name in PARTS.keys() - bases)
    return found


def wanted(part: Part, all_scans: Iterable[Scan]) -> str:
    """What must hold of the part's own columns for any rule to fire; "" if nothing can be said, as when several scans
    read it or a rule may fire where the part has no row.

    Rows for which it does not hold may be left out: whoever they are about has unknown values then, and stays silent.
    """
    readers = [scan for scan in all_scans if part in joined_parts(scan)]
    if len(readers) != 1 or part.absent:
        return ""
    (scan,) = readers
    names = [name for name in scan.columns if part_of(name, scan.record_table) is part]
    needed = necessary(_any_rule(scan), names)
    if needed is None or evaluate(needed, dict.fromkeys(names)) is True:
        return ""
    return duckdb_sql(needed)


def wide_sql(scan: Scan, calendar: Mapping[str, int], values: Mapping[str, str]) -> str:
    """The scan's rows: ids, region, day of the event, every name its rules read, the ids of the rows behind them."""
    month_index = calendar["screening_year"] * 12 + calendar["screening_month"]
    columns = [f"{_column(name, scan, calendar, month_index, values)} AS {quoted(name)}" for name in scan.columns]
    sources = {source: _alias_of(part) for part, source in _sources(scan)}
    columns += [f"{alias}.{source}" for source, alias in sources.items()]
    listed = ["h.household_id", "h.region", *_ids(scan), *columns]
    return " ".join(["SELECT", ", ".join(listed), "FROM", *_from(scan), *(_join(part) for part in joined_parts(scan))])


def fired_sql(scan: Scan, calendar: Mapping[str, int], values: Mapping[str, str]) -> str:
    """The wide rows for which a rule of the scan fires, with a mark ``fired_0``, ``fired_1``, … for each rule.

    What any of the rules needs of one joined table alone stands beside the rules themselves, since an engine cannot
    take it out of an OR over several tables.
    """
    conditions = [rule.condition.duckdb() for rule in scan.rules]
    marks = [f"{condition} AS fired_{number}" for number, condition in enumerate(conditions)]
    needed = [duckdb_sql(one) for one in _needed_alone(scan)]
    where = " AND ".join([*needed, f"({' OR '.join(conditions)})"])
    return " ".join(
        ["SELECT *,", ", ".join(marks), "FROM (", wide_sql(scan, calendar, values), ") AS wide WHERE", where]
    )


def _needed_alone(scan: Scan) -> list[Node]:
    by_table: dict[str, list[str]] = {}
    for name in scan.columns:
        by_table.setdefault(_alias(name, scan), []).append(name)
    return [one for names in by_table.values() if (one := necessary(_any_rule(scan), names)) is not None]


def _any_rule(scan: Scan) -> Node:
    return Or(tuple(rule.condition.tree for rule in scan.rules))


def _alias(name: str, scan: Scan) -> str:
    """The table of the wide scan that a published name is read from; "" for facts of the run."""
    if name == "event_months_ago":
        return "r"
    part = part_of(name, scan.record_table)
    return "" if part is None else _alias_of(part)


def _alias_of(part: Part) -> str:
    if part.key == "record_id":
        return "r"
    return {persons.BASE.name: "p", households.BASE.name: "h"}.get(part.name, part.name)


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


def _column(name: str, scan: Scan, calendar: Mapping[str, int], month_index: int, values: Mapping[str, str]) -> str:
    if name in calendar:
        return f"CAST({calendar[name]} AS BIGINT)"
    if name == "event_months_ago":
        return f"{month_index} - (year(r.event_date) * 12 + month(r.event_date))"
    part = part_of(name, scan.record_table)
    if part is None:
        raise KeyError(name)
    return part.value(name, _alias_of(part), values)


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
    by_household = f"JOIN {households.BASE.name} AS h ON h.household_id = p.household_id"
    match scan.grain:
        case Grain.RECORD:
            return [f"{scan.record_table}_rows AS r JOIN person_base AS p ON p.person_id = r.person_id", by_household]
        case Grain.PERSON:
            return ["(SELECT * FROM person_base WHERE is_member) AS p", by_household]
        case Grain.HOUSEHOLD:
            return [f"{households.BASE.name} AS h"]


def _join(part: Part) -> str:
    return f"LEFT JOIN {part.name} ON {part.name}.{part.key} = {'p' if part.key == 'person_id' else 'h'}.{part.key}"
