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
from chassis.jobs.import_model import Fate, ImportStrategy
from services.monitoring.households.errors import RegistrationClash
from services.monitoring.households.importing.model import Outcome, Piece, Prepared, Setting, refusal_of
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


class Applier:
    """Applies chunks of one import, each in the unit that it is given."""

    def __init__(self, preparer: Preparer, setting: Setting, strategy: ImportStrategy) -> None:
        self._preparer = preparer
        self._setting = setting
        self._strategy = strategy
        self.clashes = Clashes()

    async def apply(self, unit: UnitOfWork, pieces: Sequence[Piece], prepared: Prepared | None = None) -> list[Outcome]:
        """One outcome for each piece, in their order.

        :param prepared: of these pieces, if another process made it already.
        """
        if prepared is None:
            prepared = await asyncio.to_thread(self._preparer.prepare, pieces)
        before = {region: set(persons) for region, persons in self.clashes.by_region.items()}
        try:
            async with unit.connection.begin_nested():
                outcomes, again = await self._apply(unit, pieces, prepared)
        except IntegrityError as error:
            # Somebody registered one of these people meanwhile, or an id stands where this area cannot look.
            if sqlstate(error) != _UNIQUE:
                raise
            self.clashes.by_region = before
            return await self._one_by_one(unit, pieces, error)
        if again:
            later = await self.apply(unit, [pieces[place] for place in again])
            outcomes |= {place: _at(outcome, place) for place, outcome in zip(again, later, strict=True)}
        return [outcomes[place] for place in range(len(pieces))]

    async def _one_by_one(self, unit: UnitOfWork, pieces: Sequence[Piece], error: IntegrityError) -> list[Outcome]:
        if len(pieces) == 1:
            national = "national_no" in (constraint_of(error) or "")
            told = Fault("/national_no", "national_no_taken", _NUMBER_TAKEN)
            fault = told if national else Fault("/id", "id_taken", _ID_TAKEN)
            return [Outcome(0, Fate.IGNORED, refusals=[refusal_of(pieces[0], fault)])]
        half = len(pieces) // 2
        first = await self.apply(unit, pieces[:half])
        second = await self.apply(unit, pieces[half:])
        return [*first, *(_at(outcome, half + place) for place, outcome in enumerate(second))]

    async def _apply(
        self, unit: UnitOfWork, pieces: Sequence[Piece], prepared: Prepared
    ) -> tuple[dict[int, Outcome], list[int]]:
        """Outcomes by place, and the places of households that must wait until these are in."""
        outcomes = {place: Outcome(place, Fate.IGNORED, refusals=refusals) for place, refusals in prepared.refused}
        if not prepared.ready:
            return outcomes, []
        await stage(unit, prepared)
        waiting = set(prepared.again)
        ready = [one for one in prepared.ready if one.ord not in waiting]
        known = await find_known(unit, named=any(one.named for one in ready))
        new = [one for one in ready if one.ord not in known]
        await unstage(unit, list(known))
        if self._strategy is ImportStrategy.UPDATE:
            outcomes |= {one.ord: Outcome(one.ord, Fate.IGNORED) for one in new}
        elif new:
            at = (await unit.connection.execute(select(func.clock_timestamp()))).scalar_one()
            await create_staged(unit, at=at, findings=bool(prepared.findings))
            outcomes |= {one.ord: Outcome(one.ord, Fate.CREATED, one.id, persons_created=one.persons) for one in new}
        settled, later = await self._known(unit, pieces, known)
        return outcomes | settled, sorted({*prepared.again, *later})

    async def _known(
        self, unit: UnitOfWork, pieces: Sequence[Piece], known: Mapping[int, Known]
    ) -> tuple[dict[int, Outcome], list[int]]:
        outcomes: dict[int, Outcome] = {}
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
                refusals = [refusal_of(piece, one) for one in faults]
                outcomes[place] = Outcome(place, Fate.IGNORED, refusals=refusals)
                continue
            household = next(iter(met.households))
            if self._strategy is ImportStrategy.CREATE:
                outcomes[place] = Outcome(place, Fate.IGNORED, household)
            elif household in matches:
                later.append(place)
            else:
                matches[household] = Match(place, piece, household, met.members)
        if matches:
            outcomes |= {one.ord: one for one in await update_known(unit, list(matches.values()), self._setting)}
        return outcomes, later


def _at(outcome: Outcome, place: int) -> Outcome:
    return Outcome(
        place,
        outcome.fate,
        outcome.household,
        outcome.refusals,
        outcome.persons_created,
        outcome.persons_updated,
    )


def _region_of(piece: Piece) -> int:
    region: Any = orjson.loads(piece.document)["region"]
    return int(region)
