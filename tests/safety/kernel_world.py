"""Fill a service that does no business yet with one of everything that every service has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from chassis.files.files import Files
from chassis.files.media import TABLES
from chassis.identifiers import new_id
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind, defer
from chassis.security.scope import Actor, Assignment, Role
from chassis.testing.programs import COUNTY, officer
from chassis.types import Model
from tests.safety.maker import CLERK, DEPARTMENT, World
from tests.safety.running import Running


class Nothing(Model):
    pass


async def _nothing(_job: JobContext[Nothing]) -> None:
    return None


NOTHING = JobKind(name="test.nothing", parameters=Nothing, handler=_nothing)


async def make_kernel_world(service: Running) -> World:
    """A holiday notice, a proposed parameter, a clerk's job and a file of the county, by the names of cases."""
    county, world = service.token(Role.COUNTY_OFFICER, COUNTY), World()

    async def post(path: str, json: Any) -> Any:
        return await service.made("POST", path, county, json=json)

    day = {"day": "2027-01-04", "working": False, "name": "元旦"}
    notice = {"scope": str(COUNTY), "year": 2027, "whole": True, "source": "放假通知", "days": [day]}
    world["notice"] = await post("/calendar/notices", notice)
    proposal = {"scope": str(COUNTY), "key": "files.keep_days.imports", "effective_from": "2024-07-01"}
    value = {"type": "integer", "value": 30}
    world["parameter"] = await post("/parameters", proposal | {"value": value, "source": "县发〔2024〕1号"})
    clerk = Actor(CLERK, Assignment(new_id(), Role.DEPARTMENT_CLERK, COUNTY, DEPARTMENT))
    async with service.program.unit(clerk) as unit:
        world["job"] = world["waiting"] = str(await defer(unit, NOTHING, Nothing(), COUNTY))
    world["file"] = str(await _file(service))
    return world


async def _file(service: Running) -> Any:
    async def content() -> AsyncIterator[bytes]:
        yield "项目,金额\n车间,5\n".encode()

    files = Files.of(service.program)
    received = await files.receive(content(), limit_bytes=1 << 20, accepted=TABLES)
    async with service.program.unit(officer()) as unit:
        file, _fresh = await files.keep(unit, received, purpose="import", region=COUNTY, keep_days=30)
    return file.id
