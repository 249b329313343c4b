"""A year of a village as monitoring lives it, and what another service should know of it afterwards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.bus.in_process import InProcessBus
from chassis.bus.protocol import Bus
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from chassis.events.groups import consumers_of
from chassis.events.relay import Relay
from chassis.people.queries import KnownPerson, find_persons
from chassis.people.tables import people
from chassis.program import Program
from chassis.security.scope import Area, Role, program
from chassis.service import Service
from chassis.testing.bus import RecordingBus
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.households.numbers import open_sealed
from services.monitoring.households.tables import Household, Person
from services.monitoring.regions.tables import DivisionRow
from tests.personas import CHEN, household, number, person
from tests.safety.running import Running

NEXT_VILLAGE = 610999101204
NEXT_COUNTYS_TOWN, NEXT_COUNTYS_VILLAGE = 610998101000, 610998101201
DIVISIONS = (
    "code,name,valid_from\n"
    "610999000000,云岭县,2020-01-01\n610999101000,清溪镇,2020-01-01\n"
    "610999101203,松坪村,2020-01-01\n610999101204,柏坪村,2020-01-01\n"
)
MERGER = {
    "on": "2024-06-01",
    "reason": "云政发〔2024〕9号",
    "successions": [{"predecessor": str(NEXT_VILLAGE), "successor": str(VILLAGE), "kind": "merged"}],
}
_HOUSEHOLD, _PERSON, _DIVISION = rows(Household), rows(Person), rows(DivisionRow)


class Village:
    """What its officers do, step by step, over HTTP."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.county = service.token(Role.COUNTY_OFFICER, COUNTY)

    async def post(self, path: str, json: Any = None, **more: Any) -> Any:
        return await self.service.made("POST", path, self.county, json=json, **more)

    async def divisions(self) -> None:
        await self.service.made("POST", "/regions/import", self.county, content=DIVISIONS.encode())

    async def household(self, *members: Any, **changes: Any) -> Any:
        changes = {"valid_from": "2024-01-01"} | changes
        return await self.post("/households", household(members=list(members) or [person()], **changes))

    async def chen(self) -> Any:
        """Household A with a grown son."""
        son = person(name="陈小山", relation="20", identity_number=number("19980101"))
        return await self.post("/households", CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], son]})

    async def again(self, home: Any) -> Any:
        return await self.service.made("GET", f"/households/{home['id']}", self.county)

    async def split(self, home: Any, member: Any, region: int) -> Any:
        leaving = [{"person_id": member["id"], "relation": "02"}]
        body = {"region": str(region), "on": "2024-02-01", "leaving": leaving}
        return (await self.post(f"/households/{home['id']}/split", body, version=home["version"]))["other"]

    async def merge(self, home: Any, into: Any) -> Any:
        joining = [{"person_id": one["id"], "relation": "97"} for one in home["members"]]
        body = {"into": into["id"], "into_version": into["version"], "on": "2024-03-01", "relations": joining}
        return (await self.post(f"/households/{home['id']}/merge", body, version=home["version"]))["other"]

    async def move_to_the_next_county(self, home: Any) -> Any:
        offer = {"to_region": str(NEXT_COUNTYS_TOWN), "effective_on": "2024-04-01", "reason": "随子女迁居"}
        made = await self.post(f"/households/{home['id']}/transfers", offer, version=home["version"])
        there = self.service.token(Role.TOWN_OFFICER, NEXT_COUNTYS_TOWN)
        body = {"region": str(NEXT_COUNTYS_VILLAGE), "on": "2024-04-02"}
        path = f"/transfers/{made['id']}/accept"
        return await self.service.made("POST", path, there, json=body, version=made["version"])

    async def die(self, member: Any) -> Any:
        return await self.post(f"/persons/{member['id']}/record-death", {"on": "2024-05-01"}, version=member["version"])

    async def remove(self, member: Any, outcome: str = "wrongly_registered") -> Any:
        body = {"outcome": outcome, "reason": "登记有误", "on": "2024-05-02"}
        return await self.post(f"/persons/{member['id']}/remove", body, version=member["version"])

    async def patch(self, kind: str, thing: Any, **fields: Any) -> Any:
        path, body = f"/{kind}/{thing['id']}", {"valid_from": "2024-01-15"} | fields
        return await self.service.made("PATCH", path, self.county, json=body, version=thing["version"])

    async def year(self) -> None:
        """Everything that a household and a person can go through."""
        await self.divisions()
        chen = await self.chen()
        son = named(chen, "陈小山")
        await self.patch("persons", named(chen, "李秀兰"), labour_skill="none")
        chen = await self.patch("households", chen, registration_region=str(NEXT_VILLAGE))
        founded = await self.split(chen, son, NEXT_VILLAGE)
        await self.merge(await self.household(person(name="赵一"), person(name="赵二", relation="20")), founded)
        await self.move_to_the_next_county(await self.household(person(name="钱一")))
        mourning = await self.household(person(name="孙一"), person(name="孙二", relation="20"))
        await self.die(named(mourning, "孙二"))
        mistaken = person(name="李一", relation="20")
        wrong = await self.household(person(name="周一"), mistaken)
        await self.remove(named(wrong, "李一"))
        await self.household(mistaken | {"relation": "02"})
        away = await self.household(person(name="吴一"))
        await self.post(f"/households/{away['id']}/move-out", {"on": "2024-03-01", "reason": "迁往外省"}, version=1)
        await self.household(person(name="郑一", identity_number=None, no_number_reason="newborn",
                                    birth_date="2024-01-01", sex="1"))  # fmt: skip
        renumbered = (await self.household(person(name="王一")))["members"][0]
        body = {"identity_number": number("19980102"), "reason": "typing_error", "on": "2024-05-01"}
        await self.post(f"/persons/{renumbered['id']}/correct-number", body, version=renumbered["version"])
        await self.post("/regions/successions", MERGER)


def named(home: Any, name: str) -> Any:
    return next(member for member in home["members"] if member["name"] == name)


def everywhere(of: Program) -> UnitOfWork:
    return of.unit(program("test", COUNTY), area=Area.everywhere())


async def deliver(monitoring: Program, bus: Bus) -> None:
    relay = Relay(monitoring, bus, batch_max=37)
    while await relay.deliver_batch():
        pass


async def said(monitoring: Program) -> list[Envelope]:
    """Everything that monitoring has to say, in order, taken off its outbox."""
    bus = RecordingBus()
    await deliver(monitoring, bus)
    return bus.envelopes


async def listening(service: Service, of: Program, bus: InProcessBus) -> None:
    for consumer in consumers_of(service, of):
        await bus.join(consumer)


async def kept(of: Program) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of the projection."""
    async with everywhere(of) as unit:
        return {
            table.name: {tuple(row) for row in await unit.connection.execute(select(table))}
            for table in people.sorted_tables
        }


async def assert_knows_what_is_registered(of: Program, monitoring: Program, *, receiver: str) -> None:
    """The projection of ``of`` against monitoring's own tables, to the last row."""
    async with everywhere(monitoring) as unit:
        persons = (await unit.connection.execute(select(_PERSON))).all()
        homes = {row.id: row for row in await unit.connection.execute(select(_HOUSEHOLD))}
        divisions = (await unit.connection.execute(select(_DIVISION).order_by(_DIVISION.c.valid_from))).all()
    index = monitoring.vault.identity_numbers.for_service(receiver)
    numbers = set()
    for row in persons:
        sealed = None if row.state == "removed" else row.identity_number
        text = open_sealed(monitoring.vault, sealed, column="identity_number", row=row.id)
        numbers |= {(found, row.id, row.region) for found in index.candidates(text)} if text else set()
    tables = await kept(of)
    assert {row[:-1] for row in tables["known_household"]} == {
        (h.id, h.region, h.registration_region, h.is_lifted, h.monitoring_type, h.member_count, h.state, h.successor_id)
        for h in homes.values()
    }
    assert tables["known_number"] == numbers
    latest = {row.code: row for row in divisions}
    assert {row[:-1] for row in tables["known_region"]} == {
        (d.code, d.name, d.level, d.parent, d.valid_from, d.valid_to, d.successor) for d in latest.values()
    }
    async with everywhere(of) as unit:
        known = await find_persons(unit, [row.id for row in persons])
    assert len(tables["known_person"]) == len(known) == len(persons) > 0
    for row in persons:
        home = homes[row.household_id]
        assert known[row.id] == KnownPerson(
            id=row.id,
            region=row.region,
            household_id=row.household_id,
            birth_date=row.birth_date,
            sex=row.sex,
            labour_skill=row.labour_skill,
            is_lifted=home.is_lifted,
            monitoring_type=home.monitoring_type,
            state=row.state,
            died_on=row.died_on,
            version=row.version,
        )
