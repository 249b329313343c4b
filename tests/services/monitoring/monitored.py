"""What the national system says of a household's monitoring, for tests that need one among the monitored."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.identifiers import new_id
from chassis.program import Program
from chassis.security.scope import Area, program
from chassis.testing.programs import COUNTY
from services.monitoring.codes.monitoring import EliminationMode, MonitoringType, Risk
from services.monitoring.households.actions.monitoring import Source, Told, record_monitoring
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring


async def tell_monitoring(
    monitoring: Program,
    home: str,
    kind: str,
    *risks: str,
    registered_on: str = "2024-05-20",
    eliminated_on: str | None = None,
    county: int = COUNTY,
) -> None:
    """Record it as an export of today would."""
    said = SaidMonitoring(
        monitoring_type=MonitoringType(kind),
        risks=tuple(Risk(risk) for risk in risks),
        registered_on=date.fromisoformat(registered_on),
        eliminated_on=date.fromisoformat(eliminated_on) if eliminated_on else None,
        elimination_mode=EliminationMode.HELPED if eliminated_on else None,
    )
    told = Told(household_id=UUID(home), said=said, income_after=IncomeFigures())
    async with monitoring.unit(program("national", county)) as unit:
        source = Source(kind="national", id=new_id(), on=monitoring.clock.today())
        area, thresholds = Area.of(county), await thresholds_at(unit, county)
        setting = Setting(monitoring.clock.today(), area.lo, area.hi, thresholds)
        await record_monitoring(unit, [told], source, setting, codes=())
