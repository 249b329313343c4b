"""The last visit that an export tells of is taken over once, and what is due next counts from it."""

from __future__ import annotations

import pytest

from chassis.jobs.sweeps import SweepRun
from chassis.testing.programs import COUNTY
from services.monitoring.visits.actions.refresh import DUES
from tests.services.monitoring.national.national_files import DASHAN, MONITORED, XIULAN, member, table

LONG_AGO = {"registered_on": "2022-03-01"}
ENDED = {"eliminated_on": "2023-02-01", "elimination_mode": "帮扶消除"}
SEEN = {"visited_on": "2024-05-20", "visit_way": "电话", "visit_findings": "住院费用压力大"}


async def visits(county, **query):
    [household] = (await county.get("/households"))["items"]
    return (await county.get(f"/households/{household['id']}/visits", **query))["items"]


async def due(county):
    found = (await county.get("/visit-dues"))["items"]
    return {one["reason"]: (one["last_visited_on"], one["due_on"]) for one in found}


async def test_a_visit_is_taken_over_and_meets_what_is_due_to_the_household(county):
    job = await county.imports(table(DASHAN | MONITORED | SEEN, XIULAN))
    assert (job["result"]["visits"], job["result"]["cases"]) == (1, 1)
    [visit] = await visits(county)
    assert (visit["visited_on"], visit["way"], visit["is_taken_over"]) == ("2024-05-20", "by_phone", True)
    assert [one["reason"] for one in visit["met"]] == ["monitored"]
    assert await due(county) == {"monitored": ("2024-05-20", "2024-06-30")}
    told = await county.ask("SELECT action FROM audit_entry WHERE kind = 'visit'")
    assert [one.action for one in told] == ["visit.take_over"]


async def test_the_same_day_is_taken_over_once_also_after_it_was_made_void(county):
    await county.imports(table(DASHAN | SEEN), exported_on="2024-05-30")
    [visit] = await visits(county)
    voided = await county.client.post(
        f"/visits/{visit['id']}/void", json={"reason": "并未走访"}, headers={"If-Match": f'"{visit["version"]}"'}
    )
    assert voided.is_success, voided.text
    again = await county.imports(table(DASHAN | SEEN), exported_on="2024-05-31")
    assert (again["result"]["visits"], again["result"]["unchanged"]) == (0, 1)
    assert await visits(county) == []
    later = await county.imports(table(DASHAN | SEEN | {"visited_on": "2024-05-31"}))
    assert (later["result"]["visits"], later["result"]["updated"]) == (1, 1)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"visit_findings": "已走访"}, ("visited_on", "required")),
        ({"visited_on": "2024-06-30"}, ("visited_on", "day_after_today")),
    ],
)
async def test_a_visit_without_its_day_or_ahead_is_refused(county, said, fault):
    job = await county.imports(table(member(**said)))
    assert await county.errors(job) == [(2, *fault)]


async def test_a_number_in_what_was_found_is_not_kept(county):
    await county.imports(table(DASHAN | SEEN | {"visit_findings": f"与{DASHAN['identity_number']}同住"}))
    [visit] = await visits(county)
    assert DASHAN["identity_number"] not in visit["findings"]


async def test_a_household_registered_long_ago_is_due_its_first_visit_an_interval_after_the_take_over(county):
    # Taken over on 3 June without any visit; a month's visit may come until the end of the next one.
    await county.imports(table(DASHAN | MONITORED | LONG_AGO), exported_on="2024-05-31")
    await night(county)
    [one] = (await county.get("/visit-dues"))["items"]
    assert (one["begins_on"], one["due_on"], one["late_since"]) == ("2024-06-03", "2024-07-31", None)
    county.program.clock.move(days=58)
    await night(county)
    assert (await county.get("/visit-dues", is_late="true"))["items"] == []
    county.program.clock.move(days=1)
    await night(county)
    [late] = (await county.get("/visit-dues", is_late="true"))["items"]
    assert late["late_since"] == "2024-08-01"


async def test_the_follow_up_of_a_household_taken_over_as_eliminated_begins_with_the_take_over(county):
    await county.imports(table(DASHAN | MONITORED | LONG_AGO | ENDED), exported_on="2024-05-31")
    await night(county)
    assert await due(county) == {"follow_up": (None, "2024-09-30")}


async def test_an_elimination_that_a_later_export_tells_of_is_followed_up_from_then(county):
    await county.imports(table(DASHAN | MONITORED | LONG_AGO), exported_on="2024-05-31")
    county.program.clock.move(days=180)
    await county.imports(table(DASHAN | MONITORED | LONG_AGO | ENDED), exported_on="2024-11-30")
    await night(county)
    [one] = (await county.get("/visit-dues"))["items"]
    assert (one["reason"], one["begins_on"], one["due_on"]) == ("follow_up", "2024-11-30", "2025-03-31")


async def test_a_visit_of_long_ago_is_shown_and_leaves_no_lateness_of_the_past(county):
    await county.imports(table(DASHAN | MONITORED | LONG_AGO | SEEN | {"visited_on": "2022-04-10"}))
    [visit] = await visits(county)
    assert [one["reason"] for one in visit["met"]] == ["monitored"]
    assert await due(county) == {"monitored": ("2022-04-10", "2024-07-31")}


async def test_the_same_export_again_and_a_visit_recorded_here_leave_no_other_clock(county):
    said = table(DASHAN | MONITORED | LONG_AGO)
    await county.imports(said, exported_on="2024-05-31")
    county.program.clock.move(days=30)
    await county.imports(table(DASHAN | MONITORED | LONG_AGO | {"risk_1": "因残"}), exported_on="2024-06-30")
    await night(county)
    assert await due(county) == {"monitored": (None, "2024-07-31")}
    [household] = (await county.get("/households"))["items"]
    body = {"household_id": household["id"], "way": "at_home", "visited_on": "2024-05-25"}
    answer = await county.client.post("/visits", json=body)
    assert answer.status_code == 201, answer.text
    assert [one["reason"] for one in answer.json()["met"]] == ["monitored"], "before the take-over, but registered"
    assert await due(county) == {"monitored": ("2024-05-25", "2024-06-30")}


async def night(county):
    await DUES.run(SweepRun(county.program, DUES.name, COUNTY, county.program.clock.today()))
