"""Publish the columns of a national export."""

from __future__ import annotations

from typing import Final

from services.monitoring.datasets.actions.mappings import Mapped
from services.monitoring.datasets.queries.contracts import show_column
from services.monitoring.national.contract import COLUMNS, DATASET, DEPARTMENT, VALID_FROM, VERSION
from services.monitoring.national.schemas import NationalContractRead

MAPPED: Final = Mapped(DATASET, DEPARTMENT, COLUMNS)


def show_contract() -> NationalContractRead:
    """The contract in force."""
    columns = [show_column(column) for column in COLUMNS]
    return NationalContractRead(code=DATASET, version=VERSION, valid_from=VALID_FROM, columns=columns)
