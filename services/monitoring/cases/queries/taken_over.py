"""Since when the past of a case that was taken over is known here: no clock runs for what lies before (clause B8)."""

from __future__ import annotations

from typing import Final

from services.monitoring.cases.rules.states import FOLLOWED
from services.monitoring.codes.cases import CaseAction

_FOLLOWED: Final = ", ".join(f"'{state.value}'" for state in sorted(FOLLOWED))
HEARD_OF_CASE: Final = f"""
    SELECT min(step.on_day) AS registered, min(step.on_day) FILTER (WHERE step.to_state IN ({_FOLLOWED})) AS eliminated
    FROM (
        SELECT CAST(taken_at AT TIME ZONE 'Asia/Shanghai' AS date) AS on_day, to_state FROM case_step
        WHERE case_id = {{case}}.id AND {{case}}.origin = 'migrated' AND action = '{CaseAction.TAKE_OVER.value}'
    ) AS step
"""  # noqa: S608  # constants only
"""One row beside the case that ``{case}`` names: the days on which this registry heard of its registration and of its
elimination from another system; null for what was not heard so, such as all of a case of our own."""
HEARD_OF_HOUSEHOLD: Final = f"""
    SELECT min(heard.registered) AS registered, min(heard.eliminated) AS eliminated
    FROM monitoring_case AS own CROSS JOIN LATERAL ({HEARD_OF_CASE.format(case="own")}) AS heard
    WHERE own.household_id = home.id AND own.registered_on = home.registered_on AND own.origin = 'migrated'
"""  # noqa: S608  # constants only
"""The same beside ``home``, a household: of the registration that it shows."""
