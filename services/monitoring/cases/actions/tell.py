"""Keep how a household was told that its case came to nothing: when, by whom, and in which way (clause B8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.stepping import refuse
from services.monitoring.cases.queries.notices import show_notice
from services.monitoring.cases.queries.rows import NOTICE, case_row
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.rules.states import REFUSED
from services.monitoring.cases.schemas.telling import NoticeCreate, NoticeRead, Told
from services.monitoring.clues.queries.listing import CLUE, HIT
from services.monitoring.codes.cases import RefusalReason

KIND: Final = "case_notice"


async def tell(unit: UnitOfWork, case_id: UUID, body: NoticeCreate) -> NoticeRead:
    """The notice; a household may be told more than once, such as in writing after it was told at its door.

    :raises NotFound: if the case is not in the caller's area.
    :raises StateRefused: with every guard that fails: a case that goes on has nothing to tell of.
    """
    row = await case_row(unit, case_id, lock=True)
    today = unit.clock.today()
    said = body.model_copy(update={"told_on": body.told_on or today})
    faults = [] if row.state in REFUSED else [fault("nothing_to_tell")]
    faults += told_faults(said, today, "")
    if row.ended_on is not None and said.told_on is not None and said.told_on < row.ended_on:
        faults.append(fault("told_too_early", "/told_on"))
    refuse(faults)
    [notice] = await keep_notices(unit, [(row, said)], given=body.id, words=body.words)
    return show_notice(unit, notice)


def refusal_faults(
    reason: RefusalReason | None, told: Told, note: str | None, today: date, pointer: str, field: str = "reason"
) -> list[Fault]:
    """A refusal has a reason, which the request says in ``field``, and the applicant is told."""
    faults = []
    if reason is None:
        faults.append(fault("reason_needed", f"{pointer}/{field}"))
    if reason is RefusalReason.OTHER and note is None:
        faults.append(fault("note_needed", f"{pointer}/note"))
    return faults + told_faults(told, today, pointer)


def told_faults(told: Told, today: date, pointer: str) -> list[Fault]:
    """What is missing of when and how the household was told."""
    faults = []
    if told.told_on is None:
        faults.append(fault("told_needed", f"{pointer}/told_on"))
    elif told.told_on > today:
        faults.append(fault("day_ahead", f"{pointer}/told_on"))
    if told.told_how is None:
        faults.append(fault("told_how_needed", f"{pointer}/told_how"))
    return faults


async def has_applicant(unit: UnitOfWork, case_id: UUID) -> bool:
    """Whether somebody reported themselves, who waits to hear what came of it."""
    statement = (
        select(HIT.c.id)
        .join(CLUE, CLUE.c.id == HIT.c.clue_id)
        .where(
            CLUE.c.case_id == case_id,
            CLUE.c.region.between(unit.area.lo, unit.area.hi),
            HIT.c.region.between(unit.area.lo, unit.area.hi),
            HIT.c.kind == "self_report",
        )
        .limit(1)
    )
    return (await unit.connection.execute(statement)).first() is not None


def notice_values(unit: UnitOfWork, said: Told, *, given: UUID | None, words: str | None) -> dict[str, Any]:
    """The columns that every notice has, of a case or of a clue; the way is said."""
    assert said.told_how is not None  # the guards have looked
    return {
        "id": given or new_id(),
        "told_on": said.told_on,
        "told_how": said.told_how.value,
        "told_by": said.told_by,
        "words": words,
        "recorded_by": unit.actor.subject,
    }


async def keep_notices(
    unit: UnitOfWork, told: Iterable[tuple[Any, Told]], *, given: UUID | None = None, words: str | None = None
) -> list[Any]:
    """The rows of notices to the households of cases, each in the state of which its household was told.

    :param given: the client's id, where there is one case.
    """
    rows = [
        {
            "region": case.region,
            "case_id": case.id,
            "state": case.state,
            **notice_values(unit, said, given=given, words=words),
        }
        for case, said in told
        if said.told_how is not None
    ]
    if not rows:
        return []
    made = (await unit.connection.execute(insert(NOTICE).values(rows).returning(NOTICE))).all()
    for row in made:
        unit.record("case.tell", Aggregate(KIND, row.id, row.region, 1), fields=["told_how", "told_on"])
    return list(made)
