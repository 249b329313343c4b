"""Read one row by its columns' description and tell all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from chassis.errors import Message
from chassis.tabular.amounts import amount_fen
from chassis.tabular.cells import choice, identity_number, integer, text, yes_no
from chassis.tabular.columns import Column, Kind
from chassis.tabular.days import day, month
from chassis.tabular.model import Cell, CellFault, Header, RawRow
from chassis.types import fen_to_yuan

_REQUIRED: Final = CellFault("required", Message("此列必须填写。", "This column must be filled."))

_CONVERTERS: Final[Mapping[Kind, Callable[[Cell, Column, Header], Any]]] = {
    Kind.IDENTITY_NUMBER: lambda cell, _column, _header: identity_number(cell),
    Kind.AMOUNT: lambda cell, column, header: amount_fen(cell, header.units.get(column.name, column.unit)),
    Kind.DAY: lambda cell, _column, header: day(cell, date_1904=header.date_1904),
    Kind.MONTH: lambda cell, _column, header: month(cell, date_1904=header.date_1904),
    Kind.INTEGER: lambda cell, _column, _header: integer(cell),
    Kind.YES_NO: lambda cell, _column, _header: yes_no(cell),
    Kind.TEXT: lambda cell, column, _header: text(cell, column.max_length),
    Kind.CHOICE: lambda cell, column, _header: choice(cell, column.choices),
}


def parse_row(columns: Sequence[Column], row: RawRow) -> tuple[dict[str, Any], list[CellFault]]:
    """Convert every column of a row: values by column name (``None`` where empty or at fault), and all faults.

    Amounts come in 分, with the unit that the sender stated before the contract's own. A row that is broken as a whole
    (its cells have shifted, its line is no object) gives its own fault alone: what its cells say would only mislead.
    """
    values: dict[str, Any] = dict.fromkeys(column.name for column in columns)
    if row.faults:
        return values, list(row.faults)
    faults: list[CellFault] = []
    for column in columns:
        cell = row.cells.get(column.name)
        if cell is not None:
            try:
                values[column.name] = _within(column, _CONVERTERS[column.kind](cell, column, row.header))
            except CellFault as fault:
                faults.append(fault.in_column(column.name))
                continue
        if column.required and values[column.name] is None:
            faults.append(_REQUIRED.in_column(column.name))
    return values, faults


def _within(column: Column, value: Any) -> Any:
    """:raises CellFault: ``out_of_range`` for a number beyond the column's bounds."""
    if not isinstance(value, int) or (column.minimum is None and column.maximum is None):
        return value
    show = fen_to_yuan if column.kind is Kind.AMOUNT else str
    if column.minimum is not None and value < column.minimum:
        least = show(column.minimum)
        raise CellFault("out_of_range", Message(f"不得小于 {least}。", f"Give {least} or more."))
    if column.maximum is not None and value > column.maximum:
        most = show(column.maximum)
        raise CellFault("out_of_range", Message(f"不得大于 {most}。", f"Give {most} or less."))
    return value
