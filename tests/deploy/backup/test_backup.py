"""A backup of a running platform brings one service back, files and all, and the audit knows what was given up."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from chassis.audit.chain import RingChainKeys
from chassis.audit.tables import audit_entry
from chassis.audit.verification import verify
from chassis.clock import SystemClock
from chassis.database.provision import load_or_make_passwords
from chassis.database.server import EmbeddedPostgres, remove
from chassis.files.files import Files
from chassis.files.media import Media
from chassis.files.sealed_store import SealedStore
from chassis.identifiers import new_id
from chassis.ports import free_port
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Area
from chassis.start import make_program
from chassis.testing.programs import COUNTY, VILLAGE, officer
from chassis.worker import checkpoint_file
from deploy.backup.making import make_backup
from deploy.backup.manifest import BackupUnusable, read_manifest
from deploy.backup.objects import store_of
from deploy.backup.restoring import FORMER, discard_former, restore_service
from deploy.embedded.installation import PROGRAMS, Installation
from deploy.embedded.supervisor import started

pytestmark = pytest.mark.budget(120)
SERVICE = "monitoring"
CONTENT = b'{"name": "\xe6\x9d\xbe\xe5\x9d\xaa\xe6\x9d\x91"}\n'


def quietly(_told: object) -> None:
    """Nobody looks at the progress here."""


def opened(installation: Installation) -> Program:
    program = make_program(SERVICE, installation.settings(SERVICE))
    program.extras[Files] = Files(SealedStore(store_of(installation.directory, None, SERVICE), program.vault.encryptor))
    return program


async def change(program: Program) -> UUID:
    thing = new_id()
    async with program.unit(officer()) as unit:
        unit.record("thing.changed", Aggregate("thing", thing, VILLAGE, 1), fields=["name"])
    return thing


async def content() -> AsyncIterator[bytes]:
    yield CONTENT


async def keep_file(program: Program) -> UUID:
    files = Files.of(program)
    received = await files.receive(content(), limit_bytes=1000, accepted=frozenset({Media.NDJSON}))
    async with program.unit(officer()) as unit:
        kept, _ = await files.keep(unit, received, purpose="test", region=COUNTY, keep_days=10)
    return kept.id


async def read_file(program: Program, file_id: UUID) -> bytes:
    async with program.unit(officer()) as unit:
        file = await Files.of(program).find(unit, file_id)
    with Files.of(program).open(file) as stream:
        return await asyncio.to_thread(stream.read)


async def changed_things(program: Program) -> set[UUID]:
    async with program.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(select(audit_entry.c.entity_id).where(audit_entry.c.action == "thing.changed"))
        return set(found.scalars())


@pytest.fixture
def installation(tmp_path: Path):
    yield Installation(tmp_path / "data")
    remove(tmp_path / "data" / "postgresql")


def test_a_service_comes_back_as_it_was_with_its_files_and_a_new_epoch(installation, tmp_path):
    before, after, file_id = asyncio.run(_live(installation, tmp_path / "backup"))
    shutil.rmtree(installation.directory / "files" / SERVICE)
    assert installation.key_ring() not in "".join(
        path.read_text("latin-1") for path in (tmp_path / "backup").iterdir() if path.is_file()
    )
    passwords = load_or_make_passwords(installation.passwords, [service.name for service in PROGRAMS])

    def restored(postgres: EmbeddedPostgres, folder: Path) -> int:
        return restore_service(
            installation,
            postgres,
            folder,
            SERVICE,
            passwords[SERVICE],
            reason="the disk died",
            clock=SystemClock(),
            tell=quietly,
        ).epoch

    with EmbeddedPostgres.start(installation.postgres, fsync=False) as postgres:
        spoiled = tmp_path / "spoiled"
        shutil.copytree(tmp_path / "backup", spoiled)
        with (spoiled / f"{SERVICE}.dump").open("ab") as dump:
            dump.write(b"x")
        with pytest.raises(BackupUnusable, match="damaged"):
            restored(postgres, spoiled)
        with pytest.raises(BackupUnusable, match="no whole backup"):
            restored(postgres, tmp_path)
        _settings_of(installation, postgres)
        assert asyncio.run(_found(installation)) == {before, after}  # nothing was touched

        assert restored(postgres, tmp_path / "backup") == 1
        assert asyncio.run(_found(installation)) == {before}
        assert asyncio.run(_file(installation, file_id)) == CONTENT
        report = asyncio.run(_verified(installation))
        assert report.is_intact
        assert report.lost_to_restores > 0

        # The backup knows nothing of the first restore; its life must not be taken for the second one's.
        assert restored(postgres, tmp_path / "backup") == 2
        assert asyncio.run(_verified(installation)).is_intact
        assert _databases(postgres) >= {SERVICE, SERVICE + FORMER}
        discard_former(postgres, SERVICE)
        assert SERVICE + FORMER not in _databases(postgres)


async def _live(installation: Installation, folder: Path) -> tuple[UUID, UUID, UUID]:
    """A day of the platform: a change, a backup, and another change that the backup does not know.

    Its orderly end seals and publishes how far the audit's chain reaches.
    """
    with started(installation.directory, port=free_port(), say=quietly):
        program = opened(installation)
        before, file_id = await change(program), await keep_file(program)
        manifest = await asyncio.to_thread(make_backup, installation, folder, clock=SystemClock(), tell=quietly)
        assert manifest == read_manifest(folder)
        assert {dump.service for dump in manifest.dumps} == {service.name for service in PROGRAMS}
        assert manifest.objects == 1
        with pytest.raises(BackupUnusable, match="not empty"):
            make_backup(installation, folder, clock=SystemClock(), tell=quietly)
        after = await change(program)
        await program.close()
    return before, after, file_id


def _settings_of(installation: Installation, postgres: EmbeddedPostgres) -> None:
    """The addresses of the last run hold as long as the server keeps its port and its socket."""
    assert postgres.is_running()
    assert installation.read_run().databases[SERVICE]


async def _found(installation: Installation) -> set[UUID]:
    program = opened(installation)
    try:
        return await changed_things(program)
    finally:
        await program.close()


async def _file(installation: Installation, file_id: UUID) -> bytes:
    program = opened(installation)
    try:
        return await read_file(program, file_id)
    finally:
        await program.close()


async def _verified(installation: Installation):
    program = opened(installation)
    try:
        keys = RingChainKeys(program.vault.ring)
        return await verify(program.database, keys, checkpoint_file(program).read(), service=SERVICE)
    finally:
        await program.close()


def _databases(postgres: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(postgres.superuser_url()) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
