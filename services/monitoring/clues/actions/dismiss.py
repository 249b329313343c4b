"""Dismiss a clue with a reason; its facts stay silent until they grow by a step or their time passes (clause B11)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.clues.actions.silence import silence_facts
from services.monitoring.clues.actions.tell import dismissal_faults, keep_notice
from services.monitoring.clues.queries.listing import CLUE, HIT, LETTERS, shown
from services.monitoring.clues.queries.one import clue_row
from services.monitoring.clues.schemas import ClueDismiss, ClueDismissed, SilenceRead
from services.monitoring.codes.clues import DismissalReason
from services.monitoring.contract import ClueRaised

_NOT_OPEN: Final = Message("只有待研判的线索可以排除。", "Only an open clue can be dismissed.")
_NOTE: Final = Message("选择“其他”时请说明原因。", "Say why, in a note, where the reason is `other`.")


async def dismiss_clue(unit: UnitOfWork, clue_id: UUID, body: ClueDismiss, *, version: int) -> ClueDismissed:
    """The clue, dismissed, with how long each of its facts stays silent.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is no longer open, or whoever reported themselves was not told.
    :raises InvalidInput: without the note that ``other`` needs.
    """
    clue = await clue_row(unit, clue_id, lock=True)
    require_version(version, clue.version)
    faults = [] if clue.state == "open" else [Fault("", "clue_not_open", _NOT_OPEN)]
    faults += await dismissal_faults(unit, clue, body)
    if faults:
        raise StateRefused(faults=faults)
    note = (body.note or "").strip() or None
    if body.reason is DismissalReason.OTHER and note is None:
        raise InvalidInput(faults=[Fault("/note", "missing", _NOTE)])
    row, silences = await _dismiss(unit, clue, body.reason, note)
    if body.told_how is not None:
        await keep_notice(unit, row, body)
    return ClueDismissed(
        **shown(row, unit.clock.business_now()),
        dismissed_reason=body.reason,
        dismissed_note=row.dismissed_note,
        silences=silences,
    )


async def dismiss_with_case(unit: UnitOfWork, case_id: UUID, reason: DismissalReason, note: str | None) -> None:
    """Dismiss the clues of a case that was not confirmed; each of their facts is silent from now on."""
    statement = select(CLUE).where(CLUE.c.case_id == case_id, CLUE.c.state == "in_case").order_by(CLUE.c.id)
    for clue in (await unit.connection.execute(statement.with_for_update())).all():
        await _dismiss(unit, clue, reason, note)


async def _dismiss(
    unit: UnitOfWork, clue: Any, reason: DismissalReason, note: str | None
) -> tuple[Any, list[SilenceRead]]:
    """The clue, dismissed, and how long each of its facts stays silent."""
    dismissed = await unit.connection.execute(
        update(HIT).where(HIT.c.clue_id == clue.id, HIT.c.state == "standing").values(state="dismissed").returning(HIT)
    )
    silences = await silence_facts(unit, [hit for hit in dismissed if hit.kind == "rule"], clue.region)
    changed = await unit.connection.execute(
        update(CLUE)
        .where(CLUE.c.id == clue.id)
        .values(
            state="dismissed",
            dismissed_reason=reason.value,
            dismissed_note=note,
            judged_at=unit.clock.business_now(),
            version=CLUE.c.version + 1,
        )
        .returning(CLUE)
    )
    row = changed.one()
    unit.record(
        "clue.dismiss",
        Aggregate("clue", row.id, row.region, row.version),
        fields=["dismissed_reason", "hits", "judged_at", "state"],
        reason=reason.value,
        event=ClueRaised(
            clue=row.id,
            household=row.household_id,
            severity=LETTERS[row.severity],
            due=row.due_at,
            state=row.state,
        ),
    )
    return row, silences
