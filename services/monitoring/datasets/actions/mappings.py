"""Save which of a department's own headings are which columns of a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, VersionMissing
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.tabular import Column
from chassis.tabular.columns import label_key
from services.monitoring.datasets.contracts import contract_for
from services.monitoring.datasets.queries.submissions import require_department
from services.monitoring.datasets.schemas import MappingRead, MappingWrite
from services.monitoring.datasets.tables import ColumnMapping

_MAPPING: Final = rows(ColumnMapping)
_UNKNOWN: Final = Message("该文件规范没有这一列。", "The contract has no such column.")
_TWICE: Final = Message("两个表头对应了同一列。", "Two headings mean the same column.")
_LABEL: Final = Message(
    "两个表头写法相同，或含有无法比较的字符。", "Two headings are alike, or one cannot be compared."
)


@dataclass(frozen=True)
class Mapped:
    """What a mapping is onto: the columns that a dataset of a department publishes."""

    dataset: str
    department: str
    columns: Sequence[Column]


async def read_mapping(unit: UnitOfWork, code: str, county: int) -> MappingRead:
    """The saved mapping of a dataset.

    :raises NotFound: if there is none, or for a clerk of another department.
    """
    require_department(unit, contract_for(code, on=unit.clock.today()).department)
    return await kept_mapping(unit, code, county)


async def save_mapping(
    unit: UnitOfWork, code: str, county: int, body: MappingWrite, *, version: int | None
) -> MappingRead:
    """Save a dataset's mapping, or replace it; errors as :func:`keep_mapping`."""
    contract = contract_for(code, on=unit.clock.today())
    require_department(unit, contract.department)
    onto = Mapped(code, contract.department, contract.columns)
    return await keep_mapping(unit, onto, county, body, version=version)


async def kept_mapping(unit: UnitOfWork, dataset: str, county: int) -> MappingRead:
    """What is kept for a dataset of whatever kind.

    :raises NotFound: if there is none.
    """
    row = await _row(unit, dataset, county)
    if row is None:
        raise NotFound
    return _shown(row)


async def keep_mapping(
    unit: UnitOfWork, onto: Mapped, county: int, body: MappingWrite, *, version: int | None
) -> MappingRead:
    """Keep a mapping, or replace it.

    :param version: the version that is replaced; None for the first one.
    :raises InvalidInput: with every heading that cannot be used.
    :raises VersionMissing: if there is one already and no version is given. :raises VersionStale: for another version.
    """
    faults = _faults(body.mapping, {column.name for column in onto.columns})
    if faults:
        raise InvalidInput(faults=faults)
    before = await _row(unit, onto.dataset, county, lock=True)
    if before is None:
        values = {"region": county, "department": onto.department, "dataset": onto.dataset, "mapping": body.mapping}
        statement: Any = insert(_MAPPING).values(id=new_id(), **values, version=1)
    else:
        if version is None:
            raise VersionMissing
        require_version(version, before.version)
        statement = (
            update(_MAPPING)
            .where(_MAPPING.c.id == before.id, _MAPPING.c.region == county)
            .values(mapping=body.mapping, version=before.version + 1)
        )
    row = (await unit.connection.execute(statement.returning(_MAPPING))).one()
    unit.record("column_mapping.save", Aggregate("column_mapping", row.id, county, row.version), fields=["mapping"])
    return _shown(row)


def _faults(mapping: dict[str, str], columns: set[str]) -> list[Fault]:
    faults, names, labels = [], set[str](), set[str]()
    for place, (label, name) in enumerate(mapping.items()):
        pointer, key = f"/mapping/{place}", label_key(label)
        if name not in columns:
            faults.append(Fault(pointer, "unknown_column", _UNKNOWN))
        elif name in names:
            faults.append(Fault(pointer, "column_twice", _TWICE))
        if not key or key in labels:
            faults.append(Fault(pointer, "heading", _LABEL))
        names.add(name)
        labels.add(key)
    return faults


async def _row(unit: UnitOfWork, code: str, county: int, *, lock: bool = False) -> Any:
    statement = select(_MAPPING).where(_MAPPING.c.region == county, _MAPPING.c.dataset == code)
    if lock:
        statement = statement.with_for_update()
    return (await unit.connection.execute(statement)).one_or_none()


def _shown(row: Any) -> MappingRead:
    return MappingRead(**row._mapping)  # noqa: SLF001  # a row's public view of its columns, despite the name
