"""Whatever anybody does to sealed entries, or to the chain itself, is found and named."""

from __future__ import annotations

import pytest

from chassis.audit.chain import COVERED, FORM, RingChainKeys
from chassis.audit.restoring import record_restore
from chassis.audit.tables import audit_entry
from chassis.audit.verification import Attack
from chassis.security.keys import Purpose
from chassis.testing.programs import RING


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


async def test_a_made_up_restore_does_not_excuse_a_cut(ledger):
    await ledger.write(5)
    await ledger.seal()
    ledger.meddle("DELETE FROM audit_seal WHERE sequence > 3")
    forger = RingChainKeys(RING.rotated(Purpose.AUDIT, lambda count: b"f" * count))
    record_restore(ledger.database.migrate_url, ledger.file, forger, reason="none", clock=ledger.clock)
    attacks = {attack for attack, _ in await ledger.findings()}
    assert attacks >= {Attack.CHECKPOINT_DIFFERS, Attack.TAIL_CUT}
