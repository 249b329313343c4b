"""Read amounts in 元 or 万元 as whole 分; nothing is rounded that a person could have meant."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from chassis.errors import Message
from chassis.tabular.cells import squeezed
from chassis.tabular.model import FEN_PER, Cell, CellFault, Unit, is_blank
from chassis.types import MONEY_DIGITS_MAX

_AMOUNT: Final = re.compile(
    r"(?P<sign>[+-]?)[¥￥]?(?P<inner>[+-]?)(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})"
    r"(?:\.(?P<part>[0-9]{0,24}))?(?P<suffix>万元|万|元|圆)?(?:整|正)?",
    re.ASCII,
)
_SUFFIXES: Final[dict[str, Unit]] = {"万元": "wan", "万": "wan", "元": "yuan", "圆": "yuan"}
_DECIMALS: Final[dict[Unit, int]] = {"yuan": 2, "wan": 6}
_ARTEFACT_MAX: Final = Decimal("0.000001")  # 分; how far a binary number may lie beside the decimal that was meant


def amount_fen(cell: Cell, unit: Unit = "yuan") -> int | None:
    """An amount in 分. ``unit`` is what the column counts in; a unit written in the cell itself comes first.

    Text may carry thousands separators, ``￥`` and ``元`` or ``万元``. A numeric cell may lie beside a whole 分 by what
    binary arithmetic leaves (``0.1 + 0.2``), no more.

    :raises CellFault: ``amount_form``, ``amount_decimals`` (a fraction of a 分), ``amount_size``, ``cell_error``.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool | date):
        raise _unreadable()
    if isinstance(cell, int | float):
        return _of_number(cell, FEN_PER[unit])
    found = _AMOUNT.fullmatch(squeezed(cell).replace("−", "-"))
    if found is None or (found["sign"] and found["inner"]):
        raise _unreadable()
    if found["suffix"]:
        unit = _SUFFIXES[found["suffix"]]
    decimals = _DECIMALS[unit]
    part = (found["part"] or "").rstrip("0")
    if len(part) > decimals:
        raise _too_fine()
    fen = int(found["whole"].replace(",", "") + part.ljust(decimals, "0"))
    _check_size(fen)
    return -fen if "-" in (found["sign"], found["inner"]) else fen


def _of_number(number: float, per: int) -> int:
    """A numeric cell; a float stands for the decimal of which it is the nearest binary number."""
    _check_size(number * per)
    fen = round(number * per)
    if fen / per == number:
        return fen
    exact = Decimal(repr(number)) * per
    fen = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    if abs(exact - fen) > _ARTEFACT_MAX:
        raise _too_fine()
    return fen


def _check_size(fen: float) -> None:
    if not abs(fen) < 10**MONEY_DIGITS_MAX:
        raise CellFault("amount_size", Message("金额过大，请核对单位。", "The amount is too large; check its unit."))


def _too_fine() -> CellFault:
    return CellFault(
        "amount_decimals",
        Message(
            "金额最多精确到分（元保留两位小数，万元保留六位小数），请四舍五入后填写。",
            "An amount goes down to 分: two decimals of 元, six of 万元; round it yourself.",
        ),
    )


def _unreadable() -> CellFault:
    return CellFault(
        "amount_form",
        Message(
            "金额无法识别，请填写数字，如 1234.50；单位写在表头中。",
            "The amount cannot be read; give a number such as 1234.50 and put the unit into the heading.",
        ),
    )
