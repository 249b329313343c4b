"""Tell rows and files apart by keyed digests that say nothing to who has no key, also while a key is being rotated."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.security.blind_index import BlindIndex
from chassis.security.masking import scrub
from chassis.security.vault import Vault
from chassis.tabular import Kind
from services.monitoring.datasets.contracts.contract import EVENT_DATE, Contract

_KIND: Final = "department_row"
_ACCOUNT_LIKE: Final = re.compile(r"(?:[0-9][ -]?){12,}", re.ASCII)


class RowKeys:
    """Digests of the rows of one contract in one county."""

    def __init__(self, vault: Vault, contract: Contract, county: int) -> None:
        self._index = BlindIndex(vault.ring, kind=_KIND)
        self._contract = contract
        self._place = [contract.code, county]
        self._own = {column.name: column for column in contract.own}

    def of_row(self, values: Mapping[str, Any], identity: str) -> bytes:
        """The contract's own key of a row, by the ID number written in it: for repetition within a batch."""
        return self._index.of(self._text("row", identity, values))

    def natural(self, values: Mapping[str, Any], person_id: UUID) -> bytes:
        """The contract's own key of a record: by the person, whichever of their numbers was written."""
        return self._index.of(self._text("record", str(person_id), values))

    def natural_candidates(self, values: Mapping[str, Any], person_id: UUID) -> list[bytes]:
        """The same under every live key: what to look for."""
        return self._index.candidates(self._text("record", str(person_id), values))

    def payload(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a record keeps of a row: amounts in 分, ISO dates, codes.

        Free text stays out, since it names people, but for what a register shows (``Contract.texts``); a kept text that
        holds an ID number, or is as long as an account, is replaced by its digest.
        """
        kept: dict[str, Any] = {EVENT_DATE: _plain(values[EVENT_DATE])}
        wanted = {*self._contract.key, *self._contract.facts.values(), *self._contract.texts}
        for name, column in self._own.items():
            value = values.get(name)
            if value is None:
                continue
            if column.kind is Kind.TEXT:
                if name in wanted:
                    kept[name] = self._quiet(value)
            elif column.kind is not Kind.IDENTITY_NUMBER:
                kept[name] = _plain(value)
        return kept

    def _text(self, purpose: str, who: str, values: Mapping[str, Any]) -> str:
        parts = [who if name == "id_no" else _plain(values[name]) for name in self._contract.key]
        return _digest(orjson.dumps([purpose, *self._place, *parts]))

    def _quiet(self, text: str) -> str:
        if scrub(text) == text and not _ACCOUNT_LIKE.search(text):
            return text
        return "digest:" + self._index.of(_digest(orjson.dumps(["text", *self._place, text]))).hex()


def file_digests(vault: Vault, sha256: bytes, *, county: int, after: UUID | None = None) -> list[bytes]:
    """The digests under which a file may be known in a county, the current key's first.

    :param after: the batch of the same file since which its department said otherwise, if it says it once more.
    """
    parts = [county, sha256.hex()] if after is None else [county, sha256.hex(), str(after)]
    return BlindIndex(vault.ring, kind="department_file").candidates(_digest(orjson.dumps(parts)))


def flattened(groups: Iterable[Iterable[bytes]]) -> list[bytes]:
    """All candidates of many rows, for one statement."""
    return [one for group in groups for one in group]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest().upper()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
