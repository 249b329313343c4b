"""The officials of the acceptance village, whose to-dos these tests read."""

from __future__ import annotations

import pytest

from tests.services.monitoring.cases.village import Officials


@pytest.fixture
def them(monitoring, asks) -> Officials:
    return Officials(monitoring, asks)
