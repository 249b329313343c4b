"""Take up a self-report that was said to be of nobody here, or hand it on to the division where the person lives."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from chassis.audit.reads import sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.clues.actions.self_report import TABLE, change_self_report, division_faults
from services.monitoring.clues.queries.self_reports import PERSONAL, self_report_row, show_self_report
from services.monitoring.clues.self_report_schemas import SelfReportHandOn, SelfReportRead, SelfReportTakeUp
from services.monitoring.regions.rules import common_area

_WAITING: Final = {
    "state": "waiting",
    "refusal_reason": None,
    "outcome_note": None,
    "decided_on": None,
    "decided_by": None,
}
_MATCHED: Final = Message(
    "这份申报已匹配到户；有误的，请在该户的线索中研判。",
    "This self-report is matched to a household; if that is wrong, judge the clue of that household.",
)
_STILL_WAITS: Final = Message("这份申报仍待匹配，可直接匹配。", "This self-report waits already; match it.")
_SAME: Final = Message("申报已在该区划，请填写另一个乡镇或村。", "It lies there already; name another town or village.")


async def take_up_self_report(
    unit: UnitOfWork, report_id: UUID, body: SelfReportTakeUp, *, version: int
) -> SelfReportRead:
    """The report, which waits again to be matched; the first judgement stays in the audit log.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it was not refused.
    """
    row = await self_report_row(unit, report_id, lock=True)
    require_version(version, row.version)
    if row.state != "not_ours":
        message = _MATCHED if row.state == "matched" else _STILL_WAITS
        raise StateRefused(faults=[Fault("", "self_report_not_refused", message)])
    changed = await change_self_report(unit, row.id, _WAITING)
    aggregate = Aggregate(TABLE, row.id, row.region, changed.version)
    unit.record("self_report.take_up", aggregate, fields=["state"], reason=body.note)
    await sensitive_read(unit, "self_report.take_up", TABLE, [row.id], "match to households", fields=list(PERSONAL))
    return show_self_report(unit, changed)


async def hand_on_self_report(
    unit: UnitOfWork, report_id: UUID, body: SelfReportHandOn, *, version: int
) -> SelfReportRead:
    """The report, which waits in the division where the person lives; whoever handed it on sees it no longer.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails: it is matched already, or that division is none.
    """
    row = await self_report_row(unit, report_id, lock=True)
    require_version(version, row.version)
    faults = [Fault("", "self_report_matched", _MATCHED)] if row.state == "matched" else []
    faults += await division_faults(unit, body.region)
    if body.region == row.region:
        faults.append(Fault("/region", "same_division", _SAME))
    if faults:
        raise StateRefused(faults=faults)
    await unit.widen(common_area(unit.area, body.region))
    changed = await change_self_report(unit, row.id, {**_WAITING, "region": body.region, "handed_from": row.region})
    aggregate = Aggregate(TABLE, row.id, changed.region, changed.version, left_region=row.region)
    unit.record("self_report.hand_on", aggregate, fields=["region", "state"], reason=body.note)
    return show_self_report(unit, changed)
