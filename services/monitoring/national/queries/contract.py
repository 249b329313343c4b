"""Publish the columns of a national export."""

from __future__ import annotations

import asyncio
import io
from functools import cache
from threading import Lock
from typing import Final

from chassis.tabular import write_template
from services.monitoring.datasets.actions.mappings import Mapped
from services.monitoring.datasets.queries.contracts import show_column
from services.monitoring.national.contract import COLUMNS, DATASET, DEPARTMENT, VALID_FROM, VERSION
from services.monitoring.national.schemas import NationalContractRead

MAPPED: Final = Mapped(DATASET, DEPARTMENT, COLUMNS)
_ONE_AT_A_TIME: Final = Lock()


def show_contract() -> NationalContractRead:
    """The contract in force."""
    columns = [show_column(column) for column in COLUMNS]
    return NationalContractRead(code=DATASET, version=VERSION, valid_from=VALID_FROM, columns=columns)


async def contract_template() -> bytes:
    """The workbook with the contract's columns. It is wide and takes long to make, so it is made once."""
    return await asyncio.to_thread(_template)


def _template() -> bytes:
    with _ONE_AT_A_TIME:
        return _made()


@cache
def _made() -> bytes:
    content = io.BytesIO()
    write_template(content, COLUMNS)
    return content.getvalue()
