"""Tell an exception by its types, codes and places; never by its text or its local variables, which may quote a row."""

from __future__ import annotations

import errno
import re
import traceback
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from chassis.events.faults import reason_of

_FRAMES_MAX: Final = 40
_LINKS_MAX: Final = 10
_PATH_PARTS: Final = 4
_HEAD: Final = "Traceback (most recent call last):"
_FRAME: Final = re.compile(r'\s*File "([^"]+)", line ([0-9]+), in ([\w<>.]+)')
_TYPE: Final = re.compile(r"([A-Za-z_][\w.]*)(?::|$)")


def named(error: BaseException) -> str:
    """The error's type and codes: ``UniqueViolation 23505 uq_person``, ``OSError EADDRINUSE``."""
    words = reason_of(error)
    code = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    return f"{words} {code}" if code else words


def describe(error: BaseException) -> str:
    """The error with where it was raised, what it was raised from, and the members of a group."""
    return "\n".join(_lines(error, "", _LINKS_MAX))


def _lines(error: BaseException, indent: str, links: int) -> Iterator[str]:
    yield indent + named(error)
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]:
        yield f"{indent}  {_place(frame.filename, frame.lineno, frame.name)}"
    if links == 0:
        return
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions[:_LINKS_MAX]:
            yield from _lines(member, indent + "  | ", links - 1)
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        yield indent + "from"
        yield from _lines(behind, indent, links - 1)


def without_texts(text: str) -> str:
    """A log text with the tracebacks in it, which some libraries format themselves, cut down to types and places."""
    head, found, rest = text.partition(_HEAD)
    if not found:
        return text
    kept, after_frames = [head + "traceback:"], False
    for line in rest.splitlines():
        if frame := _FRAME.fullmatch(line):
            kept.append("  " + _place(*frame.groups()))
            after_frames = True
        elif after_frames and (kind := _TYPE.match(line)):
            kept.append(kind[1])
            after_frames = False
    return "\n".join(kept)


def _place(file: str, number: object, function: str) -> str:
    return f"{'/'.join(PurePath(file).parts[-_PATH_PARTS:])}:{number} {function}"
