"""What large work frees goes back to the system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# In small pieces with one kept between many: such room is neither mapped by itself nor at the heap's end.
_CHILD = """
from pathlib import Path
from chassis.heap import give_back
def held():
    return int(Path("/proc/self/statm").read_text().split()[1])
pieces = [bytes(2_000) for _ in range(100_000)]
kept = pieces[::100]
del pieces
before = held()
give_back()
print(before - held())
"""


@pytest.mark.skipif(
    not hasattr(os, "confstr") or "glibc" not in (os.confstr("CS_GNU_LIBC_VERSION") or ""),
    reason="only glibc gives memory back; CI runs on it",
)
def test_what_was_freed_goes_back_to_the_system():
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    told = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True, env=environment)
    assert int(told.stdout) * os.sysconf("SC_PAGE_SIZE") > 50_000_000
