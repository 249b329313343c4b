"""Strict, documented value types for API models and for rows of files.

Pydantic's lax mode takes ``True`` as 1, ``"1e5"`` and Arabic digits as numbers and integers as dates; what crosses
our edge goes through these types instead. In Python money is an ``int`` in 分, a region an ``int`` of twelve digits.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MONEY_DIGITS_MAX: Final = 15  # 分; fits a signed bigint with room for sums over a province
_MONEY = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?", re.ASCII)
_REGION = re.compile(r"[1-9][0-9]{11}", re.ASCII)
# Of the years 1900 to 2999: nothing here is of another day, and windows of years around one stay days that exist.
_DAY = re.compile(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)

# The separator in names such as 阿依古丽·买买提 is typed in many ways; GB 18030 and the household register use U+00B7.
_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u30fb\uff65\u22c5\u2219\u0387\u16eb\u2e31"), "\u00b7")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs, but for line feed and tab."""

_TABLE: Final = _DOTS | _FULL_WIDTH | _INVISIBLE
_PUNCTUATION_KEPT = {ord(c): c for c in "，。；：？！（）“”、"}
_TEXT_TABLE: Final = _DOTS | {k: v for k, v in _FULL_WIDTH.items() if k not in _PUNCTUATION_KEPT} | _INVISIBLE


class Model(BaseModel):
    """Base of every API model: unknown fields are refused, strings are never trimmed silently by accident.

    A model's validator is made at its first use: a program is asked for few of its hundreds, and for none at its start.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True, defer_build=True)


def clean(value: str) -> str:
    """Bring typed or exported text to one form: NFC, half-width digits and letters, ``·`` as U+00B7.

    Chinese punctuation stays. Invisible signs and outer white space go.

    :raises ValueError: for NUL, other control signs and lone surrogates, which PostgreSQL or JSON cannot carry.
    """
    cleaned = unicodedata.normalize("NFC", value.translate(_TEXT_TABLE)).strip()
    if _CONTROL.search(cleaned):
        raise ValueError("the text holds control signs")
    return cleaned


def compact(value: str) -> str:
    """Like :func:`clean`, for codes and numbers: all punctuation half-width, no white space at all."""
    cleaned = clean(value.translate(_TABLE))
    return "".join(cleaned.split())


def _only_text(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("text_type", "Give text.")
    try:
        return clean(value)
    except ValueError as fault:
        raise PydanticCustomError("text_signs", "The text holds signs that cannot be stored.") from fault


def yuan_to_fen(value: str) -> int:
    """Read ``"1460000.00"`` (元, at most two decimals, ASCII digits, no exponent) as 分.

    :raises ValueError: for any other form.
    """
    if not _MONEY.fullmatch(value):
        raise ValueError("not an amount in 元 with at most two decimals")
    whole, _, part = value.partition(".")
    fen = abs(int(whole)) * 100 + int(part.ljust(2, "0") or "0")
    return -fen if value.startswith("-") else fen


def fen_to_yuan(fen: int) -> str:
    """Write 分 as 元 with two decimals: ``146000000`` → ``"1460000.00"``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _money(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return yuan_to_fen(value)
        except ValueError as fault:
            raise PydanticCustomError("money", "Give the amount in 元 as text with at most two decimals.") from fault
    raise PydanticCustomError("money", "Give the amount in 元 as text with at most two decimals.")


def _money_text(value: Any) -> int:
    """JSON numbers are refused: a float has already lost 分 when it arrives."""
    if isinstance(value, str):
        return _money(value)
    raise PydanticCustomError("money", "Give the amount in 元 as text with at most two decimals.")


def _region(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 10**11 <= value < 10**12:
        return value
    if isinstance(value, str) and _REGION.fullmatch(value):
        return int(value)
    raise PydanticCustomError("region", "Give a division code of 12 digits.")


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as fault:
            raise PydanticCustomError("day", "Give a date that exists, as YYYY-MM-DD.") from fault
    raise PydanticCustomError("day", "Give a date of the years 1900 to 2999, as YYYY-MM-DD.")


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as fault:
            raise PydanticCustomError("instant", "Give an instant that exists, with its offset.") from fault
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise PydanticCustomError("instant", "Give an instant in ISO 8601 with its offset.")


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("integer", "Give a whole number.")


_MONEY_SCHEMA = WithJsonSchema(
    {
        "type": "string",
        "format": "decimal",
        "pattern": r"^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$",
        "examples": ["1460000.00"],
    }
)

MoneyInput = Annotated[int, BeforeValidator(_money_text), _MONEY_SCHEMA]
"""An amount that a client hands in: text in 元 with at most two decimals; 分 in Python. For Create and Patch models."""

Money = Annotated[
    int,
    BeforeValidator(_money),
    PlainSerializer(fen_to_yuan, return_type=str, when_used="json"),
    _MONEY_SCHEMA,
]
"""An amount that we hand out: 分 in Python, text in 元 with two decimals in JSON. For Read models."""

RegionCode = Annotated[
    int,
    BeforeValidator(_region),
    PlainSerializer(lambda code: f"{code:012d}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{11}$", "examples": ["610999101203"]}),
]
"""统计用区划代码: a division code of 12 digits (GB/T 2260 county + town + village), ``int`` in Python."""


def _client_id(value: UUID) -> UUID:
    if value.version not in (4, 7):
        raise PydanticCustomError("client_id", "Give a UUID of version 7 (or 4).")
    return value


ClientId = Annotated[UUID, AfterValidator(_client_id)]
"""An id that a client made: a UUIDv7, or a random one. Others (nil among them) could be taken on purpose."""

Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-06-03"]})
]
"""A date on the business calendar, of the years 1900 to 2999."""

AwareDatetime = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""An instant with its offset; a naive one is refused."""

Integer = Annotated[int, BeforeValidator(_integer)]
"""A whole number; text, floats and booleans are refused."""

Text = Annotated[str, BeforeValidator(_only_text), StringConstraints(max_length=2000)]
"""Cleaned free text of at most 2,000 signs."""

ShortText = Annotated[str, BeforeValidator(_only_text), StringConstraints(min_length=1, max_length=200)]
"""Cleaned text of 1 to 200 signs."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""A machine-readable code."""

# Spreadsheets are filled with the full stop at hand; between Chinese characters it can be nothing else.
_STOP_IN_NAME: Final = re.compile("(?<=[\u3400-\u9fff])[ ]?\\.[ ]?(?=[\u3400-\u9fff])")
_PERSON_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·. ]){0,48}[^\W\d_]|[^\W\d_]{1,2}")


def _name_text(value: Any) -> str:
    return _STOP_IN_NAME.sub("\u00b7", _only_text(value))


def _person_name(value: str) -> str:
    if not _PERSON_NAME.fullmatch(value):
        raise PydanticCustomError("person_name", "Give the name as in the household register, without digits.")
    return value


PersonName = Annotated[
    str,
    BeforeValidator(_name_text),
    AfterValidator(_person_name),
    Field(min_length=1, max_length=50),
]
"""姓名 as in the household register: letters of any script, ``·`` between parts."""

NamePrefix = Annotated[str, BeforeValidator(_name_text), StringConstraints(min_length=1, max_length=50)]
"""The first signs of a name, to search by."""
