"""Do a hot statement as one step of a unit of work, so that a report handed in later is the report that is sent now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from chassis.database.hot import HotStatement
from chassis.database.unit_of_work import UnitOfWork


class UnitWrite:
    """Stands for :class:`chassis.http.hot.HotWrite`: the same statement, committed with the unit."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.now = unit.clock.business_now()
        self._unit = unit

    @property
    def today(self) -> date:
        return self.now.date()

    async def run(self, statement: HotStatement, parameters: Mapping[str, Any], _response: Response) -> bool:
        """Write; False, and nothing written, without what the statement requires. The answer is kept by the push."""
        return await self._unit.run_hot(statement, parameters)
