"""The last visit that an export tells of is taken over once, and what is due next counts from it."""

from __future__ import annotations

import pytest

from tests.services.monitoring.national.national_files import DASHAN, MONITORED, XIULAN, member, table

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
