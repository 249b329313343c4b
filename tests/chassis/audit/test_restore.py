"""After a restore into a fresh cluster, whose transaction ids start anew, nothing is hidden and nothing is mistaken."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.epochs import RestoredDatabase
from chassis.audit.restoring import record_restore
from chassis.audit.rights import APPEND_ONLY
from chassis.audit.sealer import Sealer
from chassis.audit.verification import verify
from chassis.changes.feed import Position, changes_since
from chassis.clock import FixedClock
from chassis.database.provision import ServiceDatabase, provision
from chassis.database.server import EmbeddedPostgres, remove
from chassis.errors import CursorSpoiled
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Area
from chassis.testing.database import PASSWORDS
from chassis.testing.programs import COUNTY, RING, VILLAGE, officer

KEYS = RingChainKeys(RING)
EVENT = sealed_event("test")
XIDS_BURNT = 3000
AREA = Area.of(COUNTY)


def burn_transaction_ids(superuser_url: str) -> None:
    """Let the first cluster be older than the second can become during the test."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for _ in range(XIDS_BURNT):
            connection.execute("SELECT pg_current_xact_id()")


async def write(program: Program, count: int) -> set[object]:
    things = [new_id() for _ in range(count)]
    for thing in things:
        async with program.unit(officer()) as unit:
            unit.record("thing.changed", Aggregate("thing", thing, VILLAGE, 1), fields=["name"])
    return set(things)


def sealer_of(program: Program, file: CheckpointFile) -> Sealer:
    return Sealer(program.database, KEYS, file, event=EVENT, region=COUNTY, clock=FixedClock())


async def read(program: Program, position: Position | None = None) -> tuple[set[object], Position]:
    async with program.database.transaction(AREA) as connection:
        part = await changes_since(connection, position, area=AREA, limit=100)
    return {change.id for change in part.items}, part.next


def copied(server: EmbeddedPostgres, source_url: str, source: ServiceDatabase, folder: Path) -> ServiceDatabase:
    """The source as it is now, restored under the same roles in ``server``."""
    role = urlsplit(source.app_url).username or ""
    target = provision(server.superuser_url(), role.removesuffix("_app"), PASSWORDS)
    dump = folder / "backup.sql"
    address = urlunsplit(urlsplit(source_url)._replace(path=f"/{source.name}"))
    subprocess.run([server.programs / "pg_dump", "--dbname", address, "--file", dump], check=True)
    into = ("--dbname", server.superuser_url(target.name), "--file", dump)
    options = ("--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    subprocess.run([server.programs / "psql", *options, *into], check=True, capture_output=True)
    return target


def grant_what_the_owner_grants(superuser_url: str, database: ServiceDatabase) -> None:
    """As if the restore had made its tables as the owner, whose default rights let the role ``app`` change rows."""
    app = urlsplit(database.app_url).username or ""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(f'GRANT UPDATE, DELETE ON {", ".join(APPEND_ONLY)} TO "{app}"')


def rewritable(database: ServiceDatabase) -> list[str]:
    with psycopg.connect(database.app_url) as connection:
        asked = "SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')"
        return [table for table in APPEND_ONLY if connection.execute(asked, [table]).fetchone() == (True,)]


@pytest.mark.budget(120)
async def test_a_restore_into_a_fresh_cluster_goes_on_where_the_backup_ended(
    make_database, make_program, postgres_url, tmp_path
):
    burn_transaction_ids(postgres_url)
    database = make_database()
    program = make_program(database=database)
    file = CheckpointFile(tmp_path / "checkpoints.jsonl", database="test")
    saved = await write(program, 3)
    await sealer_of(program, file).turn(publish=True)
    unsealed = await write(program, 1)
    with EmbeddedPostgres.start(tmp_path / "second", fsync=False) as server:
        restored = copied(server, postgres_url, database, tmp_path)
        lost = await write(program, 2)
        await sealer_of(program, file).turn(publish=True)
        found, position = await read(program)
        assert found == saved | unsealed | lost

        program = make_program(database=restored)
        with pytest.raises(RestoredDatabase):
            await read(program, position)
        with pytest.raises(RestoredDatabase):
            await sealer_of(program, file).turn()

        grant_what_the_owner_grants(server.superuser_url(restored.name), restored)
        restore = record_restore(restored.migrate_url, file, KEYS, reason="the disk died", clock=FixedClock())
        assert (restore.epoch, restore.seals_kept) == (1, 3)
        assert rewritable(restored) == []
        with pytest.raises(CursorSpoiled):
            await read(program, position)
        fresh = await write(program, 2)
        found, position = await read(program)
        assert found == saved | unsealed | fresh
        later = await write(program, 1)
        assert (await read(program, position))[0] == later

        assert (await sealer_of(program, file).turn(publish=True)).count == 4
        report = await verify(program.database, KEYS, file.read(), service="test")
        assert report.findings == []
        assert (report.seals, report.lost_to_restores) == (7, 3)
        await program.close()
    remove(tmp_path / "second")
