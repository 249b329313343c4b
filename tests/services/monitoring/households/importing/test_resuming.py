"""An import that was killed goes on, and each person of the file stands in the registry once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from services.monitoring.households.importing.job import import_kind
from tests.personas import household, person

HOUSEHOLDS = 60
SLOW = import_kind(chunk_persons=3)


async def _exactly_once(importing) -> None:
    [found] = await importing.ask(
        "SELECT (SELECT count(*) FROM household) AS households, (SELECT count(*) FROM person) AS persons,"
        " (SELECT count(*) FROM person_number) AS numbers,"
        " (SELECT count(*) FROM audit_entry WHERE action = 'person.register') AS told,"
        " (SELECT count(*) FROM import_record) AS left_over"
    )
    assert tuple(found) == (HOUSEHOLDS, HOUSEHOLDS, HOUSEHOLDS, HOUSEHOLDS, 0)


async def _is_under_way(importing, job_id, at_least: int = 6) -> None:
    async with asyncio.timeout(40):
        while (await importing.row(job_id)).progress_done < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_an_import_whose_worker_stops_between_chunks_goes_on_where_it_stood(importing, lines):
    content = lines(*(household(members=[person()]) for _ in range(HOUSEHOLDS)), {"wrong": 1})
    asked = await importing.hand_in(content)
    async with importing.working(SLOW):
        await _is_under_way(importing, asked)
    stopped = await importing.row(asked)
    assert stopped.state == "queued"
    assert stopped.progress_done < HOUSEHOLDS
    async with importing.working(SLOW):
        row = await importing.over(asked)
    assert (row.result["created"], row.result["total"], row.result["refused"]) == (HOUSEHOLDS, HOUSEHOLDS + 1, 1)
    assert row.run > 1
    await _exactly_once(importing)


async def test_a_cancelled_import_keeps_whole_chunks_and_can_be_handed_in_again(importing, lines):
    content = lines(*(household(members=[person()]) for _ in range(HOUSEHOLDS)))
    asked = await importing.hand_in(content)
    async with importing.working(SLOW):
        await _is_under_way(importing, asked)
        assert (await importing.client.post(f"/jobs/{asked}/cancel")).is_success
        row = await importing.over(asked)
    assert row.state == "cancelled"
    [held] = await importing.ask("SELECT count(*) AS n FROM person")
    again = await importing.run(content, SLOW)
    assert again.result["created"] == HOUSEHOLDS - held.n
    assert again.result["total"] == HOUSEHOLDS
    [persons] = await importing.ask("SELECT count(*) AS n FROM person")
    assert persons.n == HOUSEHOLDS


WORKER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from chassis.database.provision import ServiceDatabase
    from chassis.jobs.context import JobContext
    from chassis.jobs.worker import JobWorker, Pace
    from chassis.lifecycle import opened
    from chassis.security.keys import KeyRing
    from chassis.security.vault import Vault
    from chassis.testing import programs
    from services.monitoring.app import SERVICE
    from services.monitoring.households.importing.job import import_kind

    checkpoint = JobContext.checkpoint

    async def stall_at_last(self, unit, state, **more) -> None:
        await checkpoint(self, unit, state, **more)
        if more["done"] > 40:
            await asyncio.sleep(600)  # whoever is to kill it may be slow

    async def main() -> None:
        JobContext.checkpoint = stall_at_last
        url, folder, ring = sys.argv[1], Path(sys.argv[2]), sys.stdin.readline()
        program = programs.make_program("monitoring", ServiceDatabase("monitoring", url, url, url), folder)
        program.vault = Vault.of(KeyRing.parse(ring))
        async with opened(SERVICE, program):
            pace = Pace(poll=0.02, heartbeat=0.1, keep=0.05, again=0.02)
            await JobWorker(program, [import_kind(chunk_persons=3)], pace=pace).run(asyncio.Event())

    asyncio.run(main())
    """
)


@pytest.mark.budget(60)
async def test_an_import_whose_process_is_killed_leaves_exactly_the_files_persons_once(importing, lines):
    content = lines(*(household(members=[person()]) for _ in range(HOUSEHOLDS)))
    asked = await importing.hand_in(content)
    program = importing.program
    url = program.settings.database_url.get_secret_value()
    folder = str(program.settings.data_directory)
    ring = program.vault.ring.to_json().replace("\n", " ")
    process = subprocess.Popen(  # noqa: ASYNC220  # a process of its own, to be killed
        [sys.executable, "-c", WORKER, url, folder], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        process.stdin.write(ring.encode() + b"\n")
        process.stdin.flush()
        await _is_under_way(importing, asked)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
    killed = await importing.row(asked)
    assert killed.state == "running"
    assert killed.progress_done < HOUSEHOLDS
    async with importing.working(SLOW):
        row = await importing.over(asked)
    assert row.result["created"] == row.result["total"] == HOUSEHOLDS
    await _exactly_once(importing)
