"""An interview asks only what no office knows, is kept by its form's version, and stands once a second person signs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE, officer
from services.monitoring.households.actions.follow import everything_follows
from services.monitoring.interviews.tables import Interview
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import reported
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.signed import filled, said

OTHER_VILLAGE = 610999101204


@pytest.fixture
def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    child = person(name="陈小山", relation="20", identity_number=number("20140101"), labour_skill=None)
    body = CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], child]}
    return (await cadre.post("/households", json=body)).json()


def _ids(household):
    return {one["name"]: one["id"] for one in household["members"]}


async def recorded(client, household, *answers, **changes):
    answer = await client.post(f"/households/{household['id']}/interviews", json=filled(household, *answers, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def _answers(read):
    return {(one["question"], one["person_id"]): one for one in read["answers"]}


def _codes(answer):
    return [one["code"] for one in answer.json()["errors"]]


async def test_a_form_is_served_with_its_version_source_and_questions(asks):
    listed = (await asks().get("/interview-forms")).json()["items"]
    assert [(one["code"], one["version"]) for one in listed] == [("household_check", 1)]
    answer = await asks().get("/interview-forms/household_check", headers={"Accept-Language": "zh"})
    form = answer.json()
    assert [one["code"] for one in form["sections"]] == ["family", "income", "spending", "guarantees", "risks", "needs"]
    health = next(one for one in form["sections"][0]["questions"] if one["code"] == "health")
    assert (health["per"], health["tells_health"], health["known_from"]) == ("member", True, ["person.health"])
    assert (await asks().get("/interview-forms/household_check", params={"version": 2})).status_code == 404
    assert (await asks().get("/interview-forms/household_check", params={"on": "2020-12-31"})).status_code == 404
    again = await asks().get("/interview-forms/household_check", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


async def test_what_registry_income_lines_and_departments_know_is_prefilled_and_the_rest_is_open(
    cadre, chen, monitoring
):
    ids = _ids(chen)
    wife, child = ({"id": ids[name]} for name in ("李秀兰", "陈小山"))
    line = {"kind": "wage.outside_work", "amount": "25200.00", "month": "2023-08", "source": "务工证明"}
    await cadre.post(f"/households/{chen['id']}/income-statements", json={"lines": [line]})
    await county.record(
        monitoring, "medical.annual_self_pay", wife, chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000
    )
    await county.record(
        monitoring, "medical.insurance", wife, chen["id"], date(2024, 1, 5), insurance_status="not_insured"
    )
    await county.record(
        monitoring, "education.status", child, chen["id"], date(2024, 3, 1), school_status="enrolled_elsewhere"
    )
    draft = (await cadre.get(f"/households/{chen['id']}/interview-draft")).json()
    told = {(one["question"], one["person_id"]): one for one in draft["fields"]}
    assert told["wage", None]["value"] == ["25200.00"]
    assert (told["wage", None]["known_from"], told["wage", None]["known_on"]) == ("income.wage", "2024-05-31")
    assert told["medical_self_pay", None]["value"] == ["20000.00"]
    assert told["is_insured", ids["李秀兰"]]["value"] == ["false"]
    assert told["is_in_school", ids["陈小山"]]["value"] == ["true"]
    assert told["relation", ids["陈大山"]]["value"] == ["02"]
    assert told["is_lifted", None]["value"] == ["true"]
    for open_field in (("transfer", None), ("applies", None), ("is_insured", ids["陈大山"]), ("debt", None)):
        assert told[open_field]["value"] is None, open_field
    assert ("labour_skill", ids["陈小山"]) not in told, "a child of ten is not asked about work"
    assert ("is_in_school", ids["陈大山"]) not in told
    assert draft["fields_prefilled"] == sum(one["value"] is not None for one in draft["fields"])
    assert draft["fields_total"] == len(draft["fields"])


async def test_only_open_questions_are_handed_in_and_an_answer_counts_before_what_was_known(cadre, chen, monitoring):
    ids = _ids(chen)
    made = await recorded(
        cadre, chen, said("is_lifted", "false"), said("risks", "01", "02"), said("risk_note", "妻子住院")
    )
    answers = _answers(made)
    assert (answers["is_lifted", None]["value"], answers["is_lifted", None]["is_prefilled"]) == (["false"], False)
    assert answers["relation", ids["李秀兰"]]["value"] == ["12"]
    assert answers["relation", ids["李秀兰"]]["is_prefilled"] is True
    assert answers["risks", None]["value"] == ["01", "02"]
    assert (made["state"], made["is_mine"], made["version"]) == ("recorded", True, 1)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        row = (await connection.execute(select(rows(Interview)))).one()
    assert "risks" not in row.answers, "it tells of health, so it lies encrypted"
    assert "妻子住院".encode() not in bytes(row.sealed_answers)


async def test_health_and_own_words_are_for_case_roles_alone(asks, cadre, chen):
    made = await recorded(cadre, chen, said("risks", "01"), others_present="镇干部王敏")
    seen = _answers((await asks(Role.AUDITOR).get(f"/interviews/{made['id']}")).json())
    assert (seen["risks", None]["is_hidden"], seen["risks", None]["value"]) == (True, None)
    assert seen["applies", None]["value"] == ["true"]
    assert (await asks(Role.AUDITOR).get(f"/interviews/{made['id']}")).json()["others_present"] is None
    full = (await asks(Role.TOWN_OFFICER, TOWN).get(f"/interviews/{made['id']}")).json()
    assert (full["others_present"], _answers(full)["risks", None]["value"]) == ("镇干部王敏", ["01"])


async def test_every_fault_of_a_filled_form_is_named(cadre, chen):
    body = filled(
        chen,
        said("wage", "1e5"),
        said("risks", "77"),
        said("stars", "1"),
        said("applies", "false"),
        said("labour_skill", "ordinary", person_id=_ids(chen)["陈小山"]),
        present=[str(new_id())],
        held_on="2024-06-04",
    )
    body["answers"] = [one for one in body["answers"] if one["question"] != "guarantee.water"]
    answer = await cadre.post(f"/households/{chen['id']}/interviews", json=body)
    assert answer.status_code == 422
    assert sorted(_codes(answer)) == [
        "answer_missing",
        "field_twice",
        "field_unknown",
        "field_unknown",
        "in_the_future",
        "not_a_member",
        "not_choices",
        "not_money",
    ]
    assert (
        await cadre.post(f"/households/{chen['id']}/interviews", json=filled(chen, form_version=9))
    ).status_code == 404
    early = await cadre.post(f"/households/{chen['id']}/interviews", json=filled(chen, held_on="2020-12-31"))
    assert _codes(early) == ["form_not_in_force"]


async def test_a_second_person_countersigns_by_own_sign_in_and_never_the_same(asks, cadre, chen):
    made = await recorded(cadre, chen, mode="video")
    url, match = f"/interviews/{made['id']}/countersign", {"If-Match": '"1"'}
    own = await cadre.post(url, headers=match)
    assert (own.status_code, _codes(own)) == (409, ["same_person"])
    assert (await asks(Role.VILLAGE_CADRE, OTHER_VILLAGE).post(url, headers=match)).status_code == 404
    town = asks(Role.TOWN_OFFICER, TOWN)
    assert (await town.post(url)).status_code == 428
    done = await town.post(url, headers=match)
    assert (done.status_code, done.json()["state"], done.headers["ETag"]) == (200, "countersigned", '"2"')
    again = await cadre.post(url, headers={"If-Match": '"2"'})
    assert _codes(again) == ["not_waiting", "same_person"]
    back = await cadre.post(f"/interviews/{made['id']}/withdraw", json={"reason": "填错"}, headers={"If-Match": '"2"'})
    assert _codes(back) == ["stands"]


async def test_a_withdrawn_interview_stays_listed_as_such(cadre, chen):
    wrong = await recorded(cadre, chen)
    gone = await cadre.post(f"/interviews/{wrong['id']}/withdraw", json={"reason": "填错"}, headers={"If-Match": '"1"'})
    assert gone.json()["state"] == "withdrawn"
    kept = await recorded(cadre, chen)
    listed = (await cadre.get(f"/households/{chen['id']}/interviews")).json()["items"]
    assert [(one["id"], one["state"]) for one in listed] == [(kept["id"], "recorded"), (wrong["id"], "withdrawn")]


async def test_an_interview_is_of_no_case_of_another_household(asks, cadre, chen):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    case = await reported(cadre, asks(), other)
    for wrong in (case["id"], str(new_id())):
        answer = await cadre.post(f"/households/{chen['id']}/interviews", json=filled(chen, case_id=wrong))
        assert answer.status_code == 422, answer.text
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/case_id", "other_case")]
    assert (await recorded(cadre, other, case_id=case["id"]))["case_id"] == case["id"]


async def test_the_share_of_prefilled_fields_is_a_figure_that_comes_out_the_same_again(asks, cadre, chen, monitoring):
    made = [await recorded(cadre, chen) for _ in range(2)]
    url = "/interview-forms/household_check/prefilled-share"
    share = (await asks().get(url)).json()
    assert (share["interviews"], share["unit"], share["last"]) == (2, "项", "2024-06-03")
    assert share["numerator"] == sum(one["fields_prefilled"] for one in made)
    assert share["denominator"] == sum(one["fields_total"] for one in made)
    gone = await cadre.post(
        f"/interviews/{made[0]['id']}/withdraw", json={"reason": "重复"}, headers={"If-Match": '"1"'}
    )
    assert gone.status_code == 200
    assert (await asks().get(url)).json()["interviews"] == 1
    assert (await asks().get(url, params={"known_at": share["known_at"]})).json() == share
    assert (await cadre.get(url, params={"region": str(TOWN)})).status_code == 404
    assert (await asks().get(url, params={"first": "2024-06-04"})).json()["denominator"] == 0
    ahead = await asks().get(url, params={"known_at": "2124-06-03T00:00:00+08:00"})
    assert _codes(ahead) == ["instant_not_come"]


async def test_a_form_filled_without_a_network_takes_effect_once(cadre, chen):
    operation = {
        "op_id": str(new_id()),
        "kind": "interview.record",
        "entity_id": chen["id"],
        "base_version": None,
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": filled(chen),
    }
    ends = []
    for _ in range(2):
        answer = (await cadre.post("/operations", json={"operations": [operation]})).json()
        ends += [one["outcome"] for one in answer["results"]]
    assert ends == ["applied", "duplicate"]
    assert [one["id"] for one in (await cadre.get(f"/households/{chen['id']}/interviews")).json()["items"]] == [
        operation["op_id"]
    ]


async def test_interviews_follow_a_household_that_moved_and_one_that_was_merged(asks, cadre, chen, monitoring):
    made = await recorded(cadre, chen)
    target = (await cadre.post("/households", json=CHEN | {"members": [person()], "valid_from": "2024-01-01"})).json()
    joining = [{"person_id": one["id"], "relation": "97"} for one in chen["members"]]
    merged = await cadre.post(
        f"/households/{chen['id']}/merge",
        json={"into": target["id"], "into_version": 1, "on": "2024-06-01", "relations": joining},
        headers={"If-Match": f'"{chen["version"]}"'},
    )
    assert merged.status_code == 200, merged.text
    read = (await cadre.get(f"/interviews/{made['id']}")).json()
    assert (read["household_id"], read["version"]) == (target["id"], 2)
    async with monitoring.unit(officer()) as unit:
        await unit.connection.execute(
            text("UPDATE household SET region = 610999101204 WHERE id = :id"), {"id": target["id"]}
        )
        await everything_follows(unit, [UUID(target["id"])])
    assert (await cadre.get(f"/interviews/{made['id']}")).status_code == 404
    there = await asks(Role.VILLAGE_CADRE, OTHER_VILLAGE).get(f"/interviews/{made['id']}")
    assert (there.json()["region"], there.json()["version"]) == (str(OTHER_VILLAGE), 3)


async def test_a_department_reads_no_interview_and_the_day_of_the_clock_is_the_day_of_the_form(
    asks, cadre, chen, monitoring
):
    made = await recorded(cadre, chen)
    assert made["held_on"] == monitoring.clock.today().isoformat()
    clerk = asks(Role.DEPARTMENT_CLERK, department="civil")
    assert (await clerk.get(f"/interviews/{made['id']}")).status_code == 403
    assert (await asks(Role.AUDITOR).get(f"/households/{chen['id']}/interview-draft")).status_code == 403
