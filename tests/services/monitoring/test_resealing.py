"""A rotation is carried through: all is sealed anew, killed and resumed on the way, found by number all the while."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.files.files import Files
from chassis.jobs.context import JobContext
from chassis.jobs.definition import defer
from chassis.jobs.periodic import platform_unit
from chassis.jobs.tables import JobState, job
from chassis.jobs.worker import JobWorker
from chassis.keys import rows as stored_rows
from chassis.keys.columns import sealed_tables
from chassis.keys.resealing import RESEAL, ResealParameters, reseal_kind
from chassis.keys.rows import SealedRows
from chassis.keys.status import PIECES, key_use
from chassis.lifecycle import store_of
from chassis.security.keys import KeyRing, Purpose
from chassis.security.scope import Area
from chassis.security.vault import Vault
from chassis.testing.jobs import QUICK
from services.monitoring.app import SERVICE
from services.monitoring.households.tables import Person
from tests.personas import CHEN, household, number
from tests.services.monitoring.at_work import at_work

KIND = reseal_kind(SERVICE.tables)
HEAD = CHEN["members"][0]["identity_number"]
RIGHT, FORMER = number("19740321"), number("19740322")
FILE = ("code,name,level,valid_from\n" + "".join(f"6109991{n:05d},村{n},村,2020-01-01\n" for n in range(40))).encode()
PERSON = rows(Person)


def keep(program, ring):
    """Start the program again, as it were, with another ring."""
    program.vault = Vault.of(ring)
    program.extras[Files] = Files(store_of(SERVICE, program))


def rotated(ring):
    return ring.rotated(Purpose.DATA, os.urandom).rotated(Purpose.INDEX, os.urandom)


def without_old(ring):
    """The ring once its old keys of data and index were retired."""
    return KeyRing([ring.current(purpose) for purpose in Purpose], current={p: ring.current(p).id for p in Purpose})


async def found(client, wanted):
    answer = await client.post("/persons/search", json={"purpose": "入户核对", "identity_number": wanted})
    return [one["matched_by"] for one in answer.json()["items"]]


async def ask(program):
    async with platform_unit(program, RESEAL) as unit:
        return await defer(unit, KIND, ResealParameters.of(program.vault.ring), 0)


async def row_of(program, job_id):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(job).where(job.c.id == job_id))).one()


async def until(program, job_id, state):
    async with asyncio.timeout(20):
        while (row := await row_of(program, job_id)).state != state:  # it is in a database
            assert row.state != JobState.FAILED, row.error
            await asyncio.sleep(0.02)
    return row


async def all_of(program, statement):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement)).all()


@pytest.fixture
async def county(asks, monitoring):
    """Something in each table that keeps secrets: persons with a past, a file handed in, a self-report, an officer."""
    officer = asks()
    made = (await officer.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()
    for turn in range(4):
        await officer.post("/households", json=household(), headers={"Idempotency-Key": f"household-{turn}"})
    head = made["members"][0]
    await officer.post(
        f"/persons/{head['id']}/correct-number",
        json={"identity_number": RIGHT, "reason": "typing_error", "on": "2024-06-01"},
        headers={"If-Match": f'"{head["version"]}"'},
    )
    handed = await officer.post("/households/imports", content=FILE, headers={"Idempotency-Key": "of-the-first-file"})
    assert handed.status_code == 202, handed.text
    return officer


async def test_everything_is_sealed_anew_while_people_are_found_and_old_keys_can_then_be_retired(
    county, monitoring, monkeypatch
):
    assert [await found(county, one) for one in (RIGHT, HEAD)] == [["current"], ["corrected"]]
    keep(monitoring, rotated(monitoring.vault.ring))
    before = await all_of(monitoring, select(PERSON.c.id, PERSON.c.version, PERSON.c.identity_number))
    said = len(await all_of(monitoring, select(outbox))), len(await all_of(monitoring, select(change)))
    assert [await found(county, one) for one in (RIGHT, HEAD)] == [["current"], ["corrected"]]

    monkeypatch.setattr(stored_rows, "BATCH", 2)
    batches, checkpoint = [], JobContext.checkpoint

    async def counted(self, unit, state, **more):
        await checkpoint(self, unit, state, **more)
        batches.append(state["step"])
        if len(batches) == 3:
            dying.cancel()  # in the middle of a batch's transaction
            await asyncio.sleep(1)

    monkeypatch.setattr(JobContext, "checkpoint", counted)
    job_id = await ask(monitoring)
    pace = replace(QUICK, grace=0.1)
    dying = asyncio.create_task(JobWorker(monitoring, [KIND], pace=pace).run(asyncio.Event()))
    with suppress(asyncio.CancelledError):
        await dying
    halfway = await row_of(monitoring, job_id)
    # Whether the third batch was committed, and the queue told of the end, is a matter of chance.
    assert halfway.state in (JobState.RUNNING, JobState.QUEUED)
    assert (len(batches), halfway.resume["made"] > 0) == (3, True)
    assert [await found(county, one) for one in (RIGHT, HEAD)] == [["current"], ["corrected"]]

    async with at_work(monitoring, [KIND]):
        ended = await until(monitoring, job_id, JobState.SUCCEEDED)
    assert ended.run > halfway.run
    assert ended.result["made"] > halfway.resume["made"]
    assert ended.progress_done == ended.result["made"] >= 5 + 7
    assert ended.result["left"] == 0, ended.result

    after = await all_of(monitoring, select(PERSON.c.id, PERSON.c.version, PERSON.c.identity_number))
    assert {row.id: row.version for row in after} == {row.id: row.version for row in before}
    assert {bytes(row.identity_number)[1] for row in after} == {2}
    assert (len(await all_of(monitoring, select(outbox))), len(await all_of(monitoring, select(change)))) == said
    entries = await all_of(monitoring, select(audit_entry.c.fields).where(audit_entry.c.action == RESEAL))
    assert len(entries) == 1
    assert {"person.identity_number", "person_number.blind_index", PIECES} <= set(entries[0].fields)

    keep(monitoring, without_old(monitoring.vault.ring))
    assert [await found(county, one) for one in (RIGHT, HEAD)] == [["current"], ["corrected"]]
    again = await county.post("/households/imports", content=FILE, headers={"Idempotency-Key": "of-the-first-file"})
    assert again.headers.get("Idempotent-Replayed") == "true"
    [stored] = await all_of(monitoring, text("SELECT id FROM stored_file"))
    read = await county.get(f"/files/{stored.id}")
    assert (read.status_code, read.content) == (200, FILE)


async def test_a_turnthat_was_only_entered_as_a_former_one_keeps_its_old_key_and_is_told(county, monitoring):
    [head] = await all_of(monitoring, select(PERSON.c.id).where(PERSON.c.name == "陈大山"))
    entered = await county.post(
        f"/persons/{head.id}/former-numbers", json={"identity_number": FORMER, "reason": "旧证"}
    )
    assert entered.status_code == 200, entered.text
    ring = rotated(monitoring.vault.ring)
    keep(monitoring, ring)
    job_id = await ask(monitoring)
    async with at_work(monitoring, [KIND]):
        ended = await until(monitoring, job_id, JobState.SUCCEEDED)
    assert ended.result["left_in"] == {"person_number.blind_index": 1}
    use = await key_use(monitoring, SERVICE.tables, monitoring.extras[Files].store)
    assert (use.of(Purpose.DATA, 1), use.of(Purpose.INDEX, 1)) == ({}, {"person_number.blind_index": 1})
    assert await found(county, FORMER) == ["former"]


async def test_who_writes_between_reading_and_putting_back_is_not_overwritten(county, monitoring):
    old = monitoring.vault
    keep(monitoring, rotated(monitoring.vault.ring))
    [persons] = [SealedRows(one) for one in sealed_tables(SERVICE.tables) if one.table.name == "person"]
    async with platform_unit(monitoring, RESEAL) as unit:
        read = await persons.read(unit.connection, unit.vault, None)
    [head] = await all_of(monitoring, select(PERSON.c.id).where(PERSON.c.name == "陈大山"))
    written = old.encryptor.seal("13900005678", table="person", column="phone", row=head.id)
    async with platform_unit(monitoring, "writer") as unit:  # a program that has the old ring still
        await unit.connection.execute(update(PERSON).where(PERSON.c.id == head.id).values(phone=written))
    async with platform_unit(monitoring, RESEAL) as unit:
        assert await persons.write(unit, read) == len(read.rows) - 1
    [now] = await all_of(monitoring, select(PERSON.c.phone).where(PERSON.c.id == head.id))
    assert bytes(now.phone) == written
    async with platform_unit(monitoring, RESEAL) as unit:
        again = await persons.read(unit.connection, unit.vault, None)
    assert [row["id"] for row in again.rows] == [head.id], "another round finds it"


async def test_a_worker_with_another_ring_refuses_instead_of_making_nothing_anew(county, monitoring):
    ring = monitoring.vault.ring
    keep(monitoring, rotated(ring))
    job_id = await ask(monitoring)
    keep(monitoring, ring)
    async with at_work(monitoring, [KIND]), asyncio.timeout(10):
        while (row := await row_of(monitoring, job_id)).state != JobState.FAILED:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert row.error_code == "key_ring_outdated"
