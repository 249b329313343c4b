"""Help with schooling runs on to the end of the stage that the pupil is in, whatever end was planned (clause B10)."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, TOWN, officer
from services.monitoring.registers.catalogue import fed_by
from services.monitoring.registers.jobs import bring_up
from tests.personas import household, number, person
from tests.services.monitoring.cases.leaving import measure
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.income.statements import recorded
from tests.services.monitoring.screening import county_data as county

STAGE = ("stage", "stage_ends_on", "stage_ends_by")


@pytest.fixture
async def family(them, lines):
    """A father, a son in the second year of vocational school, a daughter at primary school."""
    members = [
        person(name="陈大山"),
        person(name="陈小河", relation="20", identity_number=number("20060918"), school_stage="vocational_2"),
        person(name="陈小雨", relation="30", identity_number=number("20130227"), school_stage="primary"),
    ]
    body = household(valid_from="2024-05-01", is_lifted=True, lifted_year=2018, members=members)
    home = made(await them.cadre.post("/households", json=body))
    await recorded(them.cadre, home["id"], ("transfer.pension", "6400.00", "2024-01"))
    return home


async def running(them, case):
    read = made(await them.cadre.get(f"/cases/{case['id']}/elimination"))
    return {one["kind"]: one for one in read["running"]}


def shown(one):
    return (one["runs_until"], one["planned_end_on"], *(one[name] for name in STAGE))


async def test_it_is_shown_beside_the_planned_end_by_the_registry_and_then_by_the_newer_roll(them, monitoring, family):
    case = made(await them.do(them.town, await them.registered(family), "help", help_person="刘帮扶"))
    _, son, daughter = family["members"]
    await measure(
        them, family, "other_education", "02", person_id=son["id"], planned_end_on="2024-12-31", amount="3000.00"
    )
    await measure(them, family, "compulsory_education", "02")
    await measure(them, family, "health", "01", planned_end_on="2025-03-31")
    found = await running(them, case)
    assert shown(found["other_education"]) == (
        "2025-08-31", "2024-12-31", "secondary_vocational", "2025-08-31", "grade",
    )  # fmt: skip
    assert found["other_education"]["pupil_id"] == son["id"]
    assert shown(found["compulsory_education"]) == ("2025-08-31", None, "primary", "2025-08-31", "age")
    assert found["compulsory_education"]["pupil_id"] == daughter["id"], "the only one in such a stage"
    assert shown(found["health"]) == ("2025-03-31", "2025-03-31", None, None, None)

    today = them.program.clock.today()
    for on, stage in ((date(2024, 5, 10), "primary"), (today, "junior")):
        said = {"school_status": "enrolled", "study_stage": stage}
        await county.record(monitoring, "education.status", daughter, family["id"], on, **said)
    async with monitoring.unit(officer()) as unit:
        await bring_up(unit, fed_by("education.status"), COUNTY, Area.of(TOWN))
    found = await running(them, case)
    assert shown(found["compulsory_education"])[2:] == ("junior", "2026-08-31", "entry")


async def test_who_left_school_has_no_stage_and_the_planned_end_stays(them, monitoring, family):
    case = made(await them.do(them.town, await them.registered(family), "help", help_person="刘帮扶"))
    son = family["members"][1]
    await measure(
        them, family, "other_education", "02", person_id=son["id"], planned_end_on="2024-12-31", amount="3000.00"
    )
    said = {"school_status": "graduated", "study_stage": "secondary_vocational"}
    await county.record(monitoring, "education.status", son, family["id"], them.program.clock.today(), **said)
    async with monitoring.unit(officer()) as unit:
        await bring_up(unit, fed_by("education.status"), COUNTY, Area.of(TOWN))
    assert shown((await running(them, case))["other_education"]) == ("2024-12-31", "2024-12-31", None, None, None)
