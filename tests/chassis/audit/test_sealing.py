"""Entries are sealed once and in order below the horizon, and each checkpoint is written down and told."""

from __future__ import annotations

import asyncio
import stat
from datetime import timedelta

from sqlalchemy import text

from chassis.audit.chain import RingChainKeys
from chassis.audit.restoring import record_restore
from chassis.audit.sealer import Sealed, Sealer
from chassis.audit.verification import Attack, verify
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.keys import Purpose
from chassis.testing.programs import RING, VILLAGE, officer
from tests.chassis.audit.ledger import EVENT, KEYS


async def test_everything_written_is_sealed_once_and_verifies(ledger):
    await ledger.write(9)
    assert await ledger.seal() == 9
    assert await ledger.seal() == 0
    report = await ledger.verify()
    assert report.is_intact
    assert report.is_complete
    assert (report.seals, report.checkpoints) == (9, 3)


async def test_an_open_transaction_holds_sealing_back_and_then_comes_first(ledger):
    async with ledger.program.unit(officer()) as slow:
        slow.record("slow.changed", Aggregate("thing", new_id(), VILLAGE, 1))
        await slow.write_records()
        await ledger.write(2)
        assert await ledger.seal() == 0
    assert await ledger.seal() == 3
    async with ledger.program.unit(officer()) as unit:
        order = (
            await unit.connection.execute(
                text("SELECT e.action FROM audit_seal JOIN audit_entry AS e ON e.id = entry_id ORDER BY sequence")
            )
        ).scalars()
        assert list(order) == ["slow.changed", "thing.changed", "thing.changed"]


async def test_two_sealers_at_once_make_one_chain(ledger):
    await ledger.write(12)
    sealers = [ledger.make_sealer(batch=2) for _ in range(3)]

    async def work(sealer: Sealer) -> int:
        return sum([(await sealer.turn()).count for _ in range(12)])

    assert sum(await asyncio.gather(*map(work, sealers))) == 12
    assert (await ledger.verify()).is_intact


async def test_a_rotated_key_seals_and_both_verify(ledger):
    await ledger.write(2)
    await ledger.seal()
    ring = RING.rotated(Purpose.AUDIT, lambda count: b"n" * count)
    ledger.sealer = ledger.make_sealer(keys=RingChainKeys(ring))
    await ledger.write(2)
    await ledger.seal()
    report = await verify(ledger.program.database, RingChainKeys(ring), ledger.file.read(), service="test")
    assert report.is_intact
    assert report.seals == 4
    assert {attack for attack, _ in await ledger.findings()} == {Attack.KEY_MISSING}


async def test_checkpoints_come_by_number_of_seals_and_by_time(ledger):
    ledger.sealer = ledger.make_sealer(checkpoint_seals=3, checkpoint_interval=timedelta(minutes=5))
    await ledger.write(1)
    assert await ledger.sealer.turn() == Sealed(1, is_behind=False, published=True)
    await ledger.write(2)
    assert not (await ledger.sealer.turn()).published
    await ledger.write(1)
    assert (await ledger.sealer.turn()).published
    await ledger.write(1)
    assert not (await ledger.sealer.turn()).published
    ledger.clock.move(minutes=5)
    assert (await ledger.sealer.turn()).published
    ledger.clock.move(minutes=5)
    assert not (await ledger.sealer.turn()).published, "nothing new was sealed"
    assert [checkpoint.count for checkpoint in ledger.file.read().checkpoints] == [1, 4, 5]


async def test_a_checkpoint_is_an_event_for_the_relay(ledger):
    await ledger.write(2)
    await ledger.seal()
    async with ledger.program.unit(officer()) as unit:
        row = (
            await unit.connection.execute(
                text("SELECT o.* FROM pending JOIN outbox AS o ON o.id = event_id WHERE o.type = :type"),
                {"type": "cn.xianjie.test.audit.sealed.v1"},
            )
        ).one()
    event = EVENT.model_validate(row.data)
    assert (event.database, event.count, event.last_entry) == ("test", 2, ledger.entry(2))
    assert event.mac == ledger.file.read().checkpoints[0].mac.hex()
    assert event.key_id == KEYS.current.key_id


async def test_a_line_that_a_crash_left_unwritten_is_made_up_for(ledger):
    await ledger.write(1)
    await ledger.seal()
    await ledger.write(1)
    await ledger.seal()
    lines = ledger.file.path.read_bytes().splitlines(keepends=True)
    ledger.file.path.write_bytes(lines[0] + lines[1][:20])
    ledger.sealer = ledger.make_sealer()
    await ledger.sealer.turn()
    history = ledger.file.read()
    assert [checkpoint.count for checkpoint in history.checkpoints] == [1, 2]
    assert history.unreadable_lines == (2,)


async def test_the_file_is_private_and_only_grows(ledger):
    await ledger.write(1)
    await ledger.seal()
    before = ledger.file.path.read_bytes()
    await ledger.write(1)
    await ledger.seal()
    assert stat.S_IMODE(ledger.file.path.stat().st_mode) == 0o600
    assert ledger.file.path.read_bytes().startswith(before)
    assert len(ledger.file.path.read_bytes()) > len(before)


async def test_a_recorded_restore_gives_up_later_checkpoints_and_the_chain_goes_on(ledger):
    await ledger.write(5)
    await ledger.seal()
    # The backup was taken after three seals; transaction ids of the new cluster start below the old ones.
    ledger.meddle(
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE sequence > 3)",
        "DELETE FROM audit_seal WHERE sequence > 3",
        "DELETE FROM audit_checkpoint WHERE sequence > 3",
    )
    assert {attack for attack, _ in await ledger.findings()} == {Attack.TAIL_CUT}
    restore = record_restore(
        ledger.database.migrate_url, ledger.file, KEYS, reason="backup of last night", clock=ledger.clock
    )
    assert (restore.epoch, restore.seals_kept) == (1, 3)
    await ledger.write(4)
    assert await ledger.seal() == 4
    report = await ledger.verify()
    assert report.findings == []
    assert (report.seals, report.lost_to_restores) == (7, 2)


async def test_rows_from_before_a_restore_are_sealed_though_their_ids_lie_above_the_horizon(ledger):
    await ledger.write(2)
    ledger.meddle("UPDATE audit_entry SET xid = '9000000000000000'")
    assert await ledger.seal() == 0
    record_restore(ledger.database.migrate_url, ledger.file, KEYS, reason="new cluster", clock=ledger.clock)
    await ledger.write(1)
    assert await ledger.seal() == 3
    assert (await ledger.verify()).is_intact
