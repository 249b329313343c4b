"""What the start knows without loading the programs is what they say themselves."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chassis.database.revisions import heads
from deploy.embedded.databases import versions_of
from deploy.embedded.directory import PACKAGES
from deploy.embedded.installation import PROGRAMS

HEAVY = ("alembic", "sqlalchemy", "fastapi", "httpx", "structlog", "services.monitoring.app", "deploy.sample.county")
LATER = ("psycopg", "cryptography", "jwt", "pydantic")
"""What the start needs itself, once its processes load beside it."""
ASKED_FOR = ("pyarrow", "duckdb", "sqlglot", "openpyxl", "pylopdf")
"""What only screenings, sheets and papers need, at the first that somebody asks for."""


def test_the_start_knows_every_program_and_where_its_migrations_lie():
    assert list(PACKAGES) == [program.name for program in PROGRAMS]
    for program in PROGRAMS:
        assert versions_of(program.name) == program.migrations
        assert len(heads(program.migrations)) == 1


def test_a_start_loads_neither_a_program_nor_a_driver_before_its_processes_load():
    told = "from deploy.console.main import command_line; command_line('serve')"
    assert loaded_of(HEAVY + LATER, after=told) == "[]"


@pytest.mark.budget(seconds=60)  # it may be the first to compile all that programs are made of
def test_programs_load_engines_sheets_and_paper_only_for_who_asks_for_them():
    told = "import deploy.embedded.apis, deploy.embedded.workers; from deploy.embedded.installation import PROGRAMS"
    assert loaded_of(ASKED_FOR, after=told) == "[]"


def loaded_of(names: tuple[str, ...], *, after: str) -> str:
    """Which of ``names`` a new process has loaded ``after`` a statement."""
    asked = f"import sys; {after}; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.strip()
