"""Read mainland telephone numbers, and show no more of them than the mask."""

from __future__ import annotations

import re
from typing import Final, Self

from chassis.identity_numbers.faults import PhoneFault, refusal
from chassis.identity_numbers.texts import compacted
from chassis.identity_numbers.values import Number

_SEPARATORS: Final = str.maketrans("", "", "-()")
_COUNTRY: Final = r"(?:\+86|0086|86)?"
_MOBILE: Final = re.compile(_COUNTRY + r"(1[3-9][0-9]{9})", re.ASCII)
_LANDLINE: Final = re.compile(_COUNTRY + r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([2-8][0-9]{6,7})", re.ASCII)


class Phone(Number):
    """A mobile number (``13800001234``) or a landline with its area code (``0915-2345678``)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``; a country code, spaces, brackets and hyphens may stand in it.

        :raises InvalidInput: never repeating the text.
        """
        value = _read(text)
        if value is None:
            raise refusal([PhoneFault.FORM])
        return cls(value)

    @classmethod
    def faults(cls, text: str) -> tuple[PhoneFault, ...]:
        """Why ``text`` is no telephone number; empty for a good one."""
        return () if _read(text) else (PhoneFault.FORM,)

    @property
    def masked(self) -> str:
        """``138****1234``; of a landline the area code and what follows the four hidden digits (clause F6)."""
        area, hyphen, local = self.value.rpartition("-")
        return f"{area}-****{local[4:]}" if hyphen else f"{local[:3]}****{local[7:]}"


def _read(text: str) -> str | None:
    digits = compacted(text).translate(_SEPARATORS)
    if mobile := _MOBILE.fullmatch(digits):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(digits):
        return f"{landline[1]}-{landline[2]}"
    return None
