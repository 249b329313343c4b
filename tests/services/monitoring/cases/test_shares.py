"""A village is sent its share of new cases a day; the rest waits at the county by severity, the oldest first."""

from __future__ import annotations

import pytest

from chassis.testing.programs import COUNTY
from tests.personas import household
from tests.services.monitoring.cases.village import made, ref, refused


@pytest.fixture
async def two_a_day(them):
    body = {
        "scope": str(COUNTY), "key": "cases.dispatch_cap", "value": {"type": "integer", "value": 2},
        "effective_from": "2024-06-01", "source": "县防返贫办〔2024〕11号",
    }  # fmt: skip
    proposed = made(await them.county.post("/parameters", json=body))
    headers = {"If-Match": f'"{proposed["version"]}"'}
    made(await them.other_county.post(f"/parameters/{proposed['id']}/approve", headers=headers))


@pytest.fixture
async def clues(them, two_a_day):
    """Four clues of one village; the third is the most severe."""
    found = []
    for risk in ("01", "02", "03", "04"):
        home = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
        found.append(await them.report(home, risk))
    return found


async def test_a_village_is_sent_no_more_than_its_share_unless_it_is_urgent(them, clues):
    for clue in clues[:2]:
        made(await them.dispatch(clue))
    answer = await them.dispatch(clues[2])
    assert refused(answer) == ["village_full"]
    said = answer.json()["errors"][0]["message"]
    assert "2024-06-03" in said
    assert "每日上限 2 户" in said
    assert "2024-06-04" in said
    made(await them.dispatch(clues[2], urgent=True))
    them.program.clock.move(days=1)
    made(await them.dispatch(clues[3]))


async def test_a_clue_that_joins_an_open_case_takes_nothing_of_the_share(them, clues):
    for clue in clues[:2]:
        made(await them.dispatch(clue))
    again = await them.report({"id": clues[0]["household_id"]}, "05")
    assert made(await them.dispatch(again))["household_id"] == clues[0]["household_id"]


async def test_the_next_ones_go_by_severity_until_the_village_is_full(them, clues):
    told = made(await them.county.post("/clues/dispatch", json={"next": 10, "note": "统一分派"}))
    by_severity = sorted(clues, key=lambda one: ("HML".index(one["severity"]), one["raised_on"], one["id"]))
    assert [one["household_id"] for one in told["cases"]] == [one["household_id"] for one in by_severity[:2]]
    assert told["waiting"] == 2
    [village] = told["full"]
    assert (village["cap"], village["sent_today"], village["waiting"], village["goes_on"]) == (2, 2, 2, "2024-06-04")
    none = made(await them.county.post("/clues/dispatch", json={"next": 1}))
    assert (none["cases"], none["waiting"]) == ([], 2)
    them.program.clock.move(days=1)
    rest = made(await them.county.post("/clues/dispatch", json={"next": 10}))
    assert (len(rest["cases"]), rest["waiting"], rest["full"]) == (2, 0, [])


async def test_a_list_is_sent_up_to_the_share_and_refused_with_every_fault(them, clues):
    told = made(await them.county.post("/clues/dispatch", json={"clues": [ref(one) for one in clues[:3]]}))
    assert (len(told["cases"]), told["waiting"]) == (2, 2)
    read = [made(await them.county.get(f"/clues/{one['id']}")) for one in clues]
    gone = [one for one in read if one["state"] == "in_case"]
    answer = await them.county.post("/clues/dispatch", json={"clues": [ref(one) for one in gone]})
    assert refused(answer) == ["clue_not_open", "clue_not_open"]
    stale = await them.county.post("/clues/dispatch", json={"clues": [{"id": gone[0]["id"], "version": 1}]})
    assert (stale.status_code, stale.json()["errors"][0]["pointer"]) == (412, "/clues/0/version")
    neither = await them.county.post("/clues/dispatch", json={})
    assert neither.status_code == 422
    assert (await them.town.post("/clues/dispatch", json={"next": 1})).status_code == 403
