"""Show of a personal value only what clause F6 allows, and find identity numbers wherever they slipped into.

Identity numbers and phones mask themselves (they are value types); here are names, accounts, addresses and the rest,
the scan for identity numbers in any text, and the scrubbing of log lines.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from stdnum.cn import ric

_STAR: Final = "*"
_ACCOUNT_TAIL: Final = 4
_NAME_JOINTS: Final = frozenset("·. ")

_BELOW_VILLAGE: Final = r"(?!民小组|小组|区|镇|乡|街道|路|街|大道|公路)"
_VILLAGE: Final = re.compile(rf".+?(?:村民委员会|居民委员会|村委会|居委会|社区|嘎查|村{_BELOW_VILLAGE})")
_TOWN: Final = re.compile(r".+?(?:街道|苏木|镇|乡)")
_COUNTY: Final = re.compile(r".+(?:县|区|旗|市)")
_DIGIT: Final = re.compile(r"\d")

_DIGIT_RUN: Final = re.compile(r"[0-9]{17,}[Xx]?")
_CANDIDATE: Final = re.compile(
    r"(?=([1-9][0-9]{5}((?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))[0-9]{3}[0-9Xx]))"
)
_IDENTITY_LENGTH: Final = 18
# The look-behinds stand at the end: a pattern that starts with a digit is searched ten times as fast.
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}(?![0-9A-Za-z])(?:(?<![0-9A-Za-z]1[0-9]{10})|(?<=\b861[0-9]{10}))")
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), 0xFF38, 0xFF58)}


def mask_name(name: str) -> str:
    """姓名: the first sign stays, each further one becomes a star: 陈大山 → 陈**, 王芳 → 王*.

    Names of several parts keep their joints, since the parts' number is no secret and the eye needs it:
    阿依古丽·买买提 → 阿***·***. A compound surname shows its first sign only; a name of one sign shows none.
    """
    if len(name) < 2:
        return _STAR * len(name)
    return name[0] + "".join(sign if sign in _NAME_JOINTS else _STAR for sign in name[1:])


def mask_account(number: str) -> str:
    """银行账号: the last four signs behind four stars, whatever its length; none of a number under eight signs."""
    return _STAR * 4 + (number[-_ACCOUNT_TAIL:] if len(number) >= 2 * _ACCOUNT_TAIL else "")


def mask_address(address: str) -> str:
    """住址: down to the village, the rest as ``***``; down to town or county if no village is named.

    Where the text can be read in two ways the shorter one is shown. A part with digits is never shown.
    """
    for level in (_VILLAGE, _TOWN, _COUNTY):
        found = level.match(address)
        if found and not _DIGIT.search(found[0]):
            return found[0] + _STAR * 3
    return _STAR * 3


def mask_other(value: str, *, head: int = 0, tail: int = 0) -> str:
    """Any other sensitive value: ``head`` signs, stars, ``tail`` signs; only stars if that would show half or more.

    Four stars stand for the hidden part, so that its length is not told.
    """
    if head < 0 or tail < 0:
        raise ValueError("head and tail are numbers of signs")
    if 2 * (head + tail) >= len(value):
        return _STAR * 4
    return value[:head] + _STAR * 4 + value[len(value) - tail :]


def find_identity_numbers(text: str) -> list[tuple[int, int]]:
    """Where 18 signs stand that pass as 公民身份号码: a date that exists and the check digit (clause F4).

    Also inside a longer run of digits, in full-width digits, with ``x`` or ``X``; spans are (start, end), in order,
    and may overlap. The area part is not looked at: unknown counties hide no one.
    """
    return _identity_numbers(_half_width(text))


def scrub(text: str) -> str:
    """The text with identity numbers and mobile phone numbers replaced by what they are, for logs."""
    plain = _half_width(text)
    spans = [(start, end, "[identity number]") for start, end in _identity_numbers(plain)]
    spans += [(*found.span(), "[phone]") for found in _MOBILE.finditer(plain)]
    if not spans:
        return text
    pieces = []
    done = 0
    for start, end, label in sorted(spans):
        if start >= done:
            pieces += [text[done:start], label]
        done = max(done, end)
    return "".join(pieces) + text[done:]


def _half_width(text: str) -> str:
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def _identity_numbers(text: str) -> list[tuple[int, int]]:
    return [
        (start, start + _IDENTITY_LENGTH)
        for run in _DIGIT_RUN.finditer(text)
        for start in _starts(text, run.start(), run.end())
    ]


def _starts(text: str, start: int, end: int) -> list[int]:
    return [
        found.start(1)
        for found in _CANDIDATE.finditer(text, start, end)
        if _is_date(found[2]) and ric.calc_check_digit(found[1]) == found[1][17].upper()
    ]


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
