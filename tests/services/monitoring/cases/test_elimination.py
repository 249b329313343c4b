"""Household A leaves the register with the figures of the story, or is refused with every guard (clause G)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from tests.personas import person
from tests.services.monitoring.answers import match
from tests.services.monitoring.cases.leaving import (
    OUT,
    compared_out,
    guaranteed,
    lines_of_2025,
    measure,
    met_out,
    propose,
    published_out,
    until,
    verified_out,
)
from tests.services.monitoring.cases.village import made, ref, refused, vote
from tests.services.monitoring.income.statements import recorded
from tests.services.monitoring.signed import sheet


async def asked(them, case, **query) -> dict[str, Any]:
    return made(await them.cadre.get(f"/cases/{case['id']}/elimination", params=query))


async def test_household_a_leaves_the_register_with_11246_net_and_10600_reference_income(monitoring, them, chen, ready):
    before = await asked(them, ready)
    assert (before["first"], before["last"], before["members"]) == ("2024-07-01", "2025-06-30", 5)
    assert (before["net"], before["pc_net"], before["pc_ref"]) == ("56230.00", "11246.00", "10600.00")
    assert (before["self_pay"], before["line"], before["passed"]) == ("3230.00", "8580.00", True)
    assert [one["remedy"] for one in before["guards"]] == [None] * 9
    assert before["guards"][2]["figures"] == "人均纯收入 11246.00 元，监测线 8580.00 元"

    case = made(await propose(them, ready))
    assert (case["state"], case["step"]) == ("elim_proposed", None)
    unsigned = {name: value for name, value in OUT.items() if name != "signature"}
    assert refused(await them.do(them.cadre, case, "verifications", **unsigned)) == ["signature_missing"]
    paper = OUT | {"signature": {"signed_by": "陈大山", "given_by": "paper"}}
    assert refused(await them.do(them.cadre, case, "verifications", **paper)) == ["sheet_missing"]
    paper["signature"]["file_id"] = await sheet(them.cadre)
    made(await them.do(them.cadre, case, "verifications", **paper))
    seen = await them.read(case)
    assert (seen["risks"], seen["signatures"][-1]["purpose"]) == (["01", "02", "03"], "elimination")
    said = {"verification_id": seen["verifications"][-1]["id"], "confirmed": True}
    unsigned = ["commitment_missing", "authorisation_missing"]
    assert refused(await them.do(them.cadre, seen, "second", **said)) == ["same_person", *unsigned]
    assert refused(await them.do(them.second, seen, "second", **said)) == unsigned
    await them.sign(chen)  # what was signed a year ago has expired
    case = made(await them.do(them.second, seen, "second", **said))
    assert refused(await them.meet(case, purpose="elimination")) == ["not_compared"]
    waiting = await them.county.post("/cases/compare", json={"cases": [ref(case)]})
    assert set(refused(waiting)) == {"not_answered_by"}
    assert "2025-07-09" in waiting.json()["errors"][0]["message"], "two days after the verification"
    [case] = await them.compared(case)
    assert (case["state"], case["version"] - seen["version"]) == ("elim_verified", 2)
    until(them, "2025-07-10")
    assert refused(await them.meet(case)) == ["not_in_this_state", "other_purpose"]
    case = await met_out(them, case)
    until(them, "2025-07-11")
    assert refused(await them.publish(case)) == ["not_in_this_state"]
    shown = await published_out(them, case)
    assert (shown["purpose"], shown["shown_from"], shown["days"]) == ("elimination", "2025-07-11", 5)
    until(them, "2025-07-15")
    case = await them.read(case)
    early = await them.at_town(case)
    assert (refused(early), early.json()["errors"][0]["message"]) == (
        ["publicity_too_short"], "已公示 4 天，须满 5 天；2025-07-16 起可办理。",
    )  # fmt: skip
    until(them, "2025-07-16")
    [case] = made(await them.at_town(case))["items"]
    read = await them.read(case)
    assert (case["state"], read["elimination_publicity"]["over_on"]) == ("elim_town", "2025-07-15")
    assert read["publicity"]["over_on"] == "2024-06-12", "the way in keeps its own days"
    assert (await them.county.get(f"/public-lists/{shown['id']}")).json()["state"] == "over"
    until(them, "2025-07-18")
    [case] = made(await them.at_county(case))["items"]
    done = made(await them.do(them.county, case, "eliminate"))
    assert (done["state"], [(one["kind"], one["runs_until"]) for one in done["running"]]) == (
        "eliminated",
        [("comprehensive_security", None), ("health", None), ("other_education", "2026-07-31")],
    )
    read = await them.read(done)
    assert (read["eliminated_on"], read["elimination_mode"]) == ("2025-07-18", "helped")
    household = (await them.cadre.get(f"/households/{chen['id']}")).json()
    assert (household["eliminated_on"], household["registered_on"]) == ("2025-07-18", "2024-06-17")
    fact = (await them.cadre.get(f"/households/{chen['id']}/monitoring")).json()["facts"][-1]
    assert (fact["source"], fact["holds_from"], fact["eliminated_on"]) == ("case", "2025-07-18", "2025-07-18")
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        told = select(outbox.c.data).where(outbox.c.type == "cn.xianjie.monitoring.case.eliminated.v1")
        [event] = (await connection.execute(told)).scalars()
    assert event == {
        "case": done["id"], "household": chen["id"], "monitoring_type": "3", "basis": "shock", "mode": "helped",
        "eliminated_on": "2025-07-18",
    }  # fmt: skip


async def test_an_early_try_is_refused_with_everything_that_fails(them, chen, helped):
    until(them, "2024-08-15")
    answer = await propose(them, helped)
    assert refused(answer) == [
        "elimination_registered_months",
        "elimination_measures",
        "elimination_net_income",
        "elimination_reference_income",
        "elimination_guarantees",
        "elimination_self_pay",
    ]
    said = [one["message"] for one in answer.json()["errors"]]
    assert said[0] == "2024-06-17 纳入，须满 6 个月；2024-12-17 起可提出。"
    assert "因病→健康、综合保障、社会帮扶" in said[1]
    assert "不愁吃" in said[4]
    assert "20000.00" in said[5]


async def test_household_c_has_no_labour_and_stays_not_eliminated_even_at_9200(asks, them, lines):
    old = [person(relation=relation, labour_skill="none") for relation in ("02", "10")]
    body = {"region": "610999101203", "is_lifted": True, "lifted_year": 2018, "valid_from": "2023-01-01"}
    home = made(await them.cadre.post("/households", json=body | {"members": old, "address": "松坪村二组"}))
    await recorded(them.cadre, home["id"], ("transfer.pension", "13800.00", "2024-01"))
    case = await them.registered(home)
    assert case["monitoring_type"] == "1"
    case = made(await them.do(them.town, case, "help", help_person="刘帮扶"))
    for kind, risks in (("health", ["01"]), ("other_education", ["02"]), ("comprehensive_security", ["03"])):
        await measure(them, home, kind, *risks)
    until(them, "2025-07-07")
    await lines_of_2025(asks, them, Role.PROVINCE_OFFICER)
    await recorded(them.cadre, home["id"], ("transfer.pension", "18400.00", "2025-01"))
    await guaranteed(them, home)
    found = await asked(them, case)
    assert (found["pc_net"], found["passed"]) == ("9200.00", False)
    for answer in (
        await propose(them, case),
        await propose(them, case, them.county, mode="natural", reason="自行好转"),
    ):
        assert refused(answer) == ["elimination_labour"]
        assert "整户无劳动力" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"income": [("wage.sector_post", "100.00", "2025-02")]}, "elimination_stable_wages"),
        ({"income": [("operating_expense.livestock", "13330.00", "2025-02")]}, "elimination_net_income"),
        ({"income": [("self_pay.disaster", "1770.00", "2025-02")]}, "elimination_self_pay"),
        ({"guarantee": "water"}, "elimination_guarantees"),
        ({"clue": "04"}, "elimination_open_clues"),
        ({"measure": "02"}, "elimination_measures"),
    ],
)
async def test_each_guard_refuses_alone(them, chen, ready, spoil, code):
    if "income" in spoil:
        await recorded(them.cadre, chen["id"], *spoil["income"])
    if "guarantee" in spoil:
        check = {"item": spoil["guarantee"], "answer": "no", "evidence": "水源干涸", "source": "入户核查"}
        made(await them.cadre.post(f"/households/{chen['id']}/guarantee-checks", json={"checks": [check]}))
    if "clue" in spoil:
        await them.report(chen, spoil["clue"])
    if "measure" in spoil:
        running = (await them.cadre.get(f"/households/{chen['id']}/measures")).json()["items"]
        [one] = [one for one in running if spoil["measure"] in one["risks"]]
        headers = {"If-Match": f'"{one["version"]}"'}
        end = {"ended_on": "2025-07-01", "reason": "stopped_early"}
        made(await them.cadre.post(f"/measures/{one['id']}/end", json=end, headers=headers))
    extra = ["elimination_reference_income"] if code == "elimination_net_income" else []
    assert refused(await propose(them, ready)) == [code, *extra]
    failed = [one for one in (await asked(them, ready))["guards"] if not one["passed"]]
    assert f"elimination_{failed[0]['guard']}" == code


async def test_a_household_that_is_gone_is_named_on_the_countys_list_of_eliminations(them, chen, ready):
    case = await met_out(them, await compared_out(them, made(await propose(them, ready))))
    await published_out(them, case)
    until(them, "2025-07-12")
    [case] = made(await them.at_town(await them.read(case)))["items"]
    home = made(await them.cadre.get(f"/households/{chen['id']}"))
    gone = {"on": "2025-07-12", "reason": "举家迁出"}
    made(await them.cadre.post(f"/households/{chen['id']}/move-out", json=gone, headers=match(home)))
    [said] = (await them.at_county(await them.read(case))).json()["errors"]
    assert (said["pointer"], said["code"]) == ("/cases/0", "household_ended")


async def test_a_total_of_wages_is_to_be_withdrawn_and_not_recorded_by_month_beside_itself(them, chen, ready):
    wages = [("wage.undivided", "100.00", "2025-02"), ("wage.sector_post", "100.00", "2025-02")]
    await recorded(them.cadre, chen["id"], *wages)
    [said] = (await propose(them, ready)).json()["errors"]
    assert said["message"].endswith(
        "每项工资须满 6 个月，请按月登记工资或登记就业起止：行业部门公益岗收入。"
        "未分项工资性收入是合计数，请撤销该项，再按月登记各项工资。"
    )


async def test_the_guards_hold_on_the_countys_day_too_and_a_return_leads_back_to_the_measures(them, chen, ready):
    case = made(await propose(them, ready))
    case = await met_out(them, await compared_out(them, case))
    shown = await published_out(them, case)
    until(them, "2025-07-12")
    [case] = made(await them.at_town(await them.read(case)))["items"]
    await recorded(them.cadre, chen["id"], ("self_pay.medical", "1770.00", "2025-06"))
    assert refused(await them.at_county(case)) == ["elimination_self_pay"]
    assert refused(await them.at_county(case, outcome="returned")) == ["reason_needed"]
    assert "not_in_this_state" in refused(await them.at_county(case, outcome="refused"))
    [case] = made(await them.at_county(case, outcome="returned", return_reason="doubtful"))["items"]
    read = await them.read(case)
    assert (case["state"], read["elimination_mode"], read["history"][-1]["reason"]) == (
        "measures_active", None, "doubtful",
    )  # fmt: skip
    assert [line["counts"] for line in read["elimination_publicity"]["lines"]] == [False]
    assert shown["purpose"] == "elimination"
    assert refused(await propose(them, case)) == ["elimination_self_pay"]


async def test_a_natural_elimination_is_the_countys_with_its_reason_and_needs_no_measure(them, chen, ready):
    assert "natural_is_the_countys" in refused(await propose(them, ready, mode="natural", reason="子女就业"))
    assert refused(await propose(them, ready, them.county, mode="natural")) == ["elimination_measures"]
    case = made(await propose(them, ready, them.county, mode="natural", reason="长子就业，收入稳定"))
    case = await met_out(them, await compared_out(them, case))
    await published_out(them, case)
    until(them, "2025-07-12")
    [case] = made(await them.at_town(await them.read(case)))["items"]
    assert refused(await them.at_county(case)) == ["self_approval"]
    said = {"cases": [ref(case) | {"outcome": "approved"}]}
    [case] = made(await them.other_county.post("/cases/county-decisions", json=said))["items"]
    done = made(await them.do(them.other_county, case, "eliminate"))
    assert (await them.read(done))["elimination_mode"] == "natural"


async def test_an_objection_takes_the_elimination_down_until_it_is_settled(them, chen, ready):
    case = await met_out(them, await compared_out(them, made(await propose(them, ready))))
    await published_out(them, case)
    until(them, "2025-07-09")
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="该户又添新债"))
    assert case["state"] == "elim_publicity"
    assert refused(await them.do(them.cadre, case, "objections", words="再提")) == ["objection_open"]
    until(them, "2025-07-14")
    assert refused(await them.at_town(case)) == ["objection_open"]
    case = made(await them.do(them.town, case, "settle-objection", upheld=False, finding="已核实无新债"))
    assert refused(await them.at_town(case)) == ["publicity_too_short"]
    until(them, "2025-07-17")
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="该户有新债"))
    case = made(await them.do(them.town, case, "settle-objection", upheld=True, finding="属实"))
    assert (case["state"], (await them.read(case))["elimination_mode"]) == ("measures_active", None)


async def test_a_meeting_or_a_second_person_against_it_ends_the_attempt(them, chen, ready):
    case = made(await propose(them, ready))
    case = await verified_out(them, case, confirmed=False, reason="bearable")
    assert case["state"] == "measures_active"
    case = await compared_out(them, made(await propose(them, case)))
    told = {"told_on": "2025-07-07", "told_how": "in_person"}
    against = vote(case, outcome="refused", in_favour=2, against=7, reason="voted_down", **told)
    case = await met_out(them, case, cases=[against])
    assert (case["state"], case["risks"], case["ended_on"]) == ("measures_active", ["01", "02", "03"], None)
