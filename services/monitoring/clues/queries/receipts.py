"""Tell who holds the receipt of a self-report what came of it; the receipt alone names its one row."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select, true

from chassis.clock import BUSINESS_ZONE
from chassis.errors import Message, NotFound
from chassis.program import Program
from chassis.security.blind_index import BlindIndex
from chassis.security.scope import Area
from services.monitoring.cases.queries.rows import CASE, NOTICE, STEP
from services.monitoring.cases.rules.states import REFUSED
from services.monitoring.clues.queries.listing import CLUE, HIT
from services.monitoring.clues.queries.notices import NOTICE as OF_CLUE
from services.monitoring.clues.queries.self_reports import SELF_REPORT
from services.monitoring.clues.self_report_schemas import OutcomeKind, SelfReportOutcome, SelfReportStatus
from services.monitoring.codes.cases import RefusalReason
from services.monitoring.codes.clues import DismissalReason

_NO_RECEIPT: Final = Message(
    "没有这个回执号，请对照回执逐位核对后重试。",
    "There is no such receipt; compare it with what you were given.",
)
_LABELS: Final = {one.value: one.label for one in (*DismissalReason, *RefusalReason)}


def receipts(program: Program) -> BlindIndex:
    """The keyed digest under which a receipt is found."""
    return BlindIndex(program.vault.ring, kind="self_report_receipt")


async def self_report_status(program: Program, receipt: str) -> SelfReportStatus:
    """The state by receipt, and the reason where the report came to nothing.

    That a household is registered is told at its door and on the list in its village, never to a receipt: whoever
    reported in somebody else's name would learn it.

    :raises NotFound: if there is no such receipt.
    """
    digests = [index.hex() for index in receipts(program).candidates(receipt)]
    ended = (
        select(STEP.c.reason, STEP.c.on_day)
        .where(STEP.c.case_id == CASE.c.id, STEP.c.to_state == CASE.c.state)
        .order_by(STEP.c.number.desc())
        .limit(1)
        .lateral("ended")
    )
    told = (
        select(NOTICE.c.told_on, NOTICE.c.told_how)
        .where(NOTICE.c.case_id == CASE.c.id, NOTICE.c.state == CASE.c.state)
        .order_by(NOTICE.c.id)
        .limit(1)
        .lateral("told")
    )
    dismissal = (
        select(OF_CLUE.c.told_on, OF_CLUE.c.told_how)
        .where(OF_CLUE.c.clue_id == CLUE.c.id)
        .order_by(OF_CLUE.c.id)
        .limit(1)
        .lateral("dismissal")
    )
    statement = (
        select(
            SELF_REPORT.c.state,
            CLUE.c.state.label("clue_state"),
            CLUE.c.dismissed_reason,
            CLUE.c.judged_at,
            CASE.c.state.label("case_state"),
            ended.c.reason,
            ended.c.on_day,
            func.coalesce(told.c.told_on, dismissal.c.told_on).label("told_on"),
            func.coalesce(told.c.told_how, dismissal.c.told_how).label("told_how"),
        )
        .outerjoin(HIT, HIT.c.id == SELF_REPORT.c.hit_id)
        .outerjoin(CLUE, CLUE.c.id == HIT.c.clue_id)
        .outerjoin(CASE, CASE.c.id == CLUE.c.case_id)
        .outerjoin(ended, true())
        .outerjoin(told, true())
        .outerjoin(dismissal, true())
        .where(SELF_REPORT.c.receipt_digest.in_(digests))
    )
    # The receipt alone names its one row; where it was sent from or to which area, nobody has to say.
    async with program.database.transaction(Area.everywhere()) as connection:
        row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(_NO_RECEIPT)
    handled = row.state == "not_ours" or (row.clue_state is not None and row.clue_state != "open")
    return SelfReportStatus(state="handled" if handled else "received", outcome=_outcome(row))


def _outcome(row: Any) -> SelfReportOutcome | None:
    """What the report came to, if that is nothing."""
    if row.state == "not_ours":
        return SelfReportOutcome(kind=OutcomeKind.NOT_OURS)
    if row.case_state in REFUSED:
        return SelfReportOutcome(
            kind=OutcomeKind.REFUSED,
            reason=row.reason,
            reason_label=_LABELS.get(row.reason),
            decided_on=row.on_day,
            told_on=row.told_on,
            told_how=row.told_how,
        )
    if row.clue_state == "dismissed":
        return SelfReportOutcome(
            kind=OutcomeKind.DISMISSED,
            reason=row.dismissed_reason,
            reason_label=_LABELS.get(row.dismissed_reason),
            decided_on=row.judged_at.astimezone(BUSINESS_ZONE).date(),
            told_on=row.told_on,
            told_how=row.told_how,
        )
    return None
