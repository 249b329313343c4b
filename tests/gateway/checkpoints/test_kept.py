"""The gateway keeps what services say of their audit chains, and a chain cut together with its file is still found."""

from __future__ import annotations

import psycopg

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, CheckpointHistory
from chassis.audit.sealer import Sealer
from chassis.audit.verification import Attack, verify
from chassis.clock import FixedClock
from chassis.events.groups import consumers_of
from chassis.events.operations import list_parked
from chassis.events.redelivery import replay
from chassis.events.relay import Relay
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import PLATFORM, Area
from chassis.testing.programs import COUNTY, RING, VILLAGE, officer
from gateway.checkpoints.queries import heard_from
from gateway.heard import AUDITS_SEALED
from gateway.service import SERVICE

KEYS = RingChainKeys(RING)
MONITORING = AUDITS_SEALED[0]


async def write_and_publish(program, file: CheckpointFile, bus, *, region: int = COUNTY) -> None:
    async with program.unit(officer()) as unit:
        unit.record("thing.changed", Aggregate("thing", new_id(), VILLAGE, 1))
    sealer = Sealer(program.database, KEYS, file, event=MONITORING, region=region, clock=FixedClock())
    await sealer.turn(publish=True)
    relay = Relay(program, bus)
    while await relay.deliver_batch():
        pass


async def kept(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        return await heard_from(connection, "monitoring")


async def test_checkpoints_of_a_deployment_that_serves_the_whole_country_are_kept(
    make_program, gateway_program, bus, tmp_path
):
    program = make_program("monitoring")
    file = CheckpointFile(tmp_path / "audit.jsonl", database="monitoring")
    await write_and_publish(program, file, bus, region=program.settings.region)
    assert program.settings.region == PLATFORM
    assert [(each.epoch, each.count) for each in await kept(gateway_program)] == [(0, 1)]


async def test_a_tail_cut_together_with_the_file_is_found_by_what_the_gateway_kept(
    make_database, make_program, gateway_program, bus, tmp_path
):
    database = make_database()
    program = make_program("monitoring", database=database)
    file = CheckpointFile(tmp_path / "audit.jsonl", database="monitoring")
    await write_and_publish(program, file, bus)
    before = file.path.read_bytes()
    await write_and_publish(program, file, bus)
    assert [(each.epoch, each.count) for each in await kept(gateway_program)] == [(0, 1), (0, 2)]
    assert (await verify(program.database, KEYS, file.read(), service="monitoring")).is_intact

    # As the role that migrates: the one that serves may only append.
    with psycopg.connect(database.migrate_url) as connection:
        for table, column in (("audit_seal", "sequence"), ("audit_checkpoint", "sequence"), ("audit_entry", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = (SELECT max({column}) FROM {table})")
    file.path.write_bytes(before)
    # The file alone was made to agree with the cut chain.
    assert (await verify(program.database, KEYS, file.read(), service="monitoring")).is_intact
    history = CheckpointHistory().joined_with(await kept(gateway_program))
    report = await verify(program.database, KEYS, history, service="monitoring")
    assert [finding.attack for finding in report.findings] == [Attack.TAIL_CUT]


async def test_checkpoints_that_are_heard_anew_stand_as_they_were_and_the_next_ones_beside_them(
    make_program, gateway_program, bus, tmp_path
):
    program = make_program("monitoring")
    file = CheckpointFile(tmp_path / "audit.jsonl", database="monitoring")
    await write_and_publish(program, file, bus)
    before = await kept(gateway_program)

    [consumer] = [one for one in consumers_of(SERVICE, gateway_program) if one.name == "gateway"]
    assert await replay(consumer, {"monitoring": program.database}, bus, types=[MONITORING.wire_type()]) == 1
    await write_and_publish(program, file, bus)
    assert (await kept(gateway_program))[:1] == before
    assert [(each.epoch, each.count) for each in await kept(gateway_program)] == [(0, 1), (0, 2)]
    async with gateway_program.unit(officer(), area=Area.everywhere()) as unit:
        assert await list_parked(unit) == []
