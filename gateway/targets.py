"""Decide whether a request's path is written in a way that every program reads alike; it is never rewritten.

A path that two programs can read in two ways is how checks made on one reading are evaded by the other. So dot
segments, empty segments, separators and control characters hidden behind ``%``, double encoding, and bytes outside
ASCII are refused, and what passes goes on byte for byte.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from gateway.errors import AddressTooLong, PathRefused

# RFC 3986 path characters without "%"; no segment may be empty, "." or "..", also not with a ";parameter" behind it.
_PLAIN: Final = re.compile(rb"(?:/(?!\.{1,2}(?:[/;]|\Z))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+/?")
_ENCODED: Final = re.compile(rb"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+/?")
_QUERY: Final = re.compile(rb"[\x21-\x7e]*")
_MISREAD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f/\\%]|\A\.{1,2}(?:;|\Z)")


def target_of(scope: Scope, bytes_max: int) -> bytes:
    """The request target: path and query as the client sent them.

    :raises AddressTooLong: if it is longer than ``bytes_max``.
    :raises PathRefused: if it can be read in more than one way.
    """
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    if len(path) + len(query) >= bytes_max:
        raise AddressTooLong
    if _PLAIN.fullmatch(path) is None and not _is_sound(path):
        raise PathRefused
    if not query:
        return path
    if _QUERY.fullmatch(query) is None:
        raise PathRefused
    return b"%b?%b" % (path, query)


def _is_sound(path: bytes) -> bool:
    if _ENCODED.fullmatch(path) is None:
        return False
    try:
        segments = [unquote_to_bytes(segment).decode("utf-8") for segment in path.split(b"/")]
    except UnicodeDecodeError:
        return False
    return not any(_MISREAD.search(segment) for segment in segments)
