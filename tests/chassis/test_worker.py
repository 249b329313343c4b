"""A service's worker delivers, reacts, waits for a bus that is away, and ends in order; as a process of its own too."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chassis.bus.in_process import InProcessBus
from chassis.bus.kafka.provision import apply
from chassis.bus.protocol import BusAway
from chassis.bus.topics import topics_of
from chassis.identifiers import new_id
from chassis.ports import free_port
from chassis.program import Program
from chassis.settings import KafkaSettings, Mode
from chassis.start import Unconfigured, make_bus
from chassis.testing import programs
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import TallyReader, count_all, tables
from chassis.testing.tally_services import READER, WRITER
from chassis.worker import Worker


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 30)


async def heard(reader: Program, counters, steps, **options) -> None:
    wanted = {counter: list(range(1, steps + 1)) for counter in counters}

    async def all_there() -> bool:
        assert await TallyReader(reader).versions() == wanted
        return True

    await eventually(all_there, **options)


async def test_workers_of_two_services_carry_an_event_from_one_to_the_other(make_program):
    writer, reader = make_program("tally", tables), make_program("reader", tables)
    bus = InProcessBus(["reader"])
    counters = [new_id() for _ in range(3)]
    async with working(Worker(WRITER, writer, bus), Worker(READER, reader, bus)):
        await count_all(writer, counters, VILLAGE, steps=2)
        watcher = programs_twin(reader)
        await heard(watcher, counters, 2)
        await watcher.close()
        told = await reader.probes["consumer reader"]()
        assert told == {"ready": True, "group": "reader"}
        assert (await writer.probes["relay"]())["ready"]


def programs_twin(program: Program) -> Program:
    """Another program over the same database; a worker closes its own at the end."""
    from chassis.database.engine import Database

    url = program.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Program(
        name=program.name,
        settings=program.settings,
        database=Database(url, pool_size=2),
        clock=program.clock,
        vault=program.vault,
        verify=program.verify,
        choose=program.choose,
    )


async def test_a_worker_begins_while_the_bus_is_away_and_joins_when_it_is_there(make_program):
    writer, reader = make_program("tally", tables), make_program("reader", tables)

    class Late(InProcessBus):
        refusals = 2

        async def join(self, subscriber):
            if self.refusals:
                self.refusals -= 1
                raise BusAway("not yet")
            return await super().join(subscriber)

    bus, counter = Late(["reader"]), new_id()
    async with working(Worker(WRITER, writer, bus), Worker(READER, reader, bus)):
        await eventually(lambda: "consumer reader" in reader.probes)
        assert await reader.probes["consumer reader"]() == {"ready": False, "group": "reader", "waits_for": "bus"}
        await count_all(writer, [counter], VILLAGE)
        watcher = programs_twin(reader)
        await heard(watcher, [counter], 1)
        await watcher.close()
        assert (await reader.probes["consumer reader"]())["ready"]


async def test_a_worker_that_is_stopped_while_it_waits_for_the_bus_ends(make_program):
    reader = make_program("reader", tables)

    class Away(InProcessBus):
        async def join(self, subscriber):
            await asyncio.sleep(60)

    async with working(Worker(READER, reader, Away(["reader"]))):
        await eventually(lambda: "consumer reader" in reader.probes)


def test_a_bus_inside_one_process_is_for_shows_only(make_database, tmp_path):
    program = programs.make_program("tally", make_database(tables), tmp_path)
    assert isinstance(make_bus(program, []), InProcessBus)
    program.settings = program.settings.model_copy(update={"mode": Mode.PRODUCTION})
    with pytest.raises(Unconfigured, match="XIANJIE_BUS=kafka"):
        make_bus(program, [])


@pytest.mark.budget(seconds=180)
async def test_worker_processes_share_the_work_over_kafka_whatever_dies(
    make_database, make_program, kafka_servers, tmp_path
):
    settings = KafkaSettings(bootstrap_servers=kafka_servers, topic_prefix=f"t-{new_id().hex[-24:]}")
    await apply(settings, topics_of([*WRITER.events, *READER.events]))
    written, read = make_database(tables), make_database(tables)
    writer, reader = make_program("tally", database=written), make_program("reader", database=read)

    ports: dict[str, int] = {}

    def start(name: str, database) -> subprocess.Popen[bytes]:
        service, ports[name] = name.partition("-")[0], free_port()
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "XIANJIE_MODE": "test",
            "XIANJIE_BUS": "kafka",
            "XIANJIE_KAFKA_BOOTSTRAP_SERVERS": kafka_servers,
            "XIANJIE_KAFKA_TOPIC_PREFIX": settings.topic_prefix,
            "XIANJIE_DATABASE_URL": database.app_url,
            "XIANJIE_DATA_DIRECTORY": str(tmp_path),
            "XIANJIE_JWKS_URL": "http://127.0.0.1:1/nobody-signs-in-to-a-worker",
            "XIANJIE_KEY_RING": programs.RING.to_json(),
        }
        log = (tmp_path / f"{service}.log").open("ab")
        command = [
            sys.executable,
            "-m",
            "chassis.testing.tally_services",
            service,
            "worker",
            "--port",
            str(ports[name]),
        ]
        with log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    async def all_work() -> bool:
        """One that is still being imported shares no work, and cannot be asked to end in order."""
        try:
            asked = [await client.get(f"http://127.0.0.1:{port}/health/ready") for port in ports.values()]
        except httpx.TransportError:
            return False
        return all(answer.status_code == 200 for answer in asked)

    counters = [new_id() for _ in range(20)]
    processes = {name: start(name, of) for name, of in (("tally-1", written), ("reader-1", read), ("reader-2", read))}
    try:
        async with httpx.AsyncClient() as client:
            await eventually(all_work, within_seconds=60)
        await count_all(writer, counters, VILLAGE, steps=3)
        await heard(reader, counters, 3, within_seconds=60)
        processes["tally-1"].kill()
        processes["reader-1"].send_signal(signal.SIGTERM)
        await count_all(writer, counters, VILLAGE, steps=3)
        assert await asyncio.to_thread(processes["reader-1"].wait, 30) == 0
        processes["tally-2"] = start("tally-2", written)
        await heard(reader, counters, 6, within_seconds=60)
        processes["reader-2"].kill()
        processes["reader-3"] = start("reader-3", read)
        await count_all(writer, counters, VILLAGE, steps=1)
        await heard(reader, counters, 7, within_seconds=60)
        for name in ("tally-2", "reader-3"):
            processes[name].send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(processes[name].wait, 30) == 0
    finally:
        for process in processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
