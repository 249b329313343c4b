"""One real PostgreSQL per test process, and one Kafka broker per run once a test needs it; each test gets databases and
topics of its own."""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest
import structlog
from sqlalchemy import MetaData

from chassis.bus.broker import BrokerMissing, Brokers, fetch
from chassis.database.provision import ServiceDatabase
from chassis.program import Program
from chassis.testing import database as databases
from chassis.testing import kafka, programs
from tests.budget import overdrawn

_run = ExitStack()
_PLATFORMS = tuple(Path(__file__).parent / name for name in ("journeys", "deploy"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that took longer than it said fails in CI; elsewhere, where other work may slow it down, it is named."""
    report = yield
    if call.when == "call" and report.passed and (complaint := overdrawn(item, call.duration)):
        if os.environ.get("CI"):
            report.outcome, report.longrepr = "failed", f"{item.nodeid} {complaint}"
        else:
            item.warn(pytest.PytestWarning(f"{item.nodeid} {complaint}"))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(f"random seed: --hypothesis-seed={config.getoption('--hypothesis-seed')}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed that all draw by; a parallel run's controller also starts the broker that its workers share."""
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))
    if hasattr(config, "workerinput"):
        return
    _run.enter_context(kafka.BrokerOnDemand())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files whose tests share a running platform.

    Who runs out of work takes tests from the end of another worker's: that platform would be made anew for them.
    """
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in _PLATFORMS))


def pytest_collection_finish() -> None:
    """Keep what the imports made out of the collector's way: half a million objects, looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.unfreeze()  # or what is written in C takes them for leaks at the end
    if not hasattr(config, "workerinput"):
        _run.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The superuser's address."""
    with databases.postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture
def make_database(postgres_url: str) -> Iterator[Callable[..., ServiceDatabase]]:
    """``make_database(tables)`` with a test's own tables, or with ``versions=`` of a service's migrations."""
    with ExitStack() as stack:

        def make(
            tables: MetaData | None = None, *, versions: Path | None = None, name: str | None = None
        ) -> ServiceDatabase:
            tables = tables if tables is not None else MetaData()
            name = name or databases.template_name(tables)
            template = databases.template(postgres_url, name, versions, tables)
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


@pytest.fixture(scope="session")
def kafka_servers() -> str:
    """The address of this run's Kafka broker; without Java or Maven the test is skipped."""
    try:
        return kafka.bootstrap_servers()
    except BrokerMissing as missing:
        return _without_broker(missing)


@pytest.fixture
def own_brokers() -> Iterator[Callable[..., Brokers]]:
    """``own_brokers(nodes=…)``: brokers of this test alone, which it may kill."""
    with ExitStack() as stack:

        def start(nodes: int = 1, **options) -> Brokers:
            try:
                return stack.enter_context(kafka.own_brokers(nodes=nodes, **options))
            except BrokerMissing as missing:
                return _without_broker(missing)

        yield start


@pytest.fixture
def kafka_programs() -> None:
    """For tests that start brokers of their own: Kafka's programs are there, or the test is skipped."""
    try:
        fetch()
    except BrokerMissing as missing:
        _without_broker(missing)


def _without_broker(missing: BrokerMissing) -> NoReturn:
    if kafka.is_wanted():
        pytest.fail(f"CI needs a Kafka broker: {missing}", pytrace=False)
    pytest.skip(f"no Kafka broker: {missing}")
