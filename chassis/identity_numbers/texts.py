"""Bring a typed or exported number to one form before it is judged."""

from __future__ import annotations

from chassis.types import compact


def compacted(text: str) -> str:
    """``text`` without white space, half-width and in capitals.

    Control signs stay where they are, so that the number's own check refuses them.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    try:
        return compact(text).upper()
    except ValueError:
        return text
