"""Read cells that hold entries of code lists, written as codes or as labels, one or several."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from chassis.errors import Message
from chassis.tabular import CellFault
from services.monitoring.codes.code_list import CodeList

Codes = TypeVar("Codes", bound=CodeList)

_BETWEEN: Final = re.compile(r"[、,，;；/ ]+")
_LISTED_MAX: Final = 20


def read_code(codes: type[Codes], text: str) -> Codes:
    """The entry that ``text`` names; a spreadsheet's ``2`` is read as ``02`` where the codes have two digits.

    :raises CellFault: ``choice``; the message lists what is allowed.
    """
    for written in (text, f"0{text}"):
        try:
            return codes.read(written)
        except ValueError:
            continue
    labels = [entry.label for entry in codes]
    listed = "、".join(labels[:_LISTED_MAX]) + ("等" if len(labels) > _LISTED_MAX else "")
    raise CellFault(
        "choice", Message(f"请从以下选项中填写：{listed}，或填写其代码。", f"Give one of: {listed}, or its code.")
    )


def read_codes(codes: type[Codes], text: str) -> tuple[Codes, ...]:
    """The entries that ``text`` names, parted by 、 or a comma, each once.

    :raises CellFault: ``choice`` if one of them is none.
    """
    return tuple(dict.fromkeys(read_code(codes, one) for one in _BETWEEN.split(text) if one))
