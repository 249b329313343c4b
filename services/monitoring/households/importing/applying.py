"""Bring one chunk of households into the registry: new ones by COPY, known ones compared, each with its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from chassis.database.engine import constraint_of, sqlstate
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.jobs.import_model import Fate, ImportStrategy
from services.monitoring.households.errors import RegistrationClash
from services.monitoring.households.importing.model import Batch, Piece, Prepared, Setting, refusal_of
from services.monitoring.households.importing.outcomes import Outcome, Outcomes
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.importing.staging import Known, create_staged, find_known, stage, unstage
from services.monitoring.households.importing.updating import Match, update_known

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


@dataclass(slots=True)
class Clashes:
    """Persons whom the file claims and who stand elsewhere, by the village that claims them."""

    by_region: dict[int, set[UUID]] = field(default_factory=dict)

    def add(self, region: int, persons: Sequence[UUID]) -> None:
        self.by_region.setdefault(region, set()).update(persons)


async def at_once() -> None:
    """There is no chunk before."""


class Applier:
    """Applies chunks of one import, each in the unit that it is given.

    :param turn: waits until the chunk before is committed. New households are written without waiting; what is known
        already may be what that chunk has locked, and to hold one lock while waiting for its owner ends nowhere.
    """

    def __init__(
        self,
        preparer: Preparer,
        setting: Setting,
        strategy: ImportStrategy,
        turn: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        self._preparer = preparer
        self._setting = setting
        self._strategy = strategy
        self._turn = turn
        self.clashes = Clashes()

    async def apply(self, unit: UnitOfWork, batch: Batch, prepared: Prepared | None = None) -> Outcomes:
        """What became of each household of ``batch``.

        :param prepared: of this batch, if another process made it already.
        """
        if prepared is None:
            prepared = await asyncio.to_thread(self._preparer.prepare, batch.pieces)
        before = {region: set(persons) for region, persons in self.clashes.by_region.items()}
        try:
            async with unit.connection.begin_nested():
                outcomes, again = await self._apply(unit, batch, prepared)
        except IntegrityError as error:
            # Somebody registered one of these people meanwhile, or an id stands where this area cannot look.
            if sqlstate(error) != _UNIQUE:
                raise
            self.clashes.by_region = before
            await self._turn()
            return await self._by_halves(unit, batch.pieces, error)
        if again:
            outcomes.add(await self.apply(unit, Batch.of([batch.pieces[place] for place in again])))
        return outcomes

    async def _by_halves(self, unit: UnitOfWork, pieces: Sequence[Piece], error: IntegrityError) -> Outcomes:
        if len(pieces) == 1:
            national = "national_no" in (constraint_of(error) or "")
            told = Fault("/national_no", "national_no_taken", _NUMBER_TAKEN)
            fault = told if national else Fault("/id", "id_taken", _ID_TAKEN)
            return Outcomes(others=[Outcome(Fate.IGNORED, refusals=[refusal_of(pieces[0], fault)])])
        half = len(pieces) // 2
        outcomes = await self.apply(unit, Batch.of(pieces[:half]))
        outcomes.add(await self.apply(unit, Batch.of(pieces[half:])))
        return outcomes

    async def _apply(self, unit: UnitOfWork, batch: Batch, prepared: Prepared) -> tuple[Outcomes, list[int]]:
        """Outcomes, and the places of households that must wait until these are in."""
        outcomes = Outcomes(others=[Outcome(Fate.IGNORED, refusals=refusals) for _, refusals in prepared.refused])
        if not prepared.ready:
            return outcomes, []
        await stage(unit, prepared)
        waiting = set(prepared.again)
        ready = [one for one in prepared.ready if one.ord not in waiting]
        known = await find_known(unit, named=any(one.named for one in ready))
        new = [one for one in ready if one.ord not in known]
        await unstage(unit, list(known))
        if self._strategy is ImportStrategy.UPDATE:
            outcomes.others += [Outcome(Fate.IGNORED) for _ in new]
        elif new:
            at = (await unit.connection.execute(select(func.clock_timestamp()))).scalar_one()
            await create_staged(unit, at=at, findings=bool(prepared.findings))
            outcomes.created += [UUID(bytes=one.id) for one in new]
            outcomes.persons += sum(one.persons for one in new)
        if not (known or waiting):
            return outcomes, []
        await self._turn()
        settled, later = await self._known(unit, batch.pieces, known)
        outcomes.others += settled
        return outcomes, sorted({*waiting, *later})

    async def _known(
        self, unit: UnitOfWork, pieces: Sequence[Piece], known: Mapping[int, Known]
    ) -> tuple[list[Outcome], list[int]]:
        outcomes: list[Outcome] = []
        matches: dict[UUID, Match] = {}
        later = []
        for place, met in sorted(known.items()):
            piece = pieces[place]
            faults = [Fault(f"/members/{member}/identity_number", "person_ended", _ENDED) for member in met.ended]
            if met.elsewhere:
                self.clashes.add(_region_of(piece), list(met.elsewhere.values()))
                faults.append(Fault("", RegistrationClash.code, RegistrationClash.title))
            if len(met.households) > 1:
                faults.append(Fault("/members", "members_of_several_households", _SEVERAL))
            if faults:
                outcomes.append(Outcome(Fate.IGNORED, refusals=[refusal_of(piece, one) for one in faults]))
                continue
            household = next(iter(met.households))
            if self._strategy is ImportStrategy.CREATE:
                outcomes.append(Outcome(Fate.IGNORED, household))
            elif household in matches:
                later.append(place)
            else:
                matches[household] = Match(piece, household, met.members)
        if matches:
            outcomes += await update_known(unit, list(matches.values()), self._setting)
        return outcomes, later


def _region_of(piece: Piece) -> int:
    region: Any = orjson.loads(piece.document)["region"]
    return int(region)
