"""Keep how whoever reported themselves was told that their clue was dismissed without a case (clause B8)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.clock import BUSINESS_ZONE
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.records import Aggregate
from services.monitoring.cases.actions.stepping import refuse
from services.monitoring.cases.actions.tell import notice_values, told_faults
from services.monitoring.cases.queries.notices import shown_notice
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.schemas.telling import NoticeCreate, NoticeKept, Told
from services.monitoring.clues.queries.listing import HIT
from services.monitoring.clues.queries.notices import NOTICE
from services.monitoring.clues.queries.one import clue_row

KIND: Final = "clue_notice"
_NOT_DISMISSED: Final = Message(
    "只有未立个案而排除的线索须在此告知。", "Only of a clue that was dismissed without a case a household is told here."
)


async def tell_applicant(unit: UnitOfWork, clue_id: UUID, body: NoticeCreate) -> NoticeKept:
    """The notice; a household may be told more than once, such as in writing after it was told by telephone.

    :raises NotFound: if the clue is not in the caller's area.
    :raises StateRefused: with every guard that fails: of a clue that waits or is in a case there is nothing to tell.
    """
    clue = await clue_row(unit, clue_id, lock=True)
    today = unit.clock.today()
    said = body.model_copy(update={"told_on": body.told_on or today})
    is_over = clue.state == "dismissed" and clue.case_id is None
    faults = [] if is_over else [Fault("", "clue_not_dismissed", _NOT_DISMISSED)]
    faults += told_faults(said, today, "")
    if is_over and said.told_on < clue.judged_at.astimezone(BUSINESS_ZONE).date():
        faults.append(fault("told_too_early", "/told_on"))
    refuse(faults)
    row = await keep_notice(unit, clue, said, given=body.id, words=body.words)
    return NoticeKept(**shown_notice(unit, row))


async def dismissal_faults(unit: UnitOfWork, clue: Any, told: Told) -> list[Fault]:
    """What is missing of how the applicant was told, where the clue has one, or somebody says that it was told."""
    if not (told.told_on or told.told_how) and not await _has_applicant(unit, clue.id):
        return []
    return told_faults(told, unit.clock.today(), "")


async def keep_notice(
    unit: UnitOfWork, clue: Any, said: Told, *, given: UUID | None = None, words: str | None = None
) -> Any:
    """The row of a notice to the household of ``clue``."""
    values = notice_values(unit, said, given=given, words=words)
    made = insert(NOTICE).values(region=clue.region, clue_id=clue.id, **values).returning(NOTICE)
    row = (await unit.connection.execute(made)).one()
    unit.record("clue.tell", Aggregate(KIND, row.id, row.region, 1), fields=["told_how", "told_on"])
    return row


async def _has_applicant(unit: UnitOfWork, clue_id: UUID) -> bool:
    """Whether somebody reported themselves, who waits to hear what came of it."""
    reported = select(HIT.c.id).where(
        HIT.c.clue_id == clue_id,
        HIT.c.region.between(unit.area.lo, unit.area.hi),
        HIT.c.kind == "self_report",
        HIT.c.state == "standing",
    )
    return (await unit.connection.execute(reported.limit(1))).first() is not None
