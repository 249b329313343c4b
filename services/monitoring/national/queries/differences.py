"""Show how the latest export and the registry differ: pages, counts and a sheet, all masked."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, TooLarge
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.tabular import Cell, Format, open_writer
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.national.errors import ExportNotRead
from services.monitoring.national.queries.comparison import HOUSEHOLDS, PERSONS, SIZES, differences, used
from services.monitoring.national.queries.exports import export_row
from services.monitoring.national.schemas import (
    DifferenceCounts,
    DifferenceKind,
    DifferenceQuery,
    DifferenceSheetQuery,
    DifferenceSummary,
    FactDifference,
    HouseholdDifference,
    HouseholdDifferencePage,
    PersonDifference,
    PersonDifferencePage,
)

SHEET_ROWS_MAX: Final = 100_000
_EVERY_FACT: Final[ColumnElement[Any]] = literal_column("CAST('$[*].fact' AS jsonpath)")
_HOUSEHOLD_LIST: Final = "national_household_difference_list"
_PERSON_LIST: Final = "national_person_difference_list"
_TOO_LONG: Final = Message(
    f"差异超过 {SHEET_ROWS_MAX} 行，请按乡镇或差异类型分别下载。",
    f"More than {SHEET_ROWS_MAX} rows differ; ask for one town or one kind at a time.",
)


async def summarize(unit: UnitOfWork, export_id: UUID) -> DifferenceSummary:
    """How many households and persons differ, and in what.

    :raises NotFound: if there is no such export in the caller's area. :raises ExportNotRead: if it does not count.
    """
    export = await _compared_export(unit, export_id)
    sizes = (await unit.connection.execute(SIZES, used(SIZES, export))).one()
    households = await _counts(unit, HOUSEHOLDS, export)
    persons = await _counts(unit, PERSONS, export)
    return DifferenceSummary(
        export_id=export.id,
        exported_on=export.exported_on,
        covers=export.covers,
        as_of=unit.clock.today(),
        households=_counted(households, sizes.households_there, sizes.households_here),
        persons=_counted(persons, sizes.persons_there, sizes.persons_here),
    )


async def list_household_differences(
    unit: UnitOfWork, export_id: UUID, query: DifferenceQuery
) -> HouseholdDifferencePage:
    """One page of households that differ in one way; errors as :func:`summarize`."""
    rows, cursor = await _page(unit, export_id, query, HOUSEHOLDS, _HOUSEHOLD_LIST)
    return HouseholdDifferencePage(items=[show_household(row) for row in rows], next_cursor=cursor)


async def list_person_differences(unit: UnitOfWork, export_id: UUID, query: DifferenceQuery) -> PersonDifferencePage:
    """One page of persons who differ in one way; errors as :func:`summarize`."""
    rows, cursor = await _page(unit, export_id, query, PERSONS, _PERSON_LIST)
    return PersonDifferencePage(items=[show_person(row) for row in rows], next_cursor=cursor)


async def difference_sheet(unit: UnitOfWork, export_id: UUID, query: DifferenceSheetQuery) -> bytes:
    """All of it as a workbook or as CSV.

    :raises TooLarge: if it would be too long to be read; other errors as :func:`summarize`.
    """
    export = await _compared_export(unit, export_id)
    source = HOUSEHOLDS if query.grain == "household" else PERSONS
    within = None if query.region is None else narrowed(unit, query.region)
    statement = differences(source, export, kind=query.kind, within=within)
    columns = statement.selected_columns
    ordered = statement.order_by(columns.kind.desc(), columns.key).limit(SHEET_ROWS_MAX + 1)
    found = (await unit.connection.execute(ordered)).all()
    if len(found) > SHEET_ROWS_MAX:
        raise TooLarge(_TOO_LONG)
    written = _household_sheet if query.grain == "household" else _person_sheet
    return await asyncio.to_thread(written, found, Format(query.format))


async def _compared_export(unit: UnitOfWork, export_id: UUID) -> Any:
    export = await export_row(unit, export_id)
    if export.state != "read":
        raise ExportNotRead
    return export


async def _page(
    unit: UnitOfWork, export_id: UUID, query: DifferenceQuery, source: Any, name: str
) -> tuple[Sequence[Any], str | None]:
    export = await _compared_export(unit, export_id)
    within = None if query.region is None else narrowed(unit, query.region)
    statement = differences(source, export, kind=query.kind, within=within)
    operation = f"{name}:{export_id}"
    after = query.position(unit.vault.cursors, operation)
    key = statement.selected_columns.key
    found = (await unit.connection.execute(keyset(statement, [key], after, query.limit))).all()
    return next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.key])


async def _counts(unit: UnitOfWork, source: Any, export: Any) -> Counter[str]:
    """How many differ in each way, and of those that both sides know, in each fact."""
    compared = differences(source, export, kind=None, within=None).subquery()
    named = func.jsonb_path_query_array(compared.c.facts, _EVERY_FACT).label("named")
    statement = select(compared.c.kind, named, func.count().label("number")).group_by(compared.c.kind, named)
    counts: Counter[str] = Counter()
    for row in await unit.connection.execute(statement):
        for name in (row.kind, *row.named):
            counts[name] += row.number
    return counts


def _counted(counts: Counter[str], there: int, here: int) -> DifferenceCounts:
    kinds = {kind.value: counts[kind.value] for kind in DifferenceKind}
    return DifferenceCounts(
        there=there,
        here=here,
        **kinds,
        same=there - kinds["there_only"] - kinds["differing"],
        by_fact={name: number for name, number in sorted(counts.items()) if name not in kinds},
    )


def show_household(row: Any) -> HouseholdDifference:
    """A household's difference as it is shown."""
    return HouseholdDifference(**_known(row, HouseholdDifference), facts=[FactDifference(**one) for one in row.facts])


def show_person(row: Any) -> PersonDifference:
    """A person's difference as it is shown: names masked, of numbers only that they differ."""
    facts = [
        FactDifference(fact=one["fact"], there=_quiet(one, "there"), here=_quiet(one, "here")) for one in row.facts
    ]
    name = row.name and mask_name(row.name)
    return PersonDifference(**_known(row, PersonDifference), name_masked=name, facts=facts)


def _known(row: Any, model: Any) -> dict[str, Any]:
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    return {name: known[name] for name in model.model_fields if name in known and name != "facts"}


def _quiet(fact: Mapping[str, Any], side: str) -> str | None:
    said: str | None = fact[side]
    return mask_name(said) if fact["fact"] == "name" and said else said


_KINDS: Final = {
    DifferenceKind.THERE_ONLY: "国家系统有、本平台无",
    DifferenceKind.HERE_ONLY: "本平台有、国家系统无",
    DifferenceKind.DIFFERING: "两边信息不一致",
}
_FACTS: Final = {
    "national_no": "户编号",
    "region": "村",
    "is_lifted": "是否脱贫户",
    "monitoring_type": "监测对象类别",
    "risks": "致贫返贫风险",
    "registered_on": "识别日期",
    "eliminated_on": "风险消除日期",
    "name": "姓名",
    "identity_number": "证件号码",
    "household": "所在户",
}
_SAID: Final[Mapping[str, Callable[[str], str]]] = {
    "is_lifted": lambda said: "是" if said == "true" else "否",
    "monitoring_type": lambda said: MonitoringType(said).label,
    "risks": lambda said: "、".join(Risk(code).label for code in said.split("、")),
    "identity_number": lambda _: "已登记（不显示）",
}


def _household_sheet(found: Sequence[Any], form: Format) -> bytes:
    labels = [
        "差异类型",
        "户编号",
        "村（国家系统）",
        "村（本平台）",
        "人口（国家系统）",
        "人口（本平台）",
        "导入时被退回",
    ]
    return _sheet(
        [*labels, "不一致的信息"],
        form,
        (
            [
                _KINDS[one.kind],
                one.national_no,
                _code(one.region_there),
                _code(one.region_here),
                one.members_there,
                one.members_here,
                "是" if one.was_refused else "否",
                _told(one.facts),
            ]
            for one in map(show_household, found)
        ),
    )


def _person_sheet(found: Sequence[Any], form: Format) -> bytes:
    labels = ["差异类型", "人编号", "姓名", "户编号", "村（国家系统）", "村（本平台）", "不一致的信息"]
    return _sheet(
        labels,
        form,
        (
            [
                _KINDS[one.kind],
                one.national_no,
                one.name_masked,
                one.household_no,
                _code(one.region_there),
                _code(one.region_here),
                _told(one.facts),
            ]
            for one in map(show_person, found)
        ),
    )


def _sheet(labels: Sequence[str], form: Format, lines: Any) -> bytes:
    content = io.BytesIO()
    with open_writer(content, labels, form=form) as writer:
        for line in lines:
            cells: list[Cell] = line
            writer.write(cells)
    return content.getvalue()


def _code(region: int | None) -> str | None:
    return None if region is None else f"{region:012d}"


def _told(facts: Sequence[FactDifference]) -> str:
    return "；".join(
        f"{_FACTS[one.fact]}：国家系统 {_side(one.fact, one.there)}，本平台 {_side(one.fact, one.here)}"
        for one in facts
    )


def _side(fact: str, said: str | None) -> str:
    return "无" if said is None else _SAID.get(fact, str)(said)
