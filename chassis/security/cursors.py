"""Sign cursors, so that a client hands back the position it was given, in the list it was given for, and no other.

A cursor is signed, not encrypted, and stands in URLs: its payload holds ids, dates and numbers, never a name or a
number of a person. Equal payloads give equal cursors, so that a page's ETag holds.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

import orjson

from chassis.errors import DomainError, Fault, InvalidInput, Message
from chassis.security.keys import KeyRing, Mac, Purpose

CURSOR_LENGTH_MAX: Final = 4096
_HEADER_BYTES: Final = 2
_SIGNATURE_BYTES: Final = 16
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{24,4096}", re.ASCII)
_SPOILED: Final = Message(
    "游标无效或不属于这个列表，请从第一页重新读取。",
    "The cursor is not valid for this list; read again from the first page without it.",
)


class CursorSigner:
    """Signs with the ring's current cursor key and accepts every live one."""

    def __init__(self, ring: KeyRing) -> None:
        keys = ring.keys(Purpose.CURSOR)
        self._macs = {key.mark: Mac(key) for key in keys}
        self._mark = keys[0].mark

    def sign(self, payload: Mapping[str, Any], *, context: str) -> str:
        """The cursor for ``payload``.

        :param context: what it is good for (list, filters, sort order, area); read needs the same.
        :raises ValueError: if it gets longer than 4,096 signs.
        """
        body = orjson.dumps(dict(payload), option=orjson.OPT_SORT_KEYS)
        signed = self._mark + _signature(self._macs[self._mark], self._mark, context, body) + body
        text = _encoded(signed)
        if len(text) > CURSOR_LENGTH_MAX:
            raise ValueError(f"a cursor of {len(text)} signs is too long; keep only the sort key in it")
        return text

    def read(self, text: str, *, context: str, spoiled: type[DomainError] = InvalidInput) -> dict[str, Any]:
        """The payload of a cursor that we signed for ``context``.

        :param spoiled: the error for any other one: pages keep the default, feeds take ``CursorSpoiled``.
        """
        payload = self._payload(text, context)
        if payload is None:
            raise spoiled(_SPOILED, faults=[Fault("cursor", "cursor_invalid", _SPOILED)])
        return payload

    def _payload(self, text: str, context: str) -> dict[str, Any] | None:
        if not _FORM.fullmatch(text) or len(text) % 4 == 1:
            return None
        signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if _encoded(signed) != text:  # spare bits in the last sign: a spelling that we never gave out
            return None
        mark, body = signed[:_HEADER_BYTES], signed[_HEADER_BYTES + _SIGNATURE_BYTES :]
        mac = self._macs.get(mark)
        given = signed[_HEADER_BYTES : _HEADER_BYTES + _SIGNATURE_BYTES]
        if mac is None or not hmac.compare_digest(given, _signature(mac, mark, context, body)):
            return None
        payload: dict[str, Any] = orjson.loads(body)
        return payload


def _signature(mac: Mac, mark: bytes, context: str, body: bytes) -> bytes:
    scope = context.encode()
    return mac.of(mark + len(scope).to_bytes(4, "big") + scope + body)[:_SIGNATURE_BYTES]


def _encoded(signed: bytes) -> str:
    return urlsafe_b64encode(signed).rstrip(b"=").decode()
