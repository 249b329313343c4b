"""Settle a finding: the record was corrected, or it is right as it stands and somebody says why."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.households.queries.findings import finding_row, show_finding
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.schemas.findings import FindingRead, FindingSettle
from services.monitoring.households.standing import verdict_on
from services.monitoring.households.tables import Finding

_FINDING: Final = rows(Finding)
_SETTLED = Message("该疑点已办结，无需再次办理。", "This finding is settled already.")
_EXPLAIN = Message("请说明数据为何属实。", "Say why the record is right as it stands.")


async def settle_finding(
    unit: UnitOfWork, finding_id: UUID, body: FindingSettle, *, version: int, language: Language
) -> FindingRead:
    """The finding, settled. A correction counts once the rule is silent; until then the rule says what is wrong.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises InvalidInput: without the explanation that ``explained`` needs.
    :raises StateRefused: if it is settled, or ``corrected`` while the rule still fires.
    """
    seen = await finding_row(unit, finding_id)
    household = await household_row(unit, seen.household_id, lock=True)
    finding = await finding_row(unit, finding_id, lock=True)
    require_version(version, finding.version)
    if finding.state != "open":
        raise StateRefused(faults=[Fault("", "finding_settled", _SETTLED)])
    explanation = (body.explanation or "").strip() or None
    if body.outcome == "explained" and explanation is None:
        raise InvalidInput(faults=[Fault("/explanation", "missing", _EXPLAIN)])
    if body.outcome == "corrected" and household.state == "active":
        verdict, members = await verdict_on(unit, household)
        still = [
            doubt.fault
            for doubt in verdict.doubts_of(members)
            if (doubt.person_id, doubt.fault.code) == (finding.person_id, finding.code)
        ]
        if still:
            raise StateRefused(faults=still)
    settled = await unit.connection.execute(
        update(_FINDING)
        .where(_FINDING.c.id == finding.id)
        .values(
            state=body.outcome,
            explanation=explanation,
            settled_on=unit.clock.today(),
            version=_FINDING.c.version + 1,
        )
        .returning(_FINDING)
    )
    row = settled.one()
    fields = ["state"] if explanation is None else ["explanation", "state"]
    unit.record("finding.settle", Aggregate("finding", row.id, row.region, row.version), fields=fields)
    return show_finding(row, language=language)
