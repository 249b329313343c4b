"""Show how the latest export and the registry differ: pages, counts and a sheet, all masked."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, TooLarge
from chassis.http.pagination import keyset, next_cursor
from chassis.security.masking import mask_name
from chassis.tabular import Cell, Format, open_writer
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.national.errors import ExportNotRead
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
from services.monitoring.national.tables import NationalDifference

SHEET_ROWS_MAX: Final = 100_000
_DIFFERENCE: Final = rows(NationalDifference)
_FACT: Final = "fact."
_TOO_LONG: Final = Message(
    f"差异超过 {SHEET_ROWS_MAX} 行，请按乡镇或差异类型分别下载。",
    f"More than {SHEET_ROWS_MAX} rows differ; ask for one town or one kind at a time.",
)


async def summarize(unit: UnitOfWork, export_id: UUID) -> DifferenceSummary:
    """How many households and persons differed when they were compared last, and in what.

    :raises NotFound: if there is no such export in the caller's area. :raises ExportNotRead: if it does not count.
    """
    export = await _compared_export(unit, export_id)
    return DifferenceSummary(
        export_id=export.id,
        exported_on=export.exported_on,
        covers=export.covers,
        compared_at=export.compared_at,
        households=_counted(export.compared["household"]),
        persons=_counted(export.compared["person"]),
    )


async def list_household_differences(
    unit: UnitOfWork, export_id: UUID, query: DifferenceQuery
) -> HouseholdDifferencePage:
    """One page of households that differ in one way; errors as :func:`summarize`."""
    rows_, cursor = await _page(unit, export_id, query, "household")
    return HouseholdDifferencePage(items=[show_household(row) for row in rows_], next_cursor=cursor)


async def list_person_differences(unit: UnitOfWork, export_id: UUID, query: DifferenceQuery) -> PersonDifferencePage:
    """One page of persons who differ in one way; errors as :func:`summarize`."""
    rows_, cursor = await _page(unit, export_id, query, "person")
    return PersonDifferencePage(items=[show_person(row) for row in rows_], next_cursor=cursor)


async def difference_sheet(unit: UnitOfWork, export_id: UUID, query: DifferenceSheetQuery) -> bytes:
    """All of it as a workbook or as CSV.

    :raises TooLarge: if it would be too long to be read; other errors as :func:`summarize`.
    """
    await _compared_export(unit, export_id)
    statement = _selected(unit, export_id, query.grain, query.region)
    if query.kind is not None:
        statement = statement.where(_DIFFERENCE.c.kind == query.kind.value)
    ordered = statement.order_by(_DIFFERENCE.c.kind.desc(), _DIFFERENCE.c.key).limit(SHEET_ROWS_MAX + 1)
    found = (await unit.connection.execute(ordered)).all()
    if len(found) > SHEET_ROWS_MAX:
        raise TooLarge(_TOO_LONG)
    written = _household_sheet if query.grain == "household" else _person_sheet
    return await asyncio.to_thread(written, found, Format(query.format))


async def _compared_export(unit: UnitOfWork, export_id: UUID) -> Any:
    export = await export_row(unit, export_id)
    if export.state != "read" or export.compared is None:
        raise ExportNotRead
    return export


async def _page(
    unit: UnitOfWork, export_id: UUID, query: DifferenceQuery, grain: str
) -> tuple[Sequence[Any], str | None]:
    await _compared_export(unit, export_id)
    statement = _selected(unit, export_id, grain, query.region).where(_DIFFERENCE.c.kind == query.kind.value)
    operation = f"national_{grain}_difference_list:{export_id}"
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, [_DIFFERENCE.c.key], after, query.limit))).all()
    return next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.key])


def _selected(unit: UnitOfWork, export_id: UUID, grain: str, region: int | None) -> Select[Any]:
    statement = select(_DIFFERENCE).where(
        _DIFFERENCE.c.export_id == export_id,
        _DIFFERENCE.c.grain == grain,
        _DIFFERENCE.c.region.between(unit.area.lo, unit.area.hi),
    )
    if region is None:
        return statement
    within = narrowed(unit, region)
    sides = (_DIFFERENCE.c.region_there, _DIFFERENCE.c.region_here)
    return statement.where(or_(*(side.between(within.lo, within.hi) for side in sides)))


def _counted(counts: Mapping[str, int]) -> DifferenceCounts:
    kinds = {kind.value: counts.get(kind.value, 0) for kind in DifferenceKind}
    facts = {name.removeprefix(_FACT): number for name, number in counts.items() if name.startswith(_FACT)}
    return DifferenceCounts(
        there=counts["there"],
        here=counts["here"],
        **kinds,
        same=counts["there"] - kinds["there_only"] - kinds["differing"],
        by_fact=dict(sorted(facts.items())),
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
