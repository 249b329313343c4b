"""Bring the households of an export into the registry, with all that it says of them, and keep what it says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.jobs.chunked_import import Applied, Turn
from chassis.jobs.chunked_import import Piece as Counted
from chassis.jobs.import_model import Fate, ImportMode, ImportParameters
from chassis.tabular import CellFault
from chassis.types import Day
from services.monitoring.cases.actions.take_over import take_over_cases, worked_here
from services.monitoring.households.actions.monitoring import Source, Told, record_monitoring
from services.monitoring.households.importing.applying import Applier
from services.monitoring.households.importing.findings import open_clash_tasks
from services.monitoring.households.importing.model import Batch, Prepared, Refusal, Setting
from services.monitoring.households.importing.outcomes import Outcome
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.judge import MONITORED
from services.monitoring.income.actions.take_over import Yearly, take_over_income
from services.monitoring.measures.actions.take_over import Given, take_over_measures
from services.monitoring.national.contract import PARTS, RISK_COLUMNS, TOTALS
from services.monitoring.national.keeping import keep_pieces, settle_export
from services.monitoring.national.reading.household import HouseholdReader
from services.monitoring.national.reading.model import NationalPiece, SaidVisit
from services.monitoring.national.reading.pieces import NationalPieces, OpenedExport
from services.monitoring.visits.actions.take_over import Paid, take_over_visits

CHUNK_ROWS: Final = 5_000
SOURCE: Final = "national"
_FIGURES: Final = (
    "persons_created",
    "persons_updated",
    "monitoring",
    "cases",
    "income_lines",
    "income_held_back",
    "measures",
    "visits",
)
_TAKEN: Final = frozenset({Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED})
_OURS: Final = {"national_no": "household_no", "land_mu_hundredths": "land_mu", "members": ""}
"""What the contract calls the fields that the registry names otherwise."""
_AMOUNTS: Final = frozenset({*TOTALS, *PARTS})
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "risk_missing": frozenset({"risks", *RISK_COLUMNS}),
    "risk_unexplained": frozenset({"risk_note"}),
    "disaster_kind_missing": frozenset({"disaster_kind"}),
    "contact_missing": frozenset({"contact"}),
    "illness_risk_without_self_pay": frozenset({name for name in _AMOUNTS if name.startswith("self_pay")}),
    "eliminated_income_blank": _AMOUNTS,
}
"""Doubts that a file can only raise if it has one of these columns."""


class NationalParameters(ImportParameters):
    """Which export to read, and what for.

    :param imports: whether it goes into the registry; otherwise it is only kept, to be compared.
    :param corrects: whether it mends refused rows of an export that was read, and joins it.
    """

    export_id: UUID
    exported_on: Day
    imports: bool = True
    corrects: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """Households of the file, and what was prepared of them for the registry."""

    pieces: list[NationalPiece]
    prepared: Prepared | None


@dataclass(slots=True)
class _Found:
    """What became of a household's facts."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> bool:
        return any(self.counts[name] for name in ("monitoring", "cases", "income_lines", "measures", "visits"))


class NationalWork:
    """The work of one run; see :class:`~chassis.jobs.chunked_import.ImportWork`."""

    def __init__(
        self,
        parameters: NationalParameters,
        *,
        county: int,
        setting: Setting,
        reader: HouseholdReader,
        preparer: Preparer,
        mapping: Mapping[str, str],
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        self._parameters = parameters
        self._county = county
        self._setting = setting
        self._reader = reader
        self._preparer = preparer
        self._applier = Applier(preparer, setting, parameters.strategy)
        self._mapping = mapping
        self._chunk_rows = chunk_rows
        self._columns: list[str] = []
        self._unread: list[str] = []

    async def chunks(self, stream: BinaryIO, *, after: int) -> AsyncGenerator[Chunk, None]:
        """Read and prepared in a thread, the next chunk while one is written."""
        opened = await asyncio.to_thread(OpenedExport, stream, self._mapping)
        with opened:
            self._columns, self._unread = opened.columns, list(opened.header.unknown)
            pieces = NationalPieces(opened, self._reader, after)
            ahead = asyncio.create_task(asyncio.to_thread(self._take, pieces))
            try:
                while (chunk := await ahead).pieces:
                    ahead = asyncio.create_task(asyncio.to_thread(self._take, pieces))
                    yield chunk
            finally:
                await asyncio.wait([ahead])  # a thread cannot be stopped, and the file must stay open for it

    def _take(self, pieces: NationalPieces) -> Chunk:
        taken = pieces.take(self._chunk_rows)
        prepared = self._preparer.prepare([one.piece for one in taken]) if self._parameters.imports else None
        return Chunk(taken, prepared)

    def last_row(self, chunk: Chunk) -> int:
        return chunk.pieces[-1].piece.last_row

    def meets(self, _chunk: Chunk, _earlier: Chunk) -> bool:
        return True  # what they say of facts, income, measures and visits may be about one household

    async def apply(self, unit: UnitOfWork, chunk: Chunk, turn: Turn) -> Applied:
        pieces = chunk.pieces
        if self._parameters.imports:
            outcomes = await self._applier.apply(unit, Batch.of([one.piece for one in pieces]), chunk.prepared, turn)
            found = await self._take_over(unit, pieces, outcomes)
        else:
            outcomes = [Outcome(Fate.IGNORED, refusals=one.piece.faults) for one in pieces]
            found = {}
        if self._parameters.mode is ImportMode.COMMIT:
            kept = [(piece, not outcome.refusals) for piece, outcome in zip(pieces, outcomes, strict=True)]
            instead = self._parameters.corrects
            await keep_pieces(unit, self._parameters.export_id, kept, county=self._county, instead=instead)
        counts: Counter[str] = Counter(dict.fromkeys(_FIGURES, 0))
        counted = [_counted(outcome, found, counts) for outcome in outcomes]
        rows = sum(len(one.piece.rows or ()) for one in pieces)
        return Applied(counted, rows=rows, weight=rows, counts=counts)

    async def close_chunk(self, unit: UnitOfWork) -> None:
        await open_clash_tasks(unit, self._applier.take_clashes())

    async def finish(self, unit: UnitOfWork, result: Mapping[str, int]) -> Mapping[str, Any]:
        counts = dict(result)
        said = {"counts": counts, "columns": self._columns, "unread": self._unread, "mapping": dict(self._mapping)}
        if self._parameters.corrects:
            # The head keeps the columns of the whole export: what it does not say, it still does not say.
            del said["columns"]
        own = await settle_export(unit, self._parameters.export_id, said)
        return {**counts, **own, "export_id": str(self._parameters.export_id), "unread_columns": self._unread}

    async def _take_over(
        self, unit: UnitOfWork, pieces: Sequence[NationalPiece], outcomes: Sequence[Outcome]
    ) -> dict[UUID, _Found]:
        """What else the file says of households that are in the registry now, and that it may change."""
        taken = {
            outcome.household: piece
            for piece, outcome in zip(pieces, outcomes, strict=True)
            if outcome.household is not None and outcome.fate in _TAKEN and not outcome.refusals
        }
        found = {household: _Found() for household in taken}
        told = [
            Told(
                household_id=household,
                said=piece.monitoring,
                has_contact=piece.has_contact,
                income_after=piece.income_after,
            )
            for household, piece in taken.items()
            if piece.monitoring is not None
        ]
        # Who has a case of our own keeps what that says; the export's word stands in the report of differences.
        ours = await worked_here(unit, [one.household_id for one in told])
        told = [one for one in told if one.household_id not in ours]
        source = Source(kind=SOURCE, id=self._parameters.export_id, on=self._parameters.exported_on)
        for household in await record_monitoring(unit, told, source, self._setting, codes=self._doubts()):
            found[household].counts["monitoring"] += 1
        monitored = [one.household_id for one in told]
        for household in await take_over_cases(unit, monitored, county=self._county, source_id=source.id, on=source.on):
            found[household].counts["cases"] += 1
        figures = [_yearly(household, piece) for household, piece in taken.items() if piece.income is not None]
        for one, result in zip(figures, await take_over_income(unit, figures), strict=True):
            found[one.household_id].counts.update(income_lines=result.lines, income_held_back=result.held_back)
        given = [one for household, piece in taken.items() for one in _given(household, piece)]
        for household, number in (await take_over_measures(unit, given, source_id=source.id)).items():
            found[household].counts["measures"] += number
        paid = [_paid(household, piece, piece.visit) for household, piece in taken.items() if piece.visit is not None]
        for household, number in (await take_over_visits(unit, paid, county=self._county, source_id=source.id)).items():
            found[household].counts["visits"] += number
        return found

    def _doubts(self) -> frozenset[str]:
        """The doubts about a monitored household that this file's columns are enough for."""
        present = set(self._columns)
        return frozenset(code for code in MONITORED if code not in _NEEDED or _NEEDED[code] & present)


def _counted(outcome: Outcome, found: dict[UUID, _Found], counts: Counter[str]) -> Counted:
    """What became of a household; ``counts`` grows by its figures."""
    # Taken out: of several pieces about one household the first counts what was changed in it.
    facts = _Found() if outcome.household is None else found.pop(outcome.household, _Found())
    counts.update(facts.counts, persons_created=outcome.persons_created, persons_updated=outcome.persons_updated)
    fate = Fate.UPDATED if outcome.fate is Fate.UNCHANGED and facts.changed else outcome.fate
    return Counted(fate, outcome.household, [(refusal.row, _fault(refusal)) for refusal in outcome.refusals])


def _yearly(household: UUID, piece: NationalPiece) -> Yearly:
    assert piece.income is not None
    assert piece.region is not None  # what the registry has taken lies in a village of the county
    income = piece.income
    source = f"国家系统导出（{income.last.year}年度）"
    return Yearly(household, piece.region, income.first, income.last, income.amounts, source)


def _given(household: UUID, piece: NationalPiece) -> list[Given]:
    if not piece.measures:
        return []
    assert piece.region is not None
    return [
        Given(household, piece.region, one.kind, one.started_on, one.ended_on, one.amount_fen) for one in piece.measures
    ]


def _paid(household: UUID, piece: NationalPiece, visit: SaidVisit) -> Paid:
    assert piece.region is not None
    return Paid(household, piece.region, visit.visited_on, visit.way, visit.findings)


def _fault(refusal: Refusal) -> CellFault:
    column = _OURS.get(refusal.column, refusal.column)
    return CellFault(refusal.code, Message(refusal.zh, refusal.en), column or None)
