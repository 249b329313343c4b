"""Refuse a value that no catalogue lists and name what may be chosen: an empty page would look like an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from chassis.errors import Fault, InvalidInput, Message

UNLISTED: Final = "unlisted"


def unlisted(pointer: str, listed: Iterable[str]) -> Fault:
    """The fault of a value that is none of ``listed``; all of them are named, the value is not."""
    return Fault(pointer, UNLISTED, _message(listed))


def refuse_unlisted(parameter: str, asked: Iterable[str], listed: Iterable[str]) -> None:
    """Refuse a filter's values unless all are listed; for a catalogue that is known only when the request acts.

    :raises InvalidInput: naming ``parameter`` and what may be chosen.
    """
    known = set(listed)
    if not known.issuperset(asked):
        raise InvalidInput(faults=[unlisted(f"?{parameter}", known)])


def listed_in(catalogue: Callable[[], Iterable[str]]) -> AfterValidator:
    """Annotate a text that must be one of ``catalogue``'s, which is asked at the first value."""

    def checked(value: str) -> str:
        known = frozenset(catalogue())
        if value not in known:
            message = _message(known)
            raise PydanticCustomError(UNLISTED, "unlisted", message._asdict())
        return value

    return AfterValidator(checked)


def _message(listed: Iterable[str]) -> Message:
    codes = sorted(listed)
    if not codes:
        return Message("目前没有可选值，请去掉此项。", "There is nothing to choose from; leave this out.")
    return Message(f"可选值：{'、'.join(codes)}。", f"Choose from: {', '.join(codes)}.")
