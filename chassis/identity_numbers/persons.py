"""Read 居民身份证号 and 残疾人证号: who a person is, and never more of it than the mask."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, Self

from stdnum import numdb
from stdnum.cn import ric

from chassis.identity_numbers.faults import DisabilityNumberFault, IdentityNumberFault, NumberFault, refusal
from chassis.identity_numbers.texts import compacted
from chassis.identity_numbers.values import Number

_CURRENT: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_REISSUE: Final = re.compile(r"[B0-9][0-9]", re.ASCII)

# In 15-digit numbers these orders were kept for people over a hundred, whose century the number does not tell.
_CENTENARIAN_ORDERS: Final = frozenset({"996", "997", "998", "999"})


class IdentityNumber(Number):
    """居民身份证号 (GB 11643), always in its form of 18 signs.

    A former number of 15 digits is read too: ``value`` is then the number that GB 11643-1999 derives from it, by which
    the person can be found, and ``former`` keeps what was written. Whether that person really bears the derived
    number is for the register to confirm, so callers file ``former`` as a former number.
    """

    __slots__ = ("former",)
    former: str | None

    def __init__(self, value: str, *, former: str | None = None) -> None:
        """Take a number that was checked before; texts go through :meth:`parse`."""
        if not _CURRENT.fullmatch(value):
            raise ValueError("an identity number has 17 digits and a check sign; read texts with parse()")
        super().__init__(value)
        object.__setattr__(self, "former", former)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.value, self.former)

    @classmethod
    def parse(cls, text: str, *, today: date | None) -> Self:
        """Read ``text``.

        :param today: the business date, which no birth may follow; None where no clock is at hand and the caller
            judges the date later (:meth:`born_after`).
        :raises InvalidInput: naming every fault, never the text.
        """
        read = cls.read(text, today=today)
        if isinstance(read, tuple):
            raise refusal(read)
        return read

    @classmethod
    def faults(cls, text: str, *, today: date | None) -> tuple[IdentityNumberFault, ...]:
        """Every reason why ``text`` is no identity number; empty for a good one."""
        read = cls.read(text, today=today)
        return read if isinstance(read, tuple) else ()

    @classmethod
    def read(cls, text: str, *, today: date | None) -> Self | tuple[IdentityNumberFault, ...]:
        """The number, or every reason why ``text`` is none: :meth:`parse` and :meth:`faults` in one go."""
        number = compacted(text)
        found = []
        if len(number) not in (15, 18):
            found.append(IdentityNumberFault.LENGTH)
        if not (number.isascii() and number[:-1].isdigit() and (number[-1].isdigit() or number[17:] == "X")):
            found.append(IdentityNumberFault.CHARACTERS)
        if found:
            return tuple(found)
        former = None
        if len(number) == 15:
            if number[12:] in _CENTENARIAN_ORDERS:
                return (IdentityNumberFault.CENTURY,)
            former, number = number, _upgraded(number)
        born = _date(number[6:14])
        if born is None:
            found.append(IdentityNumberFault.DATE)
        elif today is not None and born > today:
            found.append(IdentityNumberFault.FUTURE)
        if number[17] != ric.calc_check_digit(number):
            found.append(IdentityNumberFault.CHECK_DIGIT)
        return tuple(found) or cls(number, former=former)

    @property
    def birth_date(self) -> date:
        born = _date(self.value[6:14])
        if born is None:
            raise ValueError("the number was not read with parse()")
        return born

    @property
    def sex_code(self) -> Literal["1", "2"]:
        """GB/T 2261.1: an odd digit 17 is male (1), an even one female (2)."""
        return "1" if int(self.value[16]) % 2 else "2"

    @property
    def area(self) -> str:
        """The six digits of the county that issued the number, by the divisions of that time."""
        return self.value[:6]

    @property
    def masked(self) -> str:
        """``610999********3010``: county and the last four signs (clause F6)."""
        return f"{self.value[:6]}********{self.value[14:]}"

    def born_after(self, day: date) -> bool:
        return self.birth_date > day

    def area_is_listed(self) -> bool:
        """Whether any list of divisions since 1980 has known the issuing county; a reason to doubt, never to refuse."""
        return _county_is_listed(self.area)


class DisabilityNumber(Number):
    """残疾人证号: the holder's identity number, class (1–7) and level (1–4); a reissued one has two more signs."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, *, today: date | None) -> Self:
        """Read ``text``; parameters and errors as :meth:`IdentityNumber.parse`."""
        faults = cls.faults(text, today=today)
        if faults:
            raise refusal(faults)
        return cls(compacted(text))

    @classmethod
    def faults(cls, text: str, *, today: date | None) -> tuple[NumberFault, ...]:
        """Every reason why ``text`` is no disability number, those of the identity number in it among them."""
        number = compacted(text)
        if len(number) not in (20, 22):
            return (DisabilityNumberFault.LENGTH,)
        found: list[NumberFault] = list(IdentityNumber.faults(number[:18], today=today))
        if number[18] not in "1234567":
            found.append(DisabilityNumberFault.CLASS)
        if number[19] not in "1234":
            found.append(DisabilityNumberFault.LEVEL)
        if len(number) == 22 and not _REISSUE.fullmatch(number[20:]):
            found.append(DisabilityNumberFault.REISSUE)
        return tuple(found)

    @property
    def holder(self) -> IdentityNumber:
        return IdentityNumber(self.value[:18])

    @property
    def class_code(self) -> str:
        """GB/T 26341: 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several."""
        return self.value[18]

    @property
    def level_code(self) -> str:
        """1 is the most severe, 4 the least."""
        return self.value[19]

    @property
    def masked(self) -> str:
        """The holder's masked number; class and level are health facts and stay hidden."""
        return self.holder.masked + "*" * len(self.value[18:])


def _restored(value: str, former: str | None) -> IdentityNumber:
    return IdentityNumber(value, former=former)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _upgraded(former: str) -> str:
    """The 18-digit form of a 15-digit number: the century 19 and a check digit are added (GB 11643-1999)."""
    body = f"{former[:6]}19{former[6:]}"
    return body + ric.calc_check_digit(body + "0")


@lru_cache(maxsize=8192)
def _county_is_listed(area: str) -> bool:
    # stdnum's own get_birth_place() raises KeyError for a known province with an unknown county.
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(area))
