"""Say until when files for a period are on time, and close a period."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import insert, select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, VersionMissing
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.datasets.contracts import contract_for
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.queries.submissions import require_department
from services.monitoring.datasets.rules.periods import read_period
from services.monitoring.datasets.schemas import PeriodRead, PeriodWrite
from services.monitoring.datasets.tables import DepartmentPeriod

_PERIOD: Final = rows(DepartmentPeriod)
_PERIODS: Final = UUID("0b8e7c52-6a51-5d0c-8a44-3f9c5f5d7e21")
_ORDER: Final = Message("截止日期不能早于开始日期。", "The closing day cannot lie before the opening day.")


async def read_reporting_period(unit: UnitOfWork, code: str, period: str, county: int) -> PeriodRead:
    """A dataset's reporting period.

    :raises NotFound: if none was set, or for a clerk of another department.
    """
    contract = _contract(unit, code)
    row = await _row(unit, code, read_period(period, contract.period).text, county)
    if row is None:
        raise NotFound
    return _shown(row)


async def set_reporting_period(
    unit: UnitOfWork, code: str, period: str, county: int, body: PeriodWrite, *, version: int | None
) -> PeriodRead:
    """Set the days between which files for a period are on time; batches that came in before keep what they were.

    :param version: the version that is changed; None for the first setting.
    :raises InvalidInput: if it would close before it opens. :raises PeriodUnfit: as :func:`read_period`.
    :raises VersionMissing: if it is set already and no version is given. :raises VersionStale: for another version.
    """
    contract = _contract(unit, code)
    written = read_period(period, contract.period).text
    if body.closes_on < body.opens_on:
        raise InvalidInput(faults=[Fault("/closes_on", "closes_before_it_opens", _ORDER)])
    days = {"opens_on": body.opens_on, "closes_on": body.closes_on}
    before = await _row(unit, code, written, county, lock=True)
    if before is None:
        place = {"region": county, "dataset": code, "period": written, "department": contract.department}
        statement: Any = insert(_PERIOD).values(**place, **days, version=1)
    else:
        if version is None:
            raise VersionMissing
        require_version(version, before.version)
        statement = update(_PERIOD).where(*_at(code, written, county)).values(**days, version=before.version + 1)
    return await _changed(unit, "department_period.set", statement, sorted(days))


async def close_reporting_period(unit: UnitOfWork, code: str, period: str, county: int, *, version: int) -> PeriodRead:
    """Close a period now: what comes in afterwards is late. Closing it twice changes nothing.

    :raises NotFound: if it was never set. :raises VersionStale: if it changed since it was read.
    """
    contract = _contract(unit, code)
    written = read_period(period, contract.period).text
    before = await _row(unit, code, written, county, lock=True)
    if before is None:
        raise NotFound
    require_version(version, before.version)
    if before.closed_at is not None:
        return _shown(before)
    values = {"closed_at": unit.clock.system_now(), "version": before.version + 1}
    statement = update(_PERIOD).where(*_at(code, written, county)).values(**values)
    return await _changed(unit, "department_period.close", statement, ["closed_at"])


async def _changed(unit: UnitOfWork, action: str, statement: Any, fields: list[str]) -> PeriodRead:
    row = (await unit.connection.execute(statement.returning(_PERIOD))).one()
    thing = uuid5(_PERIODS, f"{row.region}/{row.dataset}/{row.period}")
    unit.record(action, Aggregate("department_period", thing, row.region, row.version), fields=fields)
    return _shown(row)


def _contract(unit: UnitOfWork, code: str) -> Contract:
    contract = contract_for(code, on=unit.clock.today())
    require_department(unit, contract.department)
    return contract


def _at(code: str, period: str, county: int) -> tuple[Any, ...]:
    return _PERIOD.c.region == county, _PERIOD.c.dataset == code, _PERIOD.c.period == period


async def _row(unit: UnitOfWork, code: str, period: str, county: int, *, lock: bool = False) -> Any:
    statement = select(_PERIOD).where(*_at(code, period, county))
    if lock:
        statement = statement.with_for_update()
    return (await unit.connection.execute(statement)).one_or_none()


def _shown(row: Any) -> PeriodRead:
    return PeriodRead(**row._mapping)  # noqa: SLF001  # a row's public view of its columns, despite the name
