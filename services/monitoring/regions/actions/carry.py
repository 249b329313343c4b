"""Let the numbers and rules that a division set go on under its new code.

A re-coded division is the same one: what its county decided holds on, and for its past as well, since its households
are known by the new code from now on. Of a merged one nothing is carried: its successor has numbers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from chassis.calendar.actions import KIND as HOLIDAYS
from chassis.database.unit_of_work import UnitOfWork
from chassis.parameters.actions import KIND as PARAMETER
from chassis.parameters.actions import tell_caches
from chassis.records import Aggregate
from services.monitoring.lines.actions.decide import KIND as LINE

_MAP: Final = "unnest(CAST(:old AS bigint[]), CAST(:new AS bigint[])) AS m(old, new)"
SCOPED_KINDS: Final = (PARAMETER, HOLIDAYS, LINE)
"""Kinds of the change feed whose rows name a ``scope``: each is also its table's name."""

_RULES: Final = text(
    f"UPDATE rule_version AS r SET scope = m.new, revision = r.revision + 1 FROM {_MAP}"  # noqa: S608  # constants only
    " WHERE r.scope = m.old RETURNING r.id"
)


async def carry_scopes(unit: UnitOfWork, recoded: Mapping[int, int]) -> None:
    """Re-code parameters, holidays, lines and rules by ``recoded`` (old code to new), each recorded.

    :raises Conflict: if a value was set for the same days under the new code already.
    """
    if not recoded:
        return
    binds: dict[str, Any] = {"old": list(recoded.keys()), "new": list(recoded.values())}
    await tell_caches(unit)
    for kind in SCOPED_KINDS:
        statement = (
            f"UPDATE {kind} AS r SET scope = m.new, version = r.version + 1 FROM {_MAP}"  # noqa: S608  # constants only
            " WHERE r.scope = m.old RETURNING r.id, r.scope, r.version, m.old"
        )
        for row in await unit.connection.execute(text(statement), binds):
            unit.record(f"{kind}.recode", Aggregate(kind, row.id, row.scope, row.version, row.old), fields=["scope"])
    for row in await unit.connection.execute(_RULES, binds):
        # As in every change of a rule: no row of an area, so the change feed does not carry it.
        aggregate = Aggregate("rule", row.id, unit.actor.assignment.region, version=0)
        unit.record("rule.recode", aggregate, fields=["scope"])
