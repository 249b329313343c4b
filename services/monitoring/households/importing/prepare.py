"""Judge households and make their rows ready to be copied: everything that takes processor time and no database.

Runs in processes of its own (:mod:`services.monitoring.households.importing.pool`), or in a thread for a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from chassis.database.copying import stream
from chassis.errors import Fault, Message
from chassis.security.vault import Vault
from services.monitoring.households.importing.documents import document_of, read_household
from services.monitoring.households.importing.model import Piece, Prepared, Ready, Refusal, Setting, refusal_of
from services.monitoring.households.importing.rows import Doubt, Home, Judged, RowMaker
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
        homes = []
        for place, piece in enumerate(pieces):
            found = self._judge(place, piece)
            if isinstance(found, Judged):
                homes.append(self._rows.home(found))
            else:
                out.refused.append((place, found))
        self._make_rows(homes, out)
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
        marks = _Marks()
        at = 0
        for home in homes:
            count = len(home.members)
            named = marks.meet(home, indexes[at : at + count])
            at += count
            out.ready.append(Ready(home.judged.ord, home.id.bytes, count, named))
        out.again, out.marks = sorted(marks.again), frozenset(marks.seen)


class _Marks:
    """What tells that two households of a file are about the same: members' numbers, ids, national numbers.

    :ivar again: households that meet an earlier one of this chunk: they wait until that one is stored.
    """

    def __init__(self) -> None:
        self.seen: dict[Any, int] = {}
        self.again: set[int] = set()

    def meet(self, home: Home, indexes: Sequence[bytes | None]) -> bool:
        """Whether the household carries an id or a national number, by which it may be known already."""
        ord_, document = home.judged.ord, home.judged.document
        for index in indexes:
            if index is not None and self.seen.setdefault(index, ord_) != ord_:
                self.again.add(ord_)
        named = False
        for kind, one in (("household", document), *(("person", member) for member in document["members"])):
            for name in ("id", "national_no"):
                if given := one.get(name):
                    named = True
                    # A person's national number is no key.
                    if (kind, name) != ("person", "national_no") and self.seen.setdefault(
                        (kind, name, str(given)), ord_
                    ) != ord_:
                        self.again.add(ord_)
        return named
