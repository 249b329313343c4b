"""A county of one whole round of stories, as its generator tells it and as its files say it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from deploy.sample.county import ROUND, County, generate
from deploy.sample.writing import write_county

ON = date(2024, 6, 3)


@pytest.fixture(scope="session")
def county() -> County:
    return generate(ROUND * 2 + 3, 7, ON)


@pytest.fixture(scope="session")
def folder(county: County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county")
    write_county(county, path)
    return path
