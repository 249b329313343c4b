"""Tell whether a database has every migration without loading what runs them, so that a start with none is quick."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

KERNEL_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
"""The kernel's own branch, which every service's migrations run beside."""


def heads(*folders: Path) -> frozenset[str]:
    """The newest revision of each branch, read off the files of ``folders``.

    :raises ValueError: for a file that names no revision as a literal.
    """
    all_of, followed = set(), set()
    for folder in dict.fromkeys(folders):
        for path in folder.glob("*.py"):
            told = dict(_literals(path))
            if not isinstance(told.get("revision"), str):
                raise ValueError(f"{path.name} names no revision")
            all_of.add(told["revision"])
            before = told.get("down_revision") or ()
            followed |= {before} if isinstance(before, str) else set(before)
    return frozenset(all_of - followed)


def is_newest(url: str, versions: Path) -> bool:
    """Whether the database at ``url`` has every migration of the kernel and of ``versions``.

    :raises psycopg.Error: if it cannot be asked.
    """
    with psycopg.connect(url) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except psycopg.errors.UndefinedTable:
            return False
    return {row[0] for row in found} == heads(KERNEL_VERSIONS, versions)


def _literals(path: Path) -> Iterator[tuple[str, Any]]:
    """What a version file says of itself: its top-level names with a literal value."""
    for statement in ast.parse(path.read_text("utf-8")).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                if name in ("revision", "down_revision"):
                    yield name, ast.literal_eval(value)
