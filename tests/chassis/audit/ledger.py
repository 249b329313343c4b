"""A database with entries, its sealer and its file of checkpoints, and somebody who meddles."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from chassis.audit.chain import RingChainKeys
from chassis.audit.checkpoints import CheckpointFile, sealed_event
from chassis.audit.sealer import Sealer
from chassis.audit.verification import Attack, Report, verify
from chassis.clock import FixedClock
from chassis.database.engine import driver_url
from chassis.identifiers import new_id
from chassis.records import Aggregate
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
