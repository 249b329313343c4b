"""Turn what fired in a run into hits and clues of some households, with a few statements whatever their number.

A fact that stands is brought up to date; a dismissed one stays silent until it has grown or its time has passed; a new
one raises the household's clue or joins the open one. A hit whose record no longer counts, or whose rule no longer
fires, is withdrawn, and a clue without standing hits with it (clause B11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.clues.actions import settle_sql as sql
from services.monitoring.clues.rules import SEVERITIES, Dues, due_of
from services.monitoring.contract import ClueRaised

COLUMNS: Final = (
    "rule_id text, household_id uuid, person_id uuid, record_id uuid, source_records uuid[], fact_year smallint,"
    " value bigint, inputs jsonb"
)
"""Of a firing: the record is given for rules of the record grain, and is then the first of its sources."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """How one rule ran: its version, severity (H, M, L) and the numbers bound for the county and day.

    :param subject: ``record``, ``person`` or ``household``: what a fact is about.
    :param is_ageless: whether it looked at records of every age, so that its silence speaks of earlier years too.
    """

    version: int
    severity: str
    thresholds: Mapping[str, int]
    subject: str
    is_ageless: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run brings to clues.

    :param now: the instant from which dues run; None for a first load of history, which has no dues.
    """

    run_id: UUID
    as_of: date
    rules: Mapping[str, RuleRun]
    dues: Dues
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a chunk of households brought: facts that fired, and how many clues and hits changed how."""

    fired: int = 0
    raised: int = 0
    hits: int = 0
    updated: int = 0
    withdrawn: int = 0
    clues_withdrawn: int = 0

    def as_counts(self) -> dict[str, int]:
        return {"fired": self.fired, "clues_raised": self.raised, "hits": self.hits, "hits_updated": self.updated,
                "hits_withdrawn": self.withdrawn, "clues_withdrawn": self.clues_withdrawn}  # fmt: skip


async def settle_firings(unit: UnitOfWork, judgement: Judgement, households: Sequence[UUID], firings: str) -> Settled:
    """Bring the clues of some households to what the run found, recorded in the same transaction.

    :param firings: what fired for them, as rows of COPY in text format with the columns :data:`COLUMNS`.
    """
    await _hand_over(unit, households, firings)
    area = {"lo": unit.area.lo, "hi": unit.area.hi}
    run = {"run_id": judgement.run_id}
    day = {"as_of": judgement.as_of}
    ageless = [rule_id for rule_id, rule in judgement.rules.items() if rule.is_ageless]
    for statement, bound in (
        (sql.HASH, {}),
        (sql.LOCK, area),
        (sql.GATHER, {**day, "rules": _rules(judgement)}),
        (sql.ANALYZE, {}),
        (sql.LOCK_LEFT, {}),
        (sql.LEAVE, run),
        (sql.LEFT, {}),
        (sql.UPDATE, run),
        (sql.WITHDRAW, {**run, "year": judgement.as_of.year, "ageless": ageless}),
        (sql.OPEN, {}),
        (sql.RAISE, {**area, **day}),
        (sql.MEET, area),
        (sql.JOIN, {**run, **day}),
        (sql.RECOMPUTE, {}),
        (sql.UNHASH, {}),
    ):
        await unit.connection.execute(statement, bound)
    counts = {how: number for how, number in await unit.connection.execute(sql.COUNT)}  # noqa: C416
    told = {"event_type": ClueRaised.wire_type()}
    if counts.keys() & {"brought", "clue_withdrawn"}:
        await unit.connection.execute(sql.NOT_NEW)
        await unit.record_from(sql.STAGED, told)
    if "raised" in counts:
        await unit.record_new_from(sql.RAISED, told)
    return Settled(
        fired=counts["fired"],
        raised=counts.get("raised", 0),
        hits=counts.get("joined", 0),
        updated=counts.get("updated", 0),
        withdrawn=counts.get("withdrawn", 0),
        clues_withdrawn=counts.get("clue_withdrawn", 0),
    )


async def _hand_over(unit: UnitOfWork, households: Sequence[UUID], firings: str) -> None:
    """Copy the chunk into temporary tables: COPY into a table with row-level security is refused by PostgreSQL."""
    raw = (await unit.connection.get_raw_connection()).driver_connection
    assert raw is not None
    async with raw.cursor() as cursor:
        await cursor.execute(sql.TABLES.format(columns=COLUMNS), prepare=False)
        async with cursor.copy("COPY judged FROM STDIN") as copy:
            await copy.write("".join(f"{household}\n" for household in households))
        async with cursor.copy("COPY firing_given FROM STDIN") as copy:
            await copy.write(firings)


def _rules(judgement: Judgement) -> str:
    return orjson.dumps(
        [
            {
                "rule_id": rule_id,
                "subject": rule.subject,
                "version": rule.version,
                "severity": SEVERITIES[rule.severity],
                "due_at": None
                if judgement.now is None
                else due_of(SEVERITIES[rule.severity], judgement.now, judgement.dues),
                "thresholds": dict(rule.thresholds),
            }
            for rule_id, rule in judgement.rules.items()
        ]
    ).decode()
