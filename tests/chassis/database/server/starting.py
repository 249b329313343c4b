"""Start an embedded server as its tests do, here or in a process that is to be killed, and see what became of it."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import psycopg

from chassis.database.server import EmbeddedPostgres

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


def start(data: Path, **arguments) -> EmbeddedPostgres:
    return EmbeddedPostgres.start(data, fsync=False, **arguments)


def ask(url: str, query: str):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def ends(pid: int, *, within_seconds: float = 15) -> bool:
    deadline = time.monotonic() + within_seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
