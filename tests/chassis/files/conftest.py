"""A program with a store of files in a folder of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chassis.files.files import Files
from chassis.files.sealed_store import SealedStore, open_objects
from chassis.program import Program

_jobs = importlib.util.spec_from_file_location("jobs_conftest", Path(__file__).parent.parent / "jobs" / "conftest.py")
_module = importlib.util.module_from_spec(_jobs)
_jobs.loader.exec_module(_module)


@pytest.fixture
def make_file_program(
    make_program: Callable[..., Program], make_database: Callable[..., Any], tmp_path: Path
) -> Callable[..., Program]:
    """``make_file_program()``: a program with ``Files`` over the folder ``tmp_path / "store"``."""

    def make(**options: Any) -> Program:
        database = make_database()
        _module.complete(database.migrate_url)
        program = make_program("files", database=database, **options)
        program.extras[Files] = Files(SealedStore(open_objects(tmp_path / "store"), program.vault.encryptor))
        return program

    return make


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], list[Path]]:
    """What lies in the store."""
    return lambda: sorted(path for path in (tmp_path / "store").rglob("*") if path.is_file())
