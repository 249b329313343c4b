"""Find what a snapshot holds beside a county's rows: its line, the windows of income, complete lists."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.metadata import rows
from chassis.parameters.rules import scopes_of
from services.monitoring.codes.monitoring import Rule60
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.rules.periods import read_period
from services.monitoring.datasets.tables import DepartmentPeriod, DepartmentRecord
from services.monitoring.income.rules import Window, annual_window, decision_window, last_annual_window
from services.monitoring.lines.rules import BaseLine, CountyIncome, LineMissing, Rule60Setting, effective_line
from services.monitoring.lines.tables import LineRow
from services.monitoring.screening.inputs import Coverage, ExportInputs
from services.monitoring.screening.parameters import Numbers

_LINE: Final = rows(LineRow)
_PERIOD: Final = rows(DepartmentPeriod)
_RECORD: Final = rows(DepartmentRecord)


async def export_inputs(connection: AsyncConnection, region: int, as_of: date, numbers: Numbers) -> ExportInputs:
    """What the export of a county for a day needs to know."""
    return ExportInputs(
        line_fen=await line_fen(connection, region, as_of),
        windows=windows(as_of, annual_first_month=numbers.annual_first_month),
        listed_diseases=numbers.listed_diseases,
        coverage=await coverage(connection, region),
    )


def windows(as_of: date, *, annual_first_month: int) -> list[tuple[str, Window]]:
    """The twelve whole months before, the last yearly update and the one before it (clause B3)."""
    latest = last_annual_window(as_of, first_month=annual_first_month)
    before = annual_window(latest.last.year - 1, first_month=annual_first_month)
    return [("rolling", decision_window(as_of)), ("annual", latest), ("annual", before)]


async def line_fen(connection: AsyncConnection, region: int, on: date) -> int | None:
    """The line that rules compare with: the county line counts where the rule of 60 % watches or registers.

    None where no line is set, so that rules about it cannot fire.
    """
    found = await connection.execute(
        select(_LINE).where(_LINE.c.state == "active", _LINE.c.scope.in_(scopes_of(region)))
    )
    bases, incomes, settings = [], [], []
    for row in found:
        common = {"id": row.id, "region": row.scope, "valid_from": row.valid_from, "valid_to": row.valid_to,
                  "source": row.source}  # fmt: skip
        match row.kind:
            case "base_line":
                bases.append(BaseLine(amount_fen=row.amount_fen, **common))
            case "county_income":
                incomes.append(CountyIncome(year=row.year, per_capita_fen=row.amount_fen, **common))
            case _:
                settings.append(Rule60Setting(mode=Rule60(row.mode), percent=row.percent, **common))
    try:
        line = effective_line(county=region, on=on, base_lines=bases, incomes=incomes, settings=settings)
    except LineMissing:
        return None
    return max(line.line_fen, line.county_fen or 0)


async def coverage(connection: AsyncConnection, region: int) -> list[Coverage]:
    """Lists that a department closed as complete and that hold at least one record: an empty one says nothing."""
    complete = {contract.code: contract.period for contract in load_contracts() if contract.complete_list}
    has_records = (
        select(_RECORD.c.id)
        .where(
            _RECORD.c.county == region,
            _RECORD.c.dataset == _PERIOD.c.dataset,
            _RECORD.c.period == _PERIOD.c.period,
            _RECORD.c.state == "in_force",
        )
        .exists()
    )
    found = await connection.execute(
        select(_PERIOD.c.dataset, _PERIOD.c.period).where(
            _PERIOD.c.region == region,
            _PERIOD.c.dataset.in_(list(complete)),
            _PERIOD.c.closed_at.is_not(None),
            has_records,
        )
    )
    spans = [(row.dataset, read_period(row.period, complete[row.dataset])) for row in found]
    return [Coverage(dataset, span.first, span.last) for dataset, span in spans]
