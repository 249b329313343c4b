"""A clue explains itself to who may know, is dismissed with a reason, and then stays silent until its fact grows."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from services.monitoring.clues.rules import PER_PHONE
from services.monitoring.clues.tables import Clue, SelfReport
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN
from tests.services.monitoring.clues.reporting import anonymous, told
from tests.services.monitoring.screening import county_data as county

SELF_PAY = "medical.annual_self_pay"
OTHER_TOWN = 610999102000


@pytest.fixture
async def chen(asks, monitoring):
    await seed_screening(monitoring)
    household = (await asks().post("/households", json=CHEN)).json()
    wife = next(one for one in household["members"] if one["name"] == "李秀兰")
    await county.record(monitoring, SELF_PAY, wife, household["id"], date(2024, 5, 1), row=7, self_pay_fen=2_000_000)
    return household, wife


@pytest.fixture
async def clue(asks, monitoring, chen):
    await county.screen(monitoring)
    [row] = (await asks().get("/clues")).json()["items"]
    return row


async def test_the_clue_of_june_third_explains_itself_to_the_yuan(asks, clue, chen):
    _, wife = chen
    read = await asks().get(f"/clues/{clue['id']}")
    assert read.headers["etag"].startswith('"1.')
    same = await asks().get(f"/clues/{clue['id']}", headers={"If-None-Match": read.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    [hit] = read.json()["hits"]
    assert (hit["rule"]["id"], hit["rule"]["version"], hit["severity"], hit["hit_on"]) == ("R01", 1, "H", "2024-06-03")
    assert (hit["rule"]["document"], hit["person_id"]) == ("中农组发〔2021〕7号", wife["id"])
    told = next(one for one in hit["comparisons"] if one["column"] == "year_self_pay_fen")
    assert (told["value"], told["operator"], told["threshold"], told["distance"], told["satisfied"]) == (
        "20000.00", ">=", ["5000.00"], "15000.00", True
    )  # fmt: skip
    [change] = hit["smallest_change"]
    assert (change["column"], change["old"], change["new"]) == ("year_self_pay_fen", "20000.00", "4999.99")
    [source] = hit["sources"]
    assert (source["department"], source["dataset"], source["period"], source["row_number"]) == (
        "medical", SELF_PAY, "2024-05", 7
    )  # fmt: skip


async def test_a_cadre_of_another_town_finds_no_such_clue(asks, clue):
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    assert (await stranger.get(f"/clues/{clue['id']}")).status_code == 404
    assert (await stranger.get("/clues")).json()["items"] == []


async def test_an_auditor_learns_that_there_is_a_hit_and_nothing_of_health(asks, clue):
    auditor = asks(Role.AUDITOR)
    [hit] = (await auditor.get(f"/clues/{clue['id']}")).json()["hits"]
    assert hit["hides_health"] is True
    assert (hit["rule"], hit["person_id"], hit["comparisons"], hit["sources"]) == (None, None, [], [])
    assert (await auditor.get("/clues?rule=R01")).json()["items"] == []


async def test_a_department_reads_the_hits_of_its_own_rows_only(asks, clue):
    medical = asks(Role.DEPARTMENT_CLERK, department="medical")
    [hit] = (await medical.get(f"/clues/{clue['id']}")).json()["hits"]
    assert [one["column"] for one in hit["comparisons"]] == ["year_self_pay_fen"]
    housing = asks(Role.DEPARTMENT_CLERK, department="housing")
    assert (await housing.get(f"/clues/{clue['id']}")).status_code == 404
    assert (await housing.get("/clues")).json()["items"] == []


async def test_a_clue_past_its_due_shows_as_overdue(asks, monitoring, clue):
    assert clue["is_overdue"] is False
    monitoring.clock.move(hours=25)
    [row] = (await asks().get("/clues?overdue=true")).json()["items"]
    assert (row["id"], row["is_overdue"]) == (clue["id"], True)
    assert (await asks().get("/clues?overdue=false")).json()["items"] == []


async def dismiss(asks, clue, version=1, **body):
    headers = {"If-Match": f'"{version}"'} if version else {}
    return await asks().post(f"/clues/{clue['id']}/dismiss", json={"reason": "bearable"} | body, headers=headers)


async def test_the_step_is_measured_by_the_bound_that_the_household_went_beyond(asks, monitoring, chen):
    """One stay counts from 10,000 元, of a monitored household from 6,000 元 (clause B11, R03)."""
    household, wife = chen
    stay, day = "medical.stays", date(2024, 5, 20)
    await county.record(monitoring, stay, wife, household["id"], day, stay_self_pay_fen=1_200_000)
    await county.screen(monitoring)
    [clue] = (await asks().get("/clues")).json()["items"]
    hits = (await asks().get(f"/clues/{clue['id']}")).json()["hits"]
    [of_stay] = [hit["id"] for hit in hits if hit["rule"]["id"] == "R03"]
    silences = (await dismiss(asks, clue)).json()["silences"]
    assert [one["speaks_at"] for one in silences if one["hit_id"] == of_stay] == ["22000.00"]


async def test_a_dismissed_fact_stays_silent_until_it_has_grown_by_the_step(asks, monitoring, clue, chen):
    household, wife = chen
    answer = await dismiss(asks, clue)
    assert answer.status_code == 200, answer.text
    [silence] = answer.json()["silences"]
    assert (silence["silent_until"], silence["speaks_at"]) == ("2024-12-03", "25000.00")
    for day, fen, raised in ((2, 2_499_999, 0), (3, 2_500_000, 1)):
        await county.record(monitoring, SELF_PAY, wife, household["id"], date(2024, 6, day), self_pay_fen=fen)
        run = await county.screen(monitoring)
        assert (run.counts["fired"], run.counts["clues_raised"]) == (1, raised)
    assert sorted(row.state for row in await county.everything(monitoring, Clue)) == ["dismissed", "open"]


async def test_a_dismissed_fact_speaks_again_when_its_time_has_passed(asks, monitoring, clue):
    await dismiss(asks, clue)
    monitoring.clock.move(days=182)
    assert (await county.screen(monitoring)).counts["clues_raised"] == 0
    monitoring.clock.move(days=1)
    assert (await county.screen(monitoring)).counts["clues_raised"] == 1


async def test_a_dismissal_needs_version_note_and_an_open_clue(asks, clue):
    assert (await dismiss(asks, clue, version=None)).status_code == 428
    assert (await dismiss(asks, clue, version=9)).status_code == 412
    assert (await dismiss(asks, clue, reason="other")).json()["errors"][0]["pointer"] == "/note"
    assert (await dismiss(asks, clue)).status_code == 200
    assert (await dismiss(asks, clue, version=2)).json()["code"] == "state_refused"
    town = await asks(Role.TOWN_OFFICER, 610999101000).post(
        f"/clues/{clue['id']}/dismiss", json={"reason": "bearable"}, headers={"If-Match": '"2"'}
    )
    assert town.status_code == 403


async def test_a_report_shows_what_became_of_it(asks, chen):
    household, _ = chen
    body = {"household_id": household["id"], "risk": "01", "description": "妻子住院"}
    made = (await asks().post("/reports", json=body)).json()
    read = (await asks().get(f"/reports/{made['id']}")).json()
    assert (read["risk"], read["channel"], read["clue_state"]) == ("01", "cadre_survey", "open")
    assert (await asks(Role.AUDITOR).get(f"/reports/{made['id']}")).json()["description"] is None


async def test_a_self_report_finds_its_household_and_its_receipt_tells_no_more_than_received(
    asks, monitoring, chen, divisions
):
    public = anonymous(asks())
    known = await public.post("/self-reports", json=told())
    unknown = await public.post("/self-reports", json=told(name="王小明"))
    assert (known.status_code, unknown.status_code, known.json().keys()) == (201, 201, unknown.json().keys())
    states = [await public.post("/self-reports/status", json=answer.json()) for answer in (known, unknown)]
    assert [answer.json() for answer in states] == [{"state": "received", "outcome": None}] * 2
    assert (await public.post("/self-reports/status", json={"receipt": "A" * 26})).status_code == 404
    typed = " ".join([known.json()["receipt"][:13].lower(), known.json()["receipt"][13:]])
    assert (await public.post("/self-reports/status", json={"receipt": typed})).json()["state"] == "received"
    assert sorted(row.state for row in await county.everything(monitoring, SelfReport)) == ["matched", "waiting"]
    [clue] = (await asks().get("/clues")).json()["items"]
    await dismiss(asks, clue, told_on="2024-06-03", told_how="in_person")
    assert (await public.post("/self-reports/status", json=known.json())).json() == {
        "state": "handled",
        "outcome": {
            "kind": "dismissed", "reason": "bearable", "reason_label": "家庭能够承受", "decided_on": "2024-06-03",
            "told_on": "2024-06-03", "told_how": "in_person",
            "turn_to": "有新情况可随时再次申报；不认可的，可向乡镇窗口、12317 或 12345 反映。",
        },
    }  # fmt: skip


async def test_the_public_form_tells_a_resident_what_to_do(asks, divisions):
    public = anonymous(asks())
    nobody = await public.post("/self-reports", json=told(identity_number=None, phone=None))
    [fault] = nobody.json()["errors"]
    assert (nobody.status_code, fault["code"]) == (422, "reporter_unknown")
    assert fault["message"] == "请填写联系电话或身份证号，以便核对。"
    mistyped = await public.post("/self-reports/status", json={"receipt": "0123"})
    [fault] = mistyped.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/receipt", "receipt_form")
    strange = await public.post("/self-reports/status", json={"receipt": "A" * 26})
    assert strange.json()["detail"] == "没有这个回执号，请对照回执逐位核对后重试。"


async def test_a_town_matches_what_waits(asks, monitoring, chen, divisions):
    household, _ = chen
    await anonymous(asks()).post("/self-reports", json=told(identity_number=None, phone="13800001234"))
    town = asks(Role.TOWN_OFFICER, 610999101000)
    [waiting] = (await town.get("/self-reports")).json()["items"]
    assert (waiting["name"], waiting["phone_masked"], waiting["channel"]) == ("李秀兰", "138****1234", "self_app")
    assert (await asks(Role.TOWN_OFFICER, OTHER_TOWN).get("/self-reports")).json()["items"] == []
    path, headers = f"/self-reports/{waiting['id']}/match", {"If-Match": '"1"'}
    matched = await town.post(path, json={"household_id": household["id"]}, headers=headers)
    assert (matched.status_code, matched.json()["state"]) == (200, "matched")
    [clue] = (await asks().get("/clues")).json()["items"]
    [hit] = (await asks().get(f"/clues/{clue['id']}")).json()["hits"]
    assert (hit["kind"], hit["description"], hit["id"]) == ("self_report", "住院花了很多钱", matched.json()["hit_id"])


async def test_one_phone_reports_five_times_a_day(asks, chen, divisions):
    public = anonymous(asks())
    sent = [await public.post("/self-reports", json=told(identity_number=None, phone="13800001234")) for _ in range(6)]
    assert [answer.status_code for answer in sent] == [201] * 5 + [429]
    assert int(sent[-1].headers["retry-after"]) > 0
    assert "12317" in sent[-1].json()["detail"]


async def test_a_county_bounds_the_form_by_its_own_number(asks, divisions):
    proposed = await asks().post(
        "/parameters",
        json={
            "scope": "610999000000", "key": PER_PHONE[0], "value": {"type": "integer", "value": 2},
            "effective_from": "2024-06-01", "source": "县防返贫办〔2024〕7号",
        },
    )  # fmt: skip
    approval = f"/parameters/{proposed.json()['id']}/approve"
    assert (await asks().post(approval, headers={"If-Match": '"1"'})).status_code == 200
    public = anonymous(asks())
    sent = [await public.post("/self-reports", json=told(identity_number=None, phone="13800001234")) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [201, 201, 429]


@pytest.mark.parametrize("region", ["610999101299", "999999999999", "610999000000"])
async def test_a_self_report_to_where_nobody_reads_it_is_refused(asks, monitoring, divisions, region):
    answer = await anonymous(asks()).post("/self-reports", json=told(region=region))
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, ["/region"])
    assert await county.everything(monitoring, SelfReport) == []


async def test_a_self_report_is_due_by_the_countys_own_number_of_days(asks, monitoring, chen, divisions):
    proposed = await asks(subject="proposer").post(
        "/parameters",
        json={
            "scope": "610999000000", "key": "clues.due.medium_days", "value": {"type": "integer", "value": 2},
            "effective_from": "2024-06-01", "source": "县防返贫办〔2024〕6号",
        },
    )  # fmt: skip
    assert proposed.status_code == 201, proposed.text
    approval = f"/parameters/{proposed.json()['id']}/approve"
    approved = await asks(subject="approver").post(approval, headers={"If-Match": '"1"'})
    assert approved.status_code == 200, approved.text
    await anonymous(asks()).post("/self-reports", json=told())
    [clue] = (await asks().get("/clues")).json()["items"]
    assert clue["due_at"] == "2024-06-05T15:59:59Z", "the end of the second day in Shanghai"


async def test_a_clerk_learns_nothing_of_what_other_departments_raised_in_the_same_clue(asks, monitoring, chen):
    household, wife = chen
    costs = {"study_stage": "higher_vocational", "school_net_cost_fen": 1_200_000}
    await county.record(monitoring, "education.costs", wife, household["id"], date(2024, 5, 1), **costs)
    await county.screen(monitoring)
    [whole] = (await asks().get("/clues")).json()["items"]
    assert (whole["severity"], whole["hit_count"], whole["due_at"]) == ("H", 2, "2024-06-04T01:00:00Z")
    education = asks(Role.DEPARTMENT_CLERK, department="education")
    [row] = (await education.get("/clues")).json()["items"]
    read = (await education.get(f"/clues/{whole['id']}")).json()
    for seen in (row, read):
        assert (seen["severity"], seen["hit_count"], seen["due_at"]) == ("M", 1, "2024-06-06T15:59:59Z")
    assert [hit["rule"]["id"] for hit in read["hits"]] == ["R09"]

    async def found(client, **filters):
        return len((await client.get("/clues", params=filters)).json()["items"])

    monitoring.clock.move(days=2)  # past the due of R01, before that of R09
    assert [await found(asks(), overdue="true"), await found(education, overdue="true")] == [1, 0]
    assert [await found(asks(), overdue="false"), await found(education, overdue="false")] == [0, 1]
    assert [await found(asks(), severity="H"), await found(education, severity="H")] == [1, 0]
    assert [await found(asks(), severity="M"), await found(education, severity="M")] == [0, 1]
