"""Say once what an export's column holds; each format then shows it in its own right way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.types import fen_to_yuan


class ExportType(StrEnum):
    """What a column holds in the database; money is 分 there and 元 in every export."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    DAY = "day"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    ID = "id"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column. ``name`` is the statement's label for it and the export's heading."""

    name: str
    type: ExportType = ExportType.TEXT


def _instant(value: datetime) -> str:
    return value.isoformat()


def _day(value: date) -> str:
    return value.isoformat()


def _region(value: int) -> str:
    return f"{value:012d}"


def _yuan(value: int) -> Decimal:
    return Decimal(value).scaleb(-2)


def _same(value: Any) -> Any:
    return value


def _identifier(value: UUID) -> str:
    return str(value)


# Money is text outside Parquet, as in the API: a reader that makes a float of it has lost 分.
AS_TEXT: Final[dict[ExportType, Callable[[Any], Any]]] = {
    ExportType.TEXT: _same,
    ExportType.INTEGER: _same,
    ExportType.MONEY: fen_to_yuan,
    ExportType.DAY: _day,
    ExportType.INSTANT: _instant,
    ExportType.BOOLEAN: _same,
    ExportType.ID: _identifier,
    ExportType.REGION: _region,
}
AS_ARROW: Final[dict[ExportType, Callable[[Any], Any]]] = {
    **dict.fromkeys(ExportType, _same),
    ExportType.MONEY: _yuan,
    ExportType.ID: _identifier,
    ExportType.REGION: _region,
}
