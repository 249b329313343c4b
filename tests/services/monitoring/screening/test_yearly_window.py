"""The yearly update that rules look at is the one that the area's own number names, as everywhere else (clause B3)."""

from __future__ import annotations

from datetime import date

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.screening.parameters import numbers_for
from services.monitoring.screening.queries.context import export_inputs

JUNE = date(2024, 6, 3)


async def _windows(program):
    async with program.database.transaction(Area.of(COUNTY)) as connection:
        inputs = await export_inputs(connection, COUNTY, JUNE, await numbers_for(connection, COUNTY, JUNE))
    return {(name, window.first, window.last) for name, window in inputs.windows}


async def test_a_county_that_counts_by_calendar_years_is_screened_by_calendar_years(asks, monitoring):
    assert ("annual", date(2022, 10, 1), date(2023, 9, 30)) in await _windows(monitoring)
    author, second = asks(Role.COUNTY_OFFICER, COUNTY), asks(Role.COUNTY_OFFICER, COUNTY)
    january = {"key": FIRST_MONTH, "value": {"type": "integer", "value": 1}, "effective_from": "2024-06-03"}
    proposed = await author.post("/parameters", json=january | {"scope": str(COUNTY), "source": "县文件"})
    assert proposed.status_code == 201, proposed.text
    path = f"/parameters/{proposed.json()['id']}/approve"
    approved = await second.post(path, headers={"If-Match": proposed.headers["ETag"]})
    assert approved.status_code == 200, approved.text
    assert ("annual", date(2023, 1, 1), date(2023, 12, 31)) in await _windows(monitoring)
