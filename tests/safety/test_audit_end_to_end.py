"""What people did over HTTP is sealed; a superuser who edits a row of it is found, and the row is named."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.sealer import Sealer
from chassis.audit.verification import Attack, verify
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, RING, VILLAGE
from tests.personas import CHEN

KEYS = RingChainKeys(RING)
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_entry_edited_behind_the_api_is_named(service, postgres_url, tmp_path):
    cadre = service.token(Role.VILLAGE_CADRE, VILLAGE)
    made = await service.made("POST", "/households", cadre, json=CHEN)
    head = made["members"][0]
    await service.made(
        "POST", f"/persons/{head['id']}/reveal", cadre, json={"purpose": "入户核对", "fields": ["phone"]}
    )
    await service.made("PATCH", f"/persons/{head['id']}", cadre, json={"is_insured": True}, version=head["version"])
    file = CheckpointFile(tmp_path / "checkpoints.jsonl", database="monitoring")
    sealer = Sealer(
        service.program.database,
        KEYS,
        file,
        event=sealed_event("monitoring"),
        region=COUNTY,
        clock=service.program.clock,
    )
    while (await sealer.turn(publish=True)).is_behind:
        pass
    before = await verify(service.program.database, KEYS, file.read(), service="monitoring")
    assert before.is_intact
    assert before.seals > 0

    with closing(psycopg.connect(make_conninfo(postgres_url, dbname=service.database.name))) as connection:
        changed = connection.execute(
            "UPDATE audit_entry SET reason = '误操作' WHERE action = 'person.reveal' RETURNING id"
        ).fetchall()
        connection.commit()
    [(entry,)] = changed
    after = await verify(service.program.database, KEYS, file.read(), service="monitoring")
    assert [(finding.attack, finding.entry_id) for finding in after.findings] == [(Attack.EDITED, entry)]
