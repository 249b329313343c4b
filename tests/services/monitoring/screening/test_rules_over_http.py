"""A rule is drafted, refused with every reason, tried over the county's data, and put into force by a second person."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.screening.drafts import DRAFT


@pytest.fixture
async def chen(asks, monitoring):
    await seed_screening(monitoring)
    household = (await asks().post("/households", json=CHEN)).json()
    wife = next(one for one in household["members"] if one["name"] == "李秀兰")
    await county.record(
        monitoring, "medical.annual_self_pay", wife, household["id"], date(2024, 5, 1), self_pay_fen=2_000_000
    )


async def test_a_refusal_names_every_reason(asks, chen):
    wrong = DRAFT | {"expression": "lower(nme) = 'x' OR year_self_pay_fen / 2 > 1", "subject": "record"}
    answer = await asks().post("/rules/R01/drafts", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "rule_refused")
    assert {"function", "division", "subject"} <= {fault["code"] for fault in answer.json()["errors"]}


async def test_a_tried_draft_of_somebody_else_comes_into_force_in_its_county(asks, monitoring, chen):
    author, second = asks(), asks()
    draft = (await author.post("/rules/R01/drafts", json=DRAFT)).json()
    assert (draft["state"], draft["version"], draft["departments"]) == ("draft", 1001, ["medical"])
    path, headers = f"/rules/R01/drafts/{draft['version']}", {"If-Match": f'"{draft["revision"]}"'}
    early = await author.post(f"{path}/activate", headers=headers)
    assert {fault["code"] for fault in early.json()["errors"]} == {"not_tried", "second_person"}

    trial = (await author.post(f"{path}/try", json={})).json()
    async with county.working(monitoring):
        await county.ended(monitoring, trial["job_id"])
    tried = (await author.get(f"/rule-trials/{trial['id']}")).json()
    assert (tried["state"], tried["compared_version"]) == ("succeeded", 1)
    of_how_many = {"hit_households": 0, "households": 1, "hit_persons": 0, "persons": 2}
    assert tried["counts"] == {"hits": 0, "in_force": 1, "added": 0, "gone": 1, "same": 0} | of_how_many
    [gone] = (await author.get(f"/rule-trials/{trial['id']}/hits?difference=gone")).json()["items"]
    assert gone["inputs"]["year_self_pay_fen"] == 2_000_000

    activated = await second.post(f"{path}/activate", headers=headers)
    assert (activated.status_code, activated.json()["state"]) == (200, "active")
    assert (await second.get("/rules/R01")).json()["version"] == draft["version"]
    assert (await county.screen(monitoring)).counts["fired"] == 0

    leave = f"/rules/R01/versions/{draft['version']}/retire"
    asked = await author.post(leave, headers={"If-Match": activated.headers["etag"]})
    assert (asked.status_code, asked.json()["state"], asked.json()["retirement_asked"]) == (200, "active", True)
    alone = await author.post(leave, headers={"If-Match": asked.headers["etag"]})
    assert (alone.status_code, [fault["code"] for fault in alone.json()["errors"]]) == (409, ["second_person"])
    assert (await second.get("/rules/R01")).json()["version"] == draft["version"], "still in force"
    retired = await second.post(leave, headers={"If-Match": asked.headers["etag"]})
    assert (retired.json()["state"], retired.json()["retirement_asked"]) == ("retired", False)
    assert (await second.get("/rules/R01")).json()["version"] == 1
    assert (await county.screen(monitoring)).counts["fired"] == 1


async def test_a_draft_that_hits_everybody_shows_it_in_its_trial(asks, monitoring, chen):
    author = asks()
    broken = DRAFT | {"expression": "age_years >= 1", "growing": None}
    draft = (await author.post("/rules/R01/drafts", json=broken)).json()
    trial = (await author.post(f"/rules/R01/drafts/{draft['version']}/try", json={})).json()
    async with county.working(monitoring):
        await county.ended(monitoring, trial["job_id"])
    counts = (await author.get(f"/rule-trials/{trial['id']}")).json()["counts"]
    assert (counts["hit_households"], counts["households"]) == (1, 1)
    assert (counts["hit_persons"], counts["persons"]) == (2, 2)


async def test_a_trial_that_breaks_has_failed_and_its_draft_is_not_tried(asks, monitoring, chen, monkeypatch):
    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("services.monitoring.screening.trying.take_snapshot", broken)
    author = asks()
    draft = (await author.post("/rules/R01/drafts", json=DRAFT)).json()
    trial = (await author.post(f"/rules/R01/drafts/{draft['version']}/try", json={})).json()
    async with county.working(monitoring):
        await county.ended(monitoring, trial["job_id"])
    assert (await author.get(f"/rule-trials/{trial['id']}")).json()["state"] == "failed"
    assert (await author.get(f"/rules/R01/versions/{draft['version']}")).json()["tried_at"] is None


async def test_the_nations_rules_are_changed_by_releases_only(asks, chen):
    answer = await asks().post("/rules/R01/versions/1/retire", headers={"If-Match": '"1"'})
    assert answer.status_code == 403
    assert (await asks(Role.TOWN_OFFICER, 610999101000).post("/rules/R01/drafts", json=DRAFT)).status_code == 403


async def test_rules_and_vocabulary_are_read_by_everybody_who_works_with_them(asks, chen):
    clerk = asks(Role.DEPARTMENT_CLERK, department="medical")
    assert len((await clerk.get("/rules?state=active&limit=200")).json()["items"]) == 27
    terms = {term["name"]: term for term in (await clerk.get("/vocabulary")).json()["terms"]}
    assert (terms["year_self_pay_fen"]["unit"], terms["year_self_pay_fen"]["grains"]) == ("fen", ["record", "person"])
