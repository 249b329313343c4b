"""比对反馈表: the open requests of a department as a table that a clerk fills and sends back.

One row for each value of each item, so that each has a cell of its own. ``结果`` is said once for an item, on any of
its rows. An item without a result was not looked at: its request waits on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from chassis.errors import Message
from chassis.tabular import CellFault, Column, HeaderSpec, Kind, Limits, open_table, parse_row
from services.monitoring.codes.evidence import ComparisonResult
from services.monitoring.comparisons.rules import DIFFERS

COLUMNS: Final = (
    Column(name="request_id", label="请求编号", required=True, max_length=36),
    Column(name="version", label="版本", kind=Kind.INTEGER, required=True),
    Column(name="item_id", label="事项编号", required=True, max_length=36),
    Column(name="name", label="姓名", max_length=50),
    Column(name="id_no", label="身份证号", kind=Kind.IDENTITY_NUMBER),
    Column(name="fact", label="事项"),
    Column(name="column", label="字段", max_length=64),
    Column(name="label", label="字段名称"),
    Column(name="known", label="现有数据"),
    Column(
        name="result",
        label="结果",
        kind=Kind.CHOICE,
        choices={one.label: one.value for one in ComparisonResult},
        note="每个事项填一次",
    ),
    Column(name="given", label="实际值", note="不符时填写"),
    Column(name="note", label="备注", max_length=500),
)
LIMITS: Final = Limits(file_bytes_max=8 << 20, expanded_bytes_max=64 << 20, rows_max=20_000, columns_max=32)


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One fault of one row."""

    row: int
    fault: CellFault


@dataclass
class SheetItem:
    """What the rows of one item say together."""

    item_id: UUID
    result: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    note: str | None = None


@dataclass
class SheetRequest:
    """What the rows of one request say together."""

    request_id: UUID
    version: int
    items: dict[UUID, SheetItem] = field(default_factory=dict)

    @property
    def is_looked_at(self) -> bool:
        """Whether one item at least has a result."""
        return any(item.result is not None for item in self.items.values())


def read_sheet(content: bytes, columns: frozenset[str]) -> tuple[list[SheetRequest], list[SheetFault]]:
    """The requests that a sheet answers or leaves open, in its order, and every fault of its rows.

    A row at fault says nothing of its item: so the request is refused for the item that is missing.

    :param columns: the values that any fact may have.
    :raises UnfitHeader: if the columns are not those of the sheet; other errors as of ``open_table``.
    """
    requests: dict[UUID, SheetRequest] = {}
    faults: list[SheetFault] = []
    with open_table(content, limits=LIMITS, header=HeaderSpec(COLUMNS)) as table:
        for raw in table:
            values, found = parse_row(COLUMNS, raw)
            found += list(_unfit(values, columns))
            if not found:
                found += _take(requests, values)
            faults += [SheetFault(raw.number, fault) for fault in found]
    return list(requests.values()), faults


def sheet_rows(requests: Iterable[Any], people: Mapping[UUID, tuple[str, str | None]]) -> Iterator[dict[str, Any]]:
    """The rows of a sheet.

    :param requests: documents of requests; ``people``: name and ID number by person.
    """
    for request in requests:
        for item in request.items:
            name, number = people.get(item.person_id, ("", None))
            known = {one.column: one.value_label or one.value for one in item.known or ()}
            head = {
                "request_id": str(request.id),
                "version": request.version,
                "item_id": str(item.id),
                "name": name,
                "id_no": number,
                "fact": item.fact_title,
            }
            for column in item.columns:
                known_value = known.get(column.column)
                yield {**head, "column": column.column, "label": column.label, "known": known_value}


def _take(requests: dict[UUID, SheetRequest], values: Mapping[str, Any]) -> list[CellFault]:
    request_id, item_id = UUID(values["request_id"]), UUID(values["item_id"])
    request = requests.setdefault(request_id, SheetRequest(request_id, values["version"]))
    item = request.items.setdefault(item_id, SheetItem(item_id))
    said = values["result"] or (DIFFERS if values["given"] else None)
    if said is not None and item.result not in (None, said):
        return [CellFault("result_twice", _MESSAGES["result_twice"], "result")]
    item.result = said or item.result
    if values["given"]:
        item.given[values["column"]] = values["given"]
    item.note = values["note"] or item.note
    return []


def _unfit(values: Mapping[str, Any], columns: frozenset[str]) -> Iterator[CellFault]:
    for name in ("request_id", "item_id"):
        if values[name] is not None and not _is_id(values[name]):
            yield CellFault("id_unfit", _MESSAGES["id_unfit"], name)
    if values["given"] and values["column"] not in columns:
        yield CellFault("column_unknown", _MESSAGES["column_unknown"], "column")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


_MESSAGES: Final = {
    "result_twice": Message("同一事项填了不同的结果。", "The item has two different results."),
    "id_unfit": Message("编号有误，请不要改动下载表中的编号。", "Leave the ids of the sheet as they were."),
    "column_unknown": Message("字段有误，请不要改动下载表中的字段。", "Leave the fields of the sheet as they were."),
}
