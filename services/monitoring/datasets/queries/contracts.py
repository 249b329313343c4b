"""Publish the column contracts and their templates."""

from __future__ import annotations

import asyncio
import io
from datetime import date

from chassis.errors import Language
from chassis.tabular import Column, Kind, write_template
from services.monitoring.datasets.contracts import contract_for, load_contracts
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.datasets.schemas import DatasetColumn, DatasetList, DatasetRead


def list_datasets(*, on: date, language: Language) -> DatasetList:
    """Every contract that files handed in on a day follow."""
    return DatasetList(items=[_shown(one, language) for one in load_contracts() if one.in_force(on)])


async def template_of(code: str, *, on: date) -> bytes:
    """The workbook to fill in.

    :raises NotFound: for an unknown dataset.
    """
    contract, content = contract_for(code, on=on), io.BytesIO()
    await asyncio.to_thread(write_template, content, contract.columns)
    return content.getvalue()


def _shown(contract: Contract, language: Language) -> DatasetRead:
    return DatasetRead(
        code=contract.code,
        department=contract.department,
        department_name=DEPARTMENTS[contract.department].in_language(language),
        title=contract.title.in_language(language),
        version=contract.version,
        period=contract.period.value,
        key=list(contract.key),
        rules=list(contract.rules),
        columns=[show_column(column) for column in contract.columns],
    )


def show_column(column: Column) -> DatasetColumn:
    """A column as it is published."""
    return DatasetColumn(
        name=column.name,
        label=column.label,
        kind=column.kind.value,
        required=column.required,
        unit=column.unit if column.kind is Kind.AMOUNT else None,
        aliases=list(column.aliases),
        choices=list(column.choices),
        note=column.note,
        example=column.example,
    )
