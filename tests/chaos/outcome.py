"""After the last kill: hold the deployment against what was acknowledged, and name everything that is wrong."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer

from chassis.audit.chain import RingChainKeys
from chassis.audit.verification import verify
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka.connection import Connection
from chassis.bus.topics import topics_of
from chassis.events.groups import consumers_of, group_names, read_by
from chassis.events.reconciling import compare
from chassis.events.redelivery import replay
from chassis.people.tables import people
from chassis.program import Program
from chassis.telemetry import backlog
from chassis.worker import checkpoint_file
from services.assets.app import SERVICE as ASSETS
from services.monitoring.app import SERVICE as MONITORING
from tests.chaos.load import Notes
from tests.chaos.site import SERVICES, Site

QUIET_SECONDS_MAX: Final = 180
_POLL_SECONDS: Final = 0.2
_READ_SECONDS: Final = 2.0


async def faults(site: Site, notes: Notes) -> list[str]:
    """What is wrong, a sentence each; empty if nothing was lost, doubled, reordered or forged."""
    found = [f"refused: {refusal}" for refusal in notes.refusals]
    found += site.ended_alone
    async with _programs(site) as programs:
        found += await _not_quiet(programs)
        found += _lost_or_doubled(site, notes)
        found += await _out_of_order(site)
        for service in SERVICES:
            program = programs[service.name]
            history, keys = checkpoint_file(program).read(), RingChainKeys(program.vault.ring)
            report = await verify(program.database, keys, history, service=service.name)
            found += [f"{service.name}'s audit: {finding.message.en}" for finding in report.findings]
            found += [] if report.seals else [f"{service.name} sealed nothing"]
        found += await _differs_from_rebuild(site, programs)
    return found


@asynccontextmanager
async def _programs(site: Site) -> AsyncIterator[Mapping[str, Program]]:
    programs = {service.name: site.program(service) for service in SERVICES}
    try:
        yield programs
    finally:
        for program in programs.values():
            await program.database.close()


async def _not_quiet(programs: Mapping[str, Program]) -> list[str]:
    """Wait until every event has arrived and every audit entry is sealed; tell what is still open after that."""
    until = time.monotonic() + QUIET_SECONDS_MAX
    while (open_ := await _open(programs)) and time.monotonic() < until:  # noqa: ASYNC110  # nobody would set an event
        await asyncio.sleep(_POLL_SECONDS)
    return open_


async def _open(programs: Mapping[str, Program]) -> list[str]:
    found = []
    for name, program in programs.items():
        waiting = await backlog.read(program)
        counts = {"unpublished": waiting.pending, "unsealed": waiting.unsealed, "parked": sum(waiting.parked.values())}
        found += [f"{name}: {count} {what}" for what, count in counts.items() if count]
    return found + await _untaken(programs)


async def _untaken(programs: Mapping[str, Program]) -> list[str]:
    found = []
    for group in group_names(ASSETS):
        types = {each.event.wire_type(): each.event.full_state for each in read_by(ASSETS, group)}
        compared = await compare(
            programs[MONITORING.name].database, programs[ASSETS.name].database, consumer=group, types=types
        )
        for each in compared:
            found += [f"{group}: {each.on_the_way} of {each.type} on the way"] if each.on_the_way else []
            found += [] if each.agrees else [f"{group}: {each.type} differs: {each.counts}"]
    return found


def _lost_or_doubled(site: Site, notes: Notes) -> list[str]:
    """Every acknowledged write is there, once: each household, in the version that was acknowledged last."""
    there = {row[0]: row[1] for row in _rows(site, "monitoring", "SELECT id, version FROM household")}
    known = {row[0]: row[1] for row in _rows(site, "assets", "SELECT id, version FROM known_household")}
    wanted = notes.versions
    found = [f"lost: household {id_}" for id_ in wanted.keys() - there.keys()]
    found += [f"doubled: household {id_} that nobody was told of" for id_ in there.keys() - wanted.keys()]
    for id_ in wanted.keys() & there.keys():
        if there[id_] != wanted[id_]:
            found.append(f"household {id_} is at version {there[id_]}, acknowledged was {wanted[id_]}")
        if known.get(id_) != there[id_]:
            found.append(f"assets knows household {id_} at version {known.get(id_)}, not {there[id_]}")
    return found


async def _out_of_order(site: Site) -> list[str]:
    """Read the topics from their start: per key, versions rise, apart from what was delivered again as it was."""
    settings = site.kafka
    connection = Connection(settings, "chaos")
    names = [connection.named(topic.name) for topic in topics_of(MONITORING.events)]
    newest: dict[tuple[str, str], int] = defaultdict(int)
    seen: set[str] = set()
    found = []
    reader = AIOKafkaConsumer(
        *names, bootstrap_servers=settings.bootstrap_servers, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await reader.start()
    try:
        ends = await reader.end_offsets(reader.assignment())
        while any([await reader.position(part) < end for part, end in ends.items()]):
            for part, records in (await reader.getmany(timeout_ms=int(_READ_SECONDS * 1000))).items():
                for record in records:
                    told = {name: value.decode() for name, value in record.headers}
                    if told["ce_id"] in seen:
                        continue
                    seen.add(told["ce_id"])
                    key, version = (part.topic, told["ce_subject"]), int(told["ce_aggregateversion"])
                    if version < newest[key]:
                        found.append(f"{part.topic}: version {version} came after {newest[key]}")
                    newest[key] = version
    finally:
        await reader.stop()
    return found if seen else ["no event was published"]


async def _differs_from_rebuild(site: Site, programs: Mapping[str, Program]) -> list[str]:
    """Build the projections again from the first event, and compare every row."""
    before = _projections(site)
    bus = KafkaBus(site.kafka, "chaos")
    producers = {name: program.database for name, program in programs.items()}
    try:
        for consumer in consumers_of(ASSETS, programs[ASSETS.name]):
            await replay(consumer, producers, bus)
    finally:
        await bus.close()
    if open_ := await _not_quiet(programs):
        return [f"after the rebuild: {one}" for one in open_]
    after = _projections(site)
    found = [f"{table} differs from its rebuild" for table in before if before[table] != after[table]]
    return found + [f"{table} is empty" for table in ("known_household", "known_person") if not before[table]]


def _projections(site: Site) -> Mapping[str, list[Any]]:
    return {
        table.name: sorted(_rows(site, "assets", f"SELECT row_to_json(t)::text FROM {table.name} AS t"))
        for table in people.sorted_tables
    }


def _rows(site: Site, database: str, query: str) -> list[Any]:
    with psycopg.connect(site.postgres.superuser_url(database)) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]  # a query of ours
