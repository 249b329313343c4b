"""What the start knows without loading the programs is what they say themselves."""

from __future__ import annotations

import subprocess
import sys

from chassis.database.revisions import heads
from deploy.embedded.databases import versions_of
from deploy.embedded.directory import PACKAGES
from deploy.embedded.installation import PROGRAMS

HEAVY = ("alembic", "sqlalchemy", "fastapi", "httpx", "structlog", "services.monitoring.app", "deploy.sample.county")
LATER = ("psycopg", "cryptography", "jwt", "pydantic")
"""What the start needs itself, once its processes load beside it."""


def test_the_start_knows_every_program_and_where_its_migrations_lie():
    assert list(PACKAGES) == [program.name for program in PROGRAMS]
    for program in PROGRAMS:
        assert versions_of(program.name) == program.migrations
        assert len(heads(program.migrations)) == 1


def test_a_start_loads_neither_a_program_nor_a_driver_before_its_processes_load():
    told = "from deploy.console.main import command_line; command_line('serve')"
    asked = f"import sys; {told}; print([name for name in {HEAVY + LATER} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
