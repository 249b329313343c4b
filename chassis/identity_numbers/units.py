"""Read 统一社会信用代码, the code of a legal unit."""

from __future__ import annotations

import re
from typing import Final, Self

from stdnum.cn import uscc

from chassis.identity_numbers.faults import CreditCodeFault, refusal
from chassis.identity_numbers.texts import compacted
from chassis.identity_numbers.values import Number

_FORM: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)


class UnifiedSocialCreditCode(Number):
    """统一社会信用代码 (GB 32100) of a legal unit; public, so nothing of it is hidden.

    Village collectives are registered by agriculture offices under ``N``, which python-stdnum's own validation
    refuses; its check sign is used, the form is ours.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``.

        :raises InvalidInput: naming the fault.
        """
        faults = cls.faults(text)
        if faults:
            raise refusal(faults)
        return cls(compacted(text))

    @classmethod
    def faults(cls, text: str) -> tuple[CreditCodeFault, ...]:
        """Why ``text`` is no such code; empty for a good one. The check sign is judged only when the form is right."""
        code = compacted(text)
        if len(code) != 18:
            return (CreditCodeFault.LENGTH,)
        if not _FORM.fullmatch(code):
            return (CreditCodeFault.CHARACTERS,)
        return () if uscc.calc_check_digit(code) == code[17] else (CreditCodeFault.CHECK_DIGIT,)

    def __repr__(self) -> str:
        return f"<UnifiedSocialCreditCode {self.value}>"

    def __str__(self) -> str:
        return self.value
