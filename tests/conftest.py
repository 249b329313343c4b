"""One real PostgreSQL per test run; each test gets databases of its own, cloned from migrated templates."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from sqlalchemy import MetaData

from chassis.database.provision import ServiceDatabase
from chassis.program import Program
from chassis.testing import database as databases
from chassis.testing import programs

_run = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """In a parallel run the controller starts the server, so that its workers share it."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        import tempfile

        folder = _run.enter_context(tempfile.TemporaryDirectory(prefix="xj-test-"))
        _run.enter_context(databases.postgres(Path(folder) / "data"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _run.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The superuser's address."""
    with databases.postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture
def make_database(postgres_url: str, run_folder: Path) -> Iterator[Callable[..., ServiceDatabase]]:
    """``make_database(tables)`` with a test's own tables, or with ``versions=`` of a service's migrations."""
    with ExitStack() as stack:

        def make(
            tables: MetaData | None = None, *, versions: Path | None = None, name: str | None = None
        ) -> ServiceDatabase:
            tables = tables if tables is not None else MetaData()
            name = name or databases.template_name(tables)
            template = databases.template(postgres_url, name, versions, tables, run_folder)
            return stack.enter_context(databases.fresh(postgres_url, template))

        yield make


@pytest.fixture
def logging_put_back() -> Iterator[None]:
    """For a test of what configures the whole process's logging, which the next test must not find so."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    handlers, level, structure = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)
    structlog.configure(**structure)


@pytest.fixture
async def make_program(make_database: Callable[..., ServiceDatabase], tmp_path: Path):
    """``make_program(name, tables, …)``: a program over a fresh database, closed afterwards."""
    made: list[Program] = []

    def make(
        name: str = "test", tables: MetaData | None = None, *, database: ServiceDatabase | None = None, **options
    ) -> Program:
        versions = options.pop("versions", None)
        template = options.pop("template", None)
        database = database or make_database(tables, versions=versions, name=template)
        program = programs.make_program(name, database, tmp_path, **options)
        made.append(program)
        return program

    yield make
    for program in made:
        await program.close()
