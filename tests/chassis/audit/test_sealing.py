"""Entries are sealed in order below the horizon, and what anybody does to them afterwards is found and named."""

from __future__ import annotations

import asyncio
import stat
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from chassis.audit.chain import COVERED, FORM, RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.restoring import record_restore
from chassis.audit.sealer import Sealed, Sealer
from chassis.audit.tables import audit_entry
from chassis.audit.verification import Attack, Report, verify
from chassis.clock import FixedClock
from chassis.database.engine import driver_url
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.keys import Purpose
from chassis.testing.database import meddle
from chassis.testing.programs import COUNTY, RING, VILLAGE, officer

KEYS = RingChainKeys(RING)
EVENT = sealed_event("test")


class Ledger:
    """A database with entries, its sealer and its file, and somebody with the owner's rights who meddles."""

    def __init__(self, program, database, folder) -> None:
        self.program = program
        self.database = database
        self.clock = FixedClock()
        self.file = CheckpointFile(folder / "checkpoints.jsonl", database="test")
        self.sealer = self.make_sealer()

    def make_sealer(self, **options) -> Sealer:
        options = {"batch": 4, "keys": KEYS, **options}
        keys = options.pop("keys")
        return Sealer(self.program.database, keys, self.file, event=EVENT, region=COUNTY, clock=self.clock, **options)

    async def write(self, count: int = 1) -> None:
        for _ in range(count):
            async with self.program.unit(officer()) as unit:
                unit.record(
                    "thing.changed",
                    Aggregate("thing", new_id(), VILLAGE, 1),
                    fields=["name"],
                    reason="因工作需要",
                    digests={"name": "hmac-sha256:1:b", "address": "hmac-sha256:1:a"},
                )

    async def seal(self) -> int:
        sealed = 0
        while True:
            turn = await self.sealer.turn(publish=True)
            sealed += turn.count
            if not turn.is_behind:
                return sealed

    async def verify(self) -> Report:
        return await verify(self.program.database, KEYS, self.file.read(), service="test", page=3)

    async def findings(self) -> list[tuple[Attack, int]]:
        return [(finding.attack, finding.entry_id) for finding in (await self.verify()).findings]

    def meddle(self, *statements: str) -> None:
        meddle(self.database, *statements)

    def entry(self, sequence: int) -> int:
        engine = create_engine(driver_url(self.database.migrate_url))
        with engine.begin() as connection:
            found = connection.execute(text("SELECT entry_id FROM audit_seal WHERE sequence = :s"), {"s": sequence})
            entry: int = found.scalar_one()
        engine.dispose()
        return entry


@pytest.fixture
def ledger(make_program, make_database, tmp_path) -> Ledger:
    database = make_database()
    return Ledger(make_program(database=database), database, tmp_path)


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


async def test_an_edited_entry_is_found_and_named(ledger):
    await ledger.write(5)
    await ledger.seal()
    entry = ledger.entry(3)
    ledger.meddle(f"UPDATE audit_entry SET reason = '另有原因' WHERE id = {entry}")
    assert await ledger.findings() == [(Attack.EDITED, entry)]


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'somebody else'",
        "time = time + interval '1 microsecond'",
        "fields = ARRAY['other']",
        "digests = jsonb_set(digests, '{name}', '\"hmac-sha256:1:c\"')",
        "read_ids = ARRAY[gen_random_uuid()]",
        "region = region + 1",
        "xid = (xid::text::bigint + 1)::text::xid8",
        "trace_id = 'f'",
    ],
)
async def test_every_column_is_covered(ledger, change):
    await ledger.write(2)
    await ledger.seal()
    entry = ledger.entry(2)
    ledger.meddle(f"UPDATE audit_entry SET {change} WHERE id = {entry}")
    assert await ledger.findings() == [(Attack.EDITED, entry)]


def test_no_column_of_an_entry_is_left_out_of_its_seal():
    assert set(COVERED[FORM]) == set(audit_entry.columns.keys())


async def test_a_deleted_entry_is_found_and_named(ledger):
    await ledger.write(5)
    await ledger.seal()
    entry = ledger.entry(3)
    ledger.meddle(f"DELETE FROM audit_entry WHERE id = {entry}")
    assert await ledger.findings() == [(Attack.DELETED, entry)]


async def test_a_deleted_entry_whose_seal_went_too_is_found_at_the_next_one(ledger):
    await ledger.write(5)
    await ledger.seal()
    entry, following = ledger.entry(3), ledger.entry(4)
    ledger.meddle(f"DELETE FROM audit_entry WHERE id = {entry}", "DELETE FROM audit_seal WHERE sequence = 3")
    assert await ledger.findings() == [(Attack.SEAL_REMOVED, following)]


async def test_seals_renumbered_over_a_gap_do_not_hide_it(ledger):
    await ledger.write(3)
    await ledger.seal()
    entry, following = ledger.entry(2), ledger.entry(3)
    ledger.meddle(
        f"DELETE FROM audit_entry WHERE id = {entry}",
        "DELETE FROM audit_seal WHERE sequence = 2",
        "UPDATE audit_seal SET sequence = 2 WHERE sequence = 3",
    )
    assert (Attack.EDITED, following) in await ledger.findings()


async def test_two_entries_that_changed_places_are_found(ledger):
    await ledger.write(4)
    await ledger.seal()
    second, third = ledger.entry(2), ledger.entry(3)
    ledger.meddle(
        f"UPDATE audit_seal SET entry_id = -1 WHERE entry_id = {second}",
        f"UPDATE audit_seal SET entry_id = {second}, xid = (SELECT xid FROM audit_entry WHERE id = {second})"
        f" WHERE entry_id = {third}",
        f"UPDATE audit_seal SET entry_id = {third}, xid = (SELECT xid FROM audit_entry WHERE id = {third})"
        " WHERE entry_id = -1",
    )
    found = await ledger.findings()
    assert (Attack.REORDERED, second) in found
    assert (Attack.EDITED, third) in found


async def test_an_entry_added_behind_the_seals_is_found_and_named(ledger):
    await ledger.write(3)
    await ledger.seal()
    first = ledger.entry(1)
    ledger.meddle(
        "INSERT INTO audit_entry OVERRIDING SYSTEM VALUE SELECT (e).* FROM (SELECT jsonb_populate_record(a,"
        f" '{{\"id\": 900000}}') AS e FROM audit_entry AS a WHERE id = {first}) AS copy"
    )
    assert await ledger.findings() == [(Attack.ADDED, 900000)]


async def test_a_cut_tail_is_found_against_the_last_checkpoint(ledger):
    await ledger.write(6)
    await ledger.seal()
    last = ledger.entry(6)
    ledger.meddle(
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE sequence > 4)",
        "DELETE FROM audit_seal WHERE sequence > 4",
        "DELETE FROM audit_checkpoint WHERE sequence > 4",
    )
    assert await ledger.findings() == [(Attack.TAIL_CUT, last)]


async def test_a_chain_made_anew_with_another_key_differs_from_its_checkpoint(ledger):
    await ledger.write(3)
    await ledger.seal()
    forger = RingChainKeys(RING.rotated(Purpose.AUDIT, lambda count: b"f" * count))
    ledger.meddle("DELETE FROM audit_seal", "DELETE FROM audit_checkpoint")
    await ledger.make_sealer(keys=forger).turn()
    found = await ledger.findings()
    assert found[0][0] is Attack.KEY_MISSING
    assert (Attack.CHECKPOINT_DIFFERS, ledger.entry(3)) in found


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


async def test_a_made_up_restore_does_not_excuse_a_cut(ledger):
    await ledger.write(5)
    await ledger.seal()
    ledger.meddle("DELETE FROM audit_seal WHERE sequence > 3")
    forger = RingChainKeys(RING.rotated(Purpose.AUDIT, lambda count: b"f" * count))
    record_restore(ledger.database.migrate_url, ledger.file, forger, reason="none", clock=ledger.clock)
    attacks = {attack for attack, _ in await ledger.findings()}
    assert attacks >= {Attack.CHECKPOINT_DIFFERS, Attack.TAIL_CUT}


async def test_rows_from_before_a_restore_are_sealed_though_their_ids_lie_above_the_horizon(ledger):
    await ledger.write(2)
    ledger.meddle("UPDATE audit_entry SET xid = '9000000000000000'")
    assert await ledger.seal() == 0
    record_restore(ledger.database.migrate_url, ledger.file, KEYS, reason="new cluster", clock=ledger.clock)
    await ledger.write(1)
    assert await ledger.seal() == 3
    assert (await ledger.verify()).is_intact
