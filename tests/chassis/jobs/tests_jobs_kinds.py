"""A kind of job for tests, in a module of its own so that a process that is to be killed can run it too."""

from __future__ import annotations

import asyncio

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, insert

from chassis.database.metadata import NAMING
from chassis.errors import Message
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.types import Model

own = MetaData(naming_convention=NAMING)
work = Table("work", own, Column("number", BigInteger, primary_key=True), Column("run", BigInteger), Column("by", Text))


class CountParameters(Model):
    upto: int
    pause: float


async def count(job: JobContext[CountParameters]) -> dict[str, int]:
    number = (job.resume or {}).get("next", 0)
    while number < job.parameters.upto:
        async with job.chunk() as unit:
            await unit.connection.execute(insert(work).values(number=number, run=job.run))
            await asyncio.sleep(job.parameters.pause)
            number += 1
            note = Message(f"第 {number} 个", f"number {number}")
            await job.checkpoint(unit, {"next": number}, done=number, total=job.parameters.upto, note=note)
    return {"counted": number}


COUNTING = JobKind(name="count", parameters=CountParameters, handler=count)
