"""Judge the rows of a chunk against the registry and what is in force; nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from chassis.security.vault import Vault
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.keys import RowKeys, flattened
from services.monitoring.datasets.reading.lookup import look_up, standing_records
from services.monitoring.datasets.rules.fates import IN_FORCE, REPEATED, Fate, Judgement, Row, fate_of, judge


@dataclass(frozen=True)
class Batch:
    """What all rows of one reading share.

    :param submission_id: None while a file is only validated.
    :param county: the division code of the county; its people are ours.
    :param former: codes of the counties that it followed: it goes on with what was handed in under these.
    """

    contract: Contract
    period: str
    county: int
    is_late: bool
    vault: Vault = field(repr=False)
    submission_id: UUID | None = None
    attempt: int = 1
    former: Sequence[int] = ()

    @cached_property
    def keys(self) -> RowKeys:
        return RowKeys(self.vault, self.contract, self.county)

    @cached_property
    def known_by(self) -> Sequence[RowKeys]:
        """Under which keys a record may stand: the county's own first."""
        return [self.keys, *(RowKeys(self.vault, self.contract, code) for code in self.former)]

    @property
    def area(self) -> Area:
        return Area.of(self.county)


@dataclass(repr=False)
class Seen:
    """Keys of the rows that this batch has had so far; ``rows`` as written, ``records`` by person."""

    rows: set[bytes] = field(default_factory=set)
    records: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What becomes of one row.

    :param key: the row's own key, unless it was rejected.
    :param natural: the key of the record that it becomes, if it is a matter of a registered person.
    :param replaces: the record in force that it takes the place of; ``repeats``: the one that says the same already.
    """

    row: Row
    judgement: Judgement
    fate: Fate
    key: bytes | None = None
    natural: bytes | None = None
    payload: dict[str, Any] | None = None
    replaces: UUID | None = None
    repeats: UUID | None = None


async def judge_chunk(unit: UnitOfWork, batch: Batch, read: Sequence[Row], seen: Seen) -> list[Verdict]:
    """One verdict a row, in their order; two statements for the registry and one for the records in force."""
    registry = await look_up(unit, read, batch.area)
    verdicts = []
    for row in read:
        key = None if row.faults else batch.keys.of_row(row.values, row.identities[0])
        judgement = judge(row, registry, county=batch.area, is_repeated=key is not None and key in seen.rows)
        if key is not None:
            seen.rows.add(key)
        verdicts.append(Verdict(row, judgement, fate_of(judgement.fate, is_late=batch.is_late), key))
    return await with_records(unit, batch, verdicts, seen)


async def with_records(unit: UnitOfWork, batch: Batch, verdicts: Sequence[Verdict], seen: Seen) -> list[Verdict]:
    """Complete matched verdicts with their records: new, in the place of another, or nothing new.

    The same key with the same content is a duplicate, with another content it is a revision by the department.
    """
    keys, matched = batch.keys, [one for one in verdicts if one.judgement.person is not None]
    candidates = {
        id(one): [key for of in batch.known_by for key in of.natural_candidates(one.row.values, _person_id(one))]
        for one in matched
    }
    standing = await standing_records(unit, batch.county, batch.contract.code, flattened(candidates.values()))
    done = []
    for verdict in verdicts:
        if verdict.judgement.person is None:
            done.append(verdict)
            continue
        found = candidates[id(verdict)]
        before = next((standing[key] for key in found if key in standing), None)
        payload = keys.payload(verdict.row.values)
        if found[0] in seen.records or (before is not None and before.submission_id == batch.submission_id):
            done.append(_duplicate(verdict, REPEATED))
        elif before is not None and before.payload == payload:
            done.append(replace(_duplicate(verdict, IN_FORCE), repeats=before.id))
        else:
            replaces = None if before is None else before.id
            done.append(replace(verdict, natural=found[0], payload=payload, replaces=replaces))
        seen.records.add(found[0])
    return done


def _person_id(verdict: Verdict) -> UUID:
    assert verdict.judgement.person is not None
    return verdict.judgement.person.person_id


def _duplicate(verdict: Verdict, reason: Any) -> Verdict:
    return replace(verdict, judgement=Judgement(Fate.DUPLICATE, (reason,)), fate=Fate.DUPLICATE)
