"""Name the bound that a value broke: the bound is ours, so that it may be told; the value may not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from chassis.errors import Message

_BOUNDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "greater_than": ("gt", "请填写大于 {} 的数值。", "Give a number above {}."),
    "greater_than_equal": ("ge", "数值过小，最小为 {}。", "The number is too small; the least is {}."),
    "less_than": ("lt", "请填写小于 {} 的数值。", "Give a number below {}."),
    "less_than_equal": ("le", "数值过大，最大为 {}。", "The number is too large; the most is {}."),
    "string_too_short": ("min_length", "内容过短，至少 {} 个字符。", "This is too short; give {} signs at least."),
    "string_too_long": ("max_length", "内容过长，至多 {} 个字符。", "This is too long; give {} signs at most."),
    "too_short": ("min_length", "项数过少，至少 {} 项。", "There are too few items; give {} at least."),
    "too_long": ("max_length", "项数过多，至多 {} 项。", "There are too many items; give {} at most."),
}
_OF_TEXT: Final = {"too_short": "string_too_short", "too_long": "string_too_long"}
_CHOICES: Final = frozenset({"enum", "literal_error"})
_CHOICES_MAX: Final = 30
"""More than these are a code list, which is read at its own address."""

_CHOICE: Final = re.compile(r"'((?:[^'\\]|\\.)*)'")


def bound_of(kind: str, context: Mapping[str, Any]) -> Message | None:
    """What would be accepted, if pydantic tells it with an error of ``kind``; None if it does not."""
    if kind in _CHOICES:
        return _choices(str(context.get("expected", "")))
    if kind not in _BOUNDS:
        return None
    if context.get("field_type") == "Value":  # pydantic's word for a text that our own type has cleaned first
        kind = _OF_TEXT.get(kind, kind)
    name, zh, en = _BOUNDS[kind]
    if name not in context:
        return None
    return Message(zh.format(context[name]), en.format(context[name]))


def _choices(expected: str) -> Message | None:
    values = _CHOICE.findall(expected)
    if not 0 < len(values) <= _CHOICES_MAX:
        return None
    return Message(
        f"不在可选值之列，可选：{'、'.join(values)}。", f"This is none of the listed values: {', '.join(values)}."
    )
