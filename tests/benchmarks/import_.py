"""`import`: 200,000 persons from NDJSON through the job, beside binary COPY of what it stored into the same table."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import psycopg
import uvloop
from stdnum.cn import ric

from chassis import heap
from chassis.files.files import Files
from chassis.files.media import TABLES
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.jobs.import_model import ImportParameters
from chassis.jobs.tables import JobState
from chassis.jobs.worker import JobWorker
from chassis.lifecycle import opened
from chassis.security.scope import Actor, Assignment, Role
from chassis.settings import ProgramSettings
from chassis.start import make_program
from services.monitoring.app import SERVICE
from services.monitoring.households.importing.job import HOUSEHOLD_IMPORT
from tests.benchmarks.report import Measured
from tests.benchmarks.stage import Stage, over, stage

HOUSEHOLDS = int(os.environ.get("SIZE", "60000"))
COUNTY = 610999000000
FILE_BYTES_MAX = 1 << 30
MEMORY_BYTES_MAX = 600 << 20
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_GIVEN = "秀英建国明华丽娟伟芳敏静强磊军洋勇艳杰涛超霞平刚桂兰玉珍海燕志文"
_DOUBTFUL_EVERY = 40
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def run() -> Iterator[Measured]:
    """Persons a second of the whole job, and the memory of its processes."""
    with stage() as here:
        file = here.folder / "households.ndjson"
        persons = write_households(file, HOUSEHOLDS)
        before = dict(os.environ)
        os.environ.update(here.environment)
        try:
            # As chassis.main starts a worker: imports are what a worker does, and it has its own loop and heap.
            heap.settle(young_max=heap.YOUNG_MAX)
            seconds, bytes_held = uvloop.run(_import(file, persons))
        finally:
            os.environ.clear()
            os.environ.update(before)
        bare = min(_copy(here, persons) for _ in range(2))
    sys.stderr.write(f"import: {persons} persons in {seconds:.1f} s; COPY of the same {bare:.1f} s\n")
    yield Measured("import", persons / seconds, persons / bare, "persons/s", 0.25, "higher")
    yield Measured("import.memory", bytes_held / 2**20, MEMORY_BYTES_MAX / 2**20, "MiB", 1.0, "lower")


def write_households(file: Path, households: int) -> int:
    """A file of made-up households of the unassigned county; every fortieth leaves something doubtful."""
    dice = random.Random(1)  # the same file each time
    serials: dict[str, int] = {}
    persons = 0
    with file.open("wb") as out:
        for at in range(households):
            members = [_person(dice, serials, 1945, 1975, "02", male=True)]
            if at % 10 < 9:
                members.append(_person(dice, serials, 1947, 1977, "12", male=False))
            for _ in range((at * 7 % 10 < 6) + (at % 10 < 7) + (at % 100 < 14)):
                male = dice.random() < 0.5
                members.append(_person(dice, serials, 1993, 2003, "20" if male else "30", male=male))
            if at % _DOUBTFUL_EVERY == 0:
                del members[0]["is_insured"]
            persons += len(members)
            village = f"610999{101 + at % 20}{201 + at // 20 % 40}"
            document = {
                "region": village,
                "address": f"{at % 9 + 1}组{at % 97 + 1}号",
                "is_lifted": at % 4 == 0,
                "phone": f"13{dice.randrange(10**9):09d}",
                "land_mu_hundredths": dice.randrange(900),
                "members": members,
            }
            out.write(orjson.dumps(document) + b"\n")
    return persons


def _person(
    dice: random.Random, serials: dict[str, int], first: int, last: int, relation: str, *, male: bool
) -> dict[str, object]:
    while True:
        born = f"{dice.randrange(first, last)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}"
        serial = serials.get(born, 0)
        if serial < 400:  # 500 numbers of each sex a day
            break
    serials[born] = serial + 1
    body = f"610999{born}{serial * 2 + (1 if male else 0):03d}"
    return {
        "name": dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(_GIVEN),
        "identity_number": body + ric.calc_check_digit(body + "0"),
        "relation": relation,
        "ethnicity": "01",
        "education": dice.choice(("60", "70", "80")),
        "labour_skill": dice.choice(("ordinary", "weak", "skilled")),
        "health": [dice.choice(("healthy", "healthy", "chronic"))],
        "is_insured": True,
    }


async def _import(file: Path, persons: int) -> tuple[float, float]:
    """Seconds from asking for the import until it has succeeded, and the highest memory of its processes."""
    program = make_program("monitoring", ProgramSettings())  # type: ignore[call-arg]
    async with opened(SERVICE, program):
        actor = Actor("bench", Assignment(new_id(), Role.COUNTY_OFFICER, COUNTY))
        received = await Files.of(program).receive(_chunks(file), limit_bytes=FILE_BYTES_MAX, accepted=TABLES)
        async with program.unit(actor) as unit:
            kept, _ = await Files.of(program).keep(unit, received, purpose="import", region=COUNTY, keep_days=1)
            asked = await defer(unit, HOUSEHOLD_IMPORT, ImportParameters(file_id=kept.id), COUNTY)
        stop = asyncio.Event()
        with _memory() as highest:
            began = time.monotonic()
            worker = asyncio.create_task(JobWorker(program, SERVICE.jobs).run(stop))
            row = await over(program, asked)
            seconds = time.monotonic() - began
        stop.set()
        await worker
    if row.state != JobState.SUCCEEDED or row.result["persons_created"] != persons:
        raise RuntimeError(f"the import ended as {row.state} {row.error_code} {row.result}")
    return seconds, highest[0]


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            yield chunk


@contextmanager
def _memory() -> Iterator[list[float]]:
    """The highest resident memory of this process and its pool, without PostgreSQL, looked at four times a second.

    What processes share counts in each of them. To count it once, the kernel walks every page: that took as much
    processor time as writing the households' rows.
    """
    highest, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.25):
            highest[0] = max(highest[0], sum(map(_resident, [os.getpid(), *_children(os.getpid())])))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield highest
    finally:
        done.set()
        looking.join()


def _children(parent: int) -> list[int]:
    """The processes of a pool, and not PostgreSQL's."""
    found = []
    for thread in Path(f"/proc/{parent}/task").iterdir():
        for child in (thread / "children").read_text("ascii").split():
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"multiprocessing" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def _resident(process: int) -> float:
    try:
        told = Path(f"/proc/{process}/statm").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended since it was listed
    return int(told.split()[1]) * float(_PAGE_BYTES)


def _copy(here: Stage, persons: int) -> float:
    """Seconds for binary COPY of the stored persons into their own table, as it stood before them."""
    url = here.postgres.superuser_url(here.monitoring.name)
    dump = here.folder / "persons.copy"
    with psycopg.connect(url) as connection:
        with dump.open("wb") as out, connection.cursor().copy("COPY person TO STDOUT (FORMAT binary)") as rows:
            for block in rows:
                out.write(block)
        connection.execute("TRUNCATE person CASCADE")
        connection.commit()
        began = time.monotonic()
        with dump.open("rb") as stored, connection.cursor().copy("COPY person FROM STDIN (FORMAT binary)") as rows:
            while block := stored.read(1 << 18):
                rows.write(block)
        connection.commit()
        seconds = time.monotonic() - began
        found = connection.execute("SELECT count(*) FROM person").fetchone()
    if found != (persons,):
        raise RuntimeError(f"the baseline copied {found} persons instead of {persons}")
    return seconds
