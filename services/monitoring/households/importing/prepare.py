"""Judge households and make their rows ready to be copied: everything that takes processor time and no database.

Runs in processes of its own (:mod:`services.monitoring.households.importing.pool`), or in a thread for a few.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

import orjson

from chassis.database.copying import stream
from chassis.errors import Fault, Message
from chassis.security.vault import Vault
from services.monitoring.households.importing.documents import document_of, read_household
from services.monitoring.households.importing.homes import Doubt, Home, Judged
from services.monitoring.households.importing.model import Piece, Prepared, Ready, Refusal, Setting, refusal_of
from services.monitoring.households.importing.rows import RowMaker
from services.monitoring.households.importing.sieve import Sieve
from services.monitoring.households.judge import judge_registration

_UNREADABLE: Final = Fault(
    "",
    "row_malformed",
    Message("这一行不是一个完整的 JSON 对象，请检查。", "This line is no complete JSON object; check it."),
)


class Preparer:
    """Prepares chunks of one import, with its keys."""

    def __init__(self, vault: Vault, setting: Setting) -> None:
        self._setting = setting
        self._sieve = Sieve(setting)
        self._rows = RowMaker(vault, setting.today)

    def prepare(self, pieces: Sequence[Piece]) -> Prepared:
        """Every household of ``pieces``: refused with all reasons, or as rows."""
        out = Prepared()
        judged = []
        for place, piece in enumerate(pieces):
            found = self._judge(place, piece)
            if isinstance(found, Judged):
                judged.append(found)
            else:
                out.refused.append((place, found))
        self._make_rows(self._rows.homes(judged), out)
        return out

    def _judge(self, place: int, piece: Piece) -> Judged | list[Refusal]:
        if piece.faults:
            return list(piece.faults)
        try:
            document = orjson.loads(piece.document)
        except orjson.JSONDecodeError:
            return [refusal_of(piece, _UNREADABLE)]
        if self._sieve.pass_household(document):
            return Judged(place, document, ())
        read = read_household(piece, self._setting)
        if isinstance(read, list):
            return read
        setting = self._setting
        verdict = judge_registration(
            read, today=setting.today, thresholds=setting.thresholds, known_areas=setting.known_areas
        )
        if verdict.errors:
            return [refusal_of(piece, error) for error in verdict.errors]
        doubts = [
            Doubt(member, doubt.fault.code, doubt.fault.pointer, doubt.fault.message)
            for doubt, member in zip(
                verdict.doubts_of(read.members), (one.member for one in verdict.doubts), strict=True
            )
        ]
        return Judged(place, document_of(read), doubts)

    def _make_rows(self, homes: Sequence[Home], out: Prepared) -> None:
        persons, indexes = self._rows.persons(homes)
        out.households = stream(list(self._rows.households(homes)))
        out.persons = stream(persons)
        out.findings = stream([row for home in homes for row in self._rows.findings(home)])
        out.older = stream(list(self._rows.older(homes)))
        out.ready = [
            Ready(home.judged.ord, home.id.bytes, home.region, len(home.members), home.named) for home in homes
        ]
        out.again, marks = _meeting(homes, indexes)
        out.marks = _shortened(marks)


def _meeting(homes: Sequence[Home], indexes: Sequence[bytes | None]) -> tuple[list[int], frozenset[Any]]:
    """What tells that two households are about the same: members' numbers, ids, national numbers.

    Returns the places of those that meet an earlier one, and wait until that one is stored; and all marks.
    """
    given = [
        (home.judged.ord, (kind, name, str(value)))
        for home in homes
        if home.named
        for kind, name, one in _named(home)
        if (value := one.get(name))
    ]
    marks = frozenset((*(index for index in indexes if index is not None), *(mark for _, mark in given)))
    if len(marks) == sum(index is not None for index in indexes) + len(given):
        return [], marks
    orders = (home.judged.ord for home in homes for _ in home.members)
    first: dict[Any, int] = {}
    again = {
        ord_
        for ord_, mark in sorted([*zip(orders, indexes, strict=True), *given], key=itemgetter(0))
        if mark is not None and first.setdefault(mark, ord_) != ord_
    }
    return sorted(again), marks


def _shortened(marks: Iterable[Any]) -> array[int]:
    """Eight bytes of each: as objects they took a third of the time of handing a chunk to another process.

    Two marks may come out alike, once in 10¹¹ pairs of chunks; then one waits for the other without need.
    """
    ends = [mark[-8:] if type(mark) is bytes else sha256("\0".join(mark).encode()).digest()[-8:] for mark in marks]
    return array("Q", b"".join(ends))


def _named(home: Home) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    yield "household", "id", home.judged.document
    yield "household", "national_no", home.judged.document
    for member in home.judged.document["members"]:
        yield "person", "id", member
