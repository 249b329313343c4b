"""Turn what a clerk, a form or a spreadsheet wrote into values; what would lose or invent something is a fault.

Every converter takes one raw cell and gives a value, or ``None`` for an empty cell: whether a column must be filled is
the caller's business. Every fault says how to mend the cell and never repeats what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.tabular.columns import label_key
from chassis.tabular.model import FORMULA_WITHOUT_RESULT, Cell, CellFault, ErrorCell, as_text, is_blank, tidy
from chassis.types import compact

NUMBER_DIGITS_MAX: Final = 15  # a spreadsheet keeps no more digits of a number than these
_COMPACT: Final = re.compile(r"[!-~\u4e00-\u9fff]*")  # most cells of a file: nothing that compact() would change
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]*)?E\+?[0-9]{1,3}", re.ASCII | re.IGNORECASE)
_WHOLE: Final = re.compile(r"([+-]?)([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.0*)?", re.ASCII)
_TEXT_FORMULA: Final = re.compile(r'="([^"]*)"')  # ="6109…": how programs write into a csv that a number is text
_TEXT_MARK: Final = "'`‘’"  # typed before a number to keep it text
_YES: Final = frozenset({"是", "有", "1", "true", "yes", "y", "√", "✓", "✔", "☑"})
_NO: Final = frozenset({"否", "无", "没有", "0", "false", "no", "n", "×", "✗", "✘", "□", "☐"})

_DIGITS_LOST: Final = Message(
    "身份证号被表格程序当作数字，后几位已丢失。请先把该列设为“文本”格式再填写；从系统导出时请选择文本格式的 xlsx，"
    "不要用 Excel 打开 csv 后再保存。",
    "The spreadsheet took the ID number for a number and lost its last digits. Set the column to text before typing; "
    "export as xlsx with text columns, and do not save a csv from a spreadsheet.",
)


def readable(cell: Cell) -> Cell:
    """The cell, unless its formula failed.

    :raises CellFault: ``cell_error``, ``cell_formula``.
    """
    if isinstance(cell, ErrorCell):
        if cell == FORMULA_WITHOUT_RESULT:
            raise CellFault(
                "cell_formula",
                Message(
                    "公式没有保存计算结果，请复制后“选择性粘贴为数值”。",
                    "The formula was saved without its result; copy it and paste it as a value.",
                ),
            )
        raise CellFault(
            "cell_error",
            Message(
                "单元格的公式出错（如 #N/A），请改为实际的值。", "The cell's formula failed; give the value itself."
            ),
        )
    return cell


def squeezed(cell: Cell) -> str:
    """A cell as text without white space and with half-width signs, for codes and numbers.

    :raises CellFault: also ``cell_signs`` for signs that cannot be stored.
    """
    written = _written(cell)
    if _COMPACT.fullmatch(written):
        return written
    try:
        return compact(written.replace("\r", " "))
    except ValueError as fault:
        raise _unstorable() from fault


def _written(cell: Cell) -> str:
    """What the cell says; a formula that is nothing but one quoted text says that text."""
    written = as_text(readable(cell))
    if '="' in written:
        found = _TEXT_FORMULA.fullmatch(written.strip())
        return found[1] if found else written
    return written


def text(cell: Cell, max_length: int = 200) -> str | None:
    """Cleaned text; numbers and dates as a person would read them.

    :raises CellFault: ``text_length`` beyond ``max_length`` signs, ``cell_signs``, ``cell_error``, ``cell_formula``.
    """
    if is_blank(cell):
        return None
    try:
        value = tidy(_written(cell))
    except ValueError as fault:
        raise _unstorable() from fault
    if len(value) > max_length:
        raise CellFault(
            "text_length",
            Message(f"文字过长，最多 {max_length} 个字。", f"The text is too long; at most {max_length} signs."),
        )
    return value or None


def identity_number(cell: Cell) -> str | None:
    """公民身份号码: cleaned text, upper case, without inner spaces; its check digit is not looked at here.

    :raises CellFault: ``identity_digits_lost`` where a spreadsheet turned it into a number of more than 15 digits
        (``6.10999E+17``); ``identity_form`` for dates and truth values.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool | date):
        raise CellFault("identity_form", Message("请填写身份证号。", "Give an ID number."))
    if isinstance(cell, int | float) and (isinstance(cell, float) or abs(cell) >= 10**NUMBER_DIGITS_MAX):
        if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**NUMBER_DIGITS_MAX:
            return str(int(cell))
        raise CellFault("identity_digits_lost", _DIGITS_LOST)
    value = squeezed(cell).lstrip(_TEXT_MARK).upper()
    if _SCIENTIFIC.fullmatch(value):
        raise CellFault("identity_digits_lost", _DIGITS_LOST)
    return value or None


def integer(cell: Cell) -> int | None:
    """A whole number of at most 15 digits; thousands separators and ``.0`` are understood.

    :raises CellFault: ``integer``.
    """
    if is_blank(cell):
        return None
    found = None if isinstance(cell, bool | date) else _WHOLE.fullmatch(squeezed(cell).replace("−", "-"))
    if found is None:
        raise CellFault("integer", Message("请填写整数。", "Give a whole number."))
    number = int(found[2].replace(",", ""))
    return -number if found[1] == "-" else number


def yes_no(cell: Cell) -> bool | None:
    """是 or 否 in the ways in which forms write them: 有/无, 1/0, true/false, √/×.

    :raises CellFault: ``yes_no``.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool):
        return cell
    value = squeezed(cell).casefold()
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise CellFault("yes_no", Message("请填写“是”或“否”。", "Give 是 (yes) or 否 (no)."))


def choice(cell: Cell, choices: Mapping[str, Any]) -> Any:
    """One of ``choices``, found by its label or by its value, whatever their width, case and brackets.

    :raises CellFault: ``choice``; the message lists what is allowed.
    """
    if is_blank(cell):
        return None
    given = label_key(squeezed(cell))
    for label, value in choices.items():
        if given in (label_key(label), label_key(str(value))):
            return value
    labels = list(choices)
    shown = "、".join(labels[:20]) + ("等" if len(labels) > 20 else "")
    raise CellFault("choice", Message(f"请从以下选项中填写：{shown}。", f"Give one of: {shown}."))


def _unstorable() -> CellFault:
    return CellFault(
        "cell_signs",
        Message("含有无法保存的控制字符，请重新输入。", "The cell holds signs that cannot be stored; type it anew."),
    )
