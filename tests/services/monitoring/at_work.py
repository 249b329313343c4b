"""A worker that does the jobs of some kinds while a test waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from chassis.jobs.definition import JobKind
from chassis.jobs.worker import JobWorker
from chassis.program import Program
from chassis.testing.jobs import working


def at_work(program: Program, kinds: Sequence[JobKind[Any]]) -> AbstractAsyncContextManager[JobWorker]:
    return working(program, *kinds)
