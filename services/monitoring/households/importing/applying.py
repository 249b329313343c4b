"""Bring one chunk of households into the registry: new ones by COPY, known ones compared, each with its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from chassis.database.engine import constraint_of, sqlstate
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.jobs.chunked_import import Turn, at_once
from chassis.jobs.import_model import Fate, ImportStrategy
from services.monitoring.households.errors import RegistrationClash
from services.monitoring.households.importing.model import Batch, Piece, Prepared, Ready, Setting, refusal_of
from services.monitoring.households.importing.outcomes import Outcome
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.importing.staging import Known, create_staged, find_known, stage, unstage
from services.monitoring.households.importing.updating import Match, update_known
from services.monitoring.households.rules.states import fault
from services.monitoring.regions.queries.divisions import unknown_villages

_UNIQUE: Final = "23505"
_NUMBER_TAKEN: Final = Message("该户编号已属于另一户，请核对。", "Another household bears this number; check it.")
_ID_TAKEN: Final = Message("编号 id 已被使用，请去掉或改正。", "An id is in use already; leave it out or correct it.")
_ENDED: Final = Message(
    "此人在本辖区已登记为去世或迁出，不能导入；迁回请在原户办理。",
    "This person has died or moved out by the register, so the row is not taken; for a return use the household.",
)
_SEVERAL: Final = Message(
    "成员分别登记在本辖区的不同户中，请先办理分户、并户或迁移。",
    "The members stand in different households of your area; split, merge or move those first.",
)
_VILLAGE: Final = fault("/region", "village_unknown")


class Applier:
    """Applies chunks of one import, each in the unit that it is given."""

    def __init__(self, preparer: Preparer, setting: Setting, strategy: ImportStrategy) -> None:
        self._preparer = preparer
        self._setting = setting
        self._strategy = strategy
        self._clashes: dict[int, set[UUID]] = {}

    def take_clashes(self) -> dict[int, set[UUID]]:
        """Persons whom the file has claimed since this was asked and who stand elsewhere, by the claiming village."""
        clashes, self._clashes = self._clashes, {}
        return clashes

    async def apply(
        self, unit: UnitOfWork, batch: Batch, prepared: Prepared | None = None, turn: Turn = at_once
    ) -> list[Outcome]:
        """One outcome for each household of ``batch``, in their order.

        :param prepared: of this batch, if another process made it already.
        :param turn: waits until the chunk before is committed. New households are written without waiting; what is
            known already may be what that chunk has locked, and to hold one lock while waiting for its owner ends
            nowhere.
        """
        if prepared is None:
            prepared = await asyncio.to_thread(self._preparer.prepare, batch.pieces)
        try:
            async with unit.connection.begin_nested():
                found = await self._apply(unit, batch, prepared, turn)
        except IntegrityError as error:
            # Somebody registered one of these people meanwhile, or an id stands where this area cannot look.
            if sqlstate(error) != _UNIQUE:
                raise
            await turn()
            return await self._by_halves(unit, batch.pieces, error)
        for region, persons in found.clashes.items():
            self._clashes.setdefault(region, set()).update(persons)
        if found.again:
            places = sorted(found.again)
            later = await self.apply(unit, Batch.of([batch.pieces[place] for place in places]))
            found.outcomes.update(zip(places, later, strict=True))
        return [found.outcomes[place] for place in range(len(found.outcomes))]

    async def _by_halves(self, unit: UnitOfWork, pieces: Sequence[Piece], error: IntegrityError) -> list[Outcome]:
        if len(pieces) == 1:
            national = "national_no" in (constraint_of(error) or "")
            told = Fault("/national_no", "national_no_taken", _NUMBER_TAKEN)
            fault = told if national else Fault("/id", "id_taken", _ID_TAKEN)
            return [Outcome(Fate.IGNORED, refusals=[refusal_of(pieces[0], fault)])]
        half = len(pieces) // 2
        first = await self.apply(unit, Batch.of(pieces[:half]))
        return first + await self.apply(unit, Batch.of(pieces[half:]))

    async def _apply(self, unit: UnitOfWork, batch: Batch, prepared: Prepared, turn: Turn) -> _Found:
        found = _Found({place: Outcome(Fate.IGNORED, refusals=refusals) for place, refusals in prepared.refused})
        if not prepared.ready:
            return found
        await stage(unit, prepared)
        found.again.update(prepared.again)
        ready = [one for one in prepared.ready if one.ord not in found.again]
        known = await find_known(unit, named=any(one.named for one in ready))
        await unstage(unit, list(known))
        await self._new(unit, batch, [one for one in ready if one.ord not in known], found)
        if known or found.again:
            await turn()
            await self._known(unit, batch.pieces, known, found)
        return found

    async def _new(self, unit: UnitOfWork, batch: Batch, new: Sequence[Ready], found: _Found) -> None:
        """What is left in the temporary tables: households that the registry does not know."""
        if self._strategy is ImportStrategy.UPDATE:
            found.outcomes.update((one.ord, Outcome(Fate.IGNORED)) for one in new)
            return
        if unknown := await unknown_villages(unit, {one.region for one in new}):
            lost = [one.ord for one in new if one.region in unknown]
            await unstage(unit, lost)
            for place in lost:
                found.outcomes[place] = Outcome(Fate.IGNORED, refusals=[refusal_of(batch.pieces[place], _VILLAGE)])
            new = [one for one in new if one.region not in unknown]
        if new:
            at = (await unit.connection.execute(select(func.clock_timestamp()))).scalar_one()
            await create_staged(unit, at=at)
            found.outcomes.update(
                (one.ord, Outcome(Fate.CREATED, UUID(bytes=one.id), persons_created=one.persons)) for one in new
            )

    async def _known(
        self, unit: UnitOfWork, pieces: Sequence[Piece], known: Mapping[int, Known], found: _Found
    ) -> None:
        matches: dict[UUID, Match] = {}
        places: dict[UUID, int] = {}
        for place, met in sorted(known.items()):
            piece = pieces[place]
            faults = [Fault(f"/members/{member}/identity_number", "person_ended", _ENDED) for member in met.ended]
            if met.elsewhere:
                found.clashes.setdefault(_region_of(piece), set()).update(met.elsewhere.values())
                faults.append(Fault("", RegistrationClash.code, RegistrationClash.title))
            if len(met.households) > 1:
                faults.append(Fault("/members", "members_of_several_households", _SEVERAL))
            if faults:
                found.outcomes[place] = Outcome(Fate.IGNORED, refusals=[refusal_of(piece, one) for one in faults])
                continue
            household = next(iter(met.households))
            if self._strategy is ImportStrategy.CREATE:
                found.outcomes[place] = Outcome(Fate.IGNORED, household)
            elif household in matches:
                found.again.add(place)
            else:
                matches[household] = Match(piece, household, met.members)
                places[household] = place
        if matches:
            updated = await update_known(unit, list(matches.values()), self._setting)
            found.outcomes.update((places[household], outcome) for household, outcome in updated.items())


@dataclass(slots=True)
class _Found:
    """What was found out about a chunk so far, by place.

    :param again: places of households that must wait until the others are in.
    :param clashes: persons who stand elsewhere, by the village that claims them.
    """

    outcomes: dict[int, Outcome]
    again: set[int] = field(default_factory=set)
    clashes: dict[int, set[UUID]] = field(default_factory=dict)


def _region_of(piece: Piece) -> int:
    region: Any = orjson.loads(piece.document)["region"]
    return int(region)
