"""A group of one that reads the tally's events."""

from __future__ import annotations

import pytest

from chassis.testing import tally
from chassis.testing.tally import TallyReader


@pytest.fixture
def reader(make_program) -> TallyReader:
    return TallyReader(make_program("reader", tally.tables))
