"""A ledger of entries to seal."""

from __future__ import annotations

import pytest

from tests.chassis.audit.ledger import Ledger


@pytest.fixture
def ledger(make_program, make_database, tmp_path) -> Ledger:
    database = make_database()
    return Ledger(make_program(database=database), database, tmp_path)
