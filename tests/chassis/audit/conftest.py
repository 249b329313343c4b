"""These tests wait below the cluster's snapshot horizon, so they have a server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.testing.database import own_postgres


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with own_postgres(tmp_path_factory.mktemp("own-postgres") / "data") as url:
        yield url


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Templates of this server, not of the run's shared one."""
    return tmp_path_factory.mktemp("own-templates")
