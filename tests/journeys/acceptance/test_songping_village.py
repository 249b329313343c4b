"""The acceptance story of 松坪村 over HTTP, every figure to the yuan (clause G.3, G.4, G.5, G.7, G.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.acceptance.families import LI, member
from tests.journeys.acceptance.out_and_back import figures
from tests.services.monitoring.cases.two_plans import DUES
from tests.services.monitoring.cases.village import refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_self_pay_of_20000_raises_r01_on_the_day_the_file_is_read(registered):
    [clue] = registered.clues["a"]
    read = await registered.them.asked(f"/clues/{clue['id']}")
    assert (read["severity"], read["raised_on"], read["case_id"]) == ("H", "2024-06-03", registered.cases["a"]["id"])
    hits = {hit["rule"]["id"]: hit for hit in read["hits"]}
    assert set(hits) == {"R01", "R22"}, "the file's row, and what it makes of a year's income"
    assert hits["R01"]["sources"][0]["dataset"] == "medical.annual_self_pay"
    assert {one["value"] for one in hits["R01"]["comparisons"]} >= {"20000.00"}
    assert LI not in str(read)


async def test_dues_are_planned_backwards_from_the_fifteenth_day(registered):
    assert registered.plan == DUES


async def test_four_days_of_publicity_are_refused_by_name_of_the_fifth(registered):
    for answer in registered.refused_on_june_12:
        assert refused(answer)[-1] == "publicity_too_short"
        assert answer.json()["errors"][-1]["message"] == "已公示 4 天，须满 5 天；2024-06-13 起可办理。"


@pytest.mark.parametrize("name", ["a", "b", "c"])
async def test_every_step_is_done_in_time_and_the_register_reached_on_day_14(registered, name):
    read = registered.read[name]
    assert {one["step"]: (one["done_on"], one["timeliness"]) for one in read["plan"]} == {
        "dispatched": ("2024-06-03", "on_time"),
        "verified": ("2024-06-05", "on_time"),
        "compared": ("2024-06-06", "on_time"),
        "village_reviewed": ("2024-06-07", "on_time"),
        "publicity": ("2024-06-12", "on_time"),
        "passed": ("2024-06-13", "on_time"),
        "town_ok": ("2024-06-13", "on_time"),
        "county_ok": ("2024-06-17", "on_time"),
        "registered": ("2024-06-17", "on_time"),
    }
    assert (read["publicity"]["days_shown"], read["day_0"]) == (5, "2024-06-03")


@pytest.mark.parametrize(
    ("name", "kind", "basis", "risks", "net", "pc_net", "pc_ref"),
    [
        ("a", "3", "shock", ["01", "02", "03"], "40000.00", "8000.00", "4000.00"),
        ("b", "2", "county_60", ["07"], "30800.00", "7700.00", "7700.00"),
        ("c", "1", "province_line", ["08"], "13800.00", "6900.00", "6900.00"),
    ],
)
async def test_type_and_basis_are_computed_to_the_yuan(registered, name, kind, basis, risks, net, pc_net, pc_ref):
    income = registered.classified[name]["income"]
    assert (income["window"]["first"], income["window"]["last"]) == ("2023-06-01", "2024-05-31")
    assert (income["net"], income["pc_net"]["rounded"], income["pc_ref"]["rounded"]) == (net, pc_net, pc_ref)
    read = registered.read[name]
    assert (read["monitoring_type"], read["basis"], read["risks"], read["line"]) == (kind, basis, risks, "7920.00")
    home = await registered.them.asked(f"/households/{registered.homes[name]['id']}")
    assert (home["monitoring_type"], home["risks"], home["registered_on"]) == (kind, risks, "2024-06-17")


async def test_b_is_in_range_by_the_sixty_percent_rule_alone(registered):
    off, on = registered.with_rule_off, registered.classified["b"]
    assert (off["monitoring_type"], off["basis"], off["line"]["line"]) == (None, None, "7500.00")
    assert (on["monitoring_type"], on["basis"], on["line"]["line"]) == ("2", "county_60", "7920.00")


async def test_one_meeting_decides_all_three_under_one_set_of_minutes(registered):
    votes = {case["votes"][0]["meeting_id"] for case in registered.read.values()}
    assert votes == {registered.minutes["id"]}
    assert {one["case_id"] for one in registered.minutes["votes"]} == {case["id"] for case in registered.cases.values()}


async def test_registrations_are_told_without_risks(registered):
    told = await registered.them.world.published("case.registered")
    assert told == [
        {
            "case": registered.cases[name]["id"],
            "household": registered.homes[name]["id"],
            "monitoring_type": kind,
            "basis": basis,
            "registered_on": "2024-06-17",
        }
        for name, kind, basis in (("a", "3", "shock"), ("b", "2", "county_60"), ("c", "1", "province_line"))
    ]


async def test_each_measure_begins_on_its_day_and_answers_its_risk(helped):
    assert {
        name: (one["kind"], one["started_on"], one["risks"], one["amount"], one["timing"])
        for name, one in helped.measures.items()
    } == {
        "care": ("comprehensive_security", "2024-01-01", ["03"], None, "preventive"),
        "doctor": ("health", "2024-06-24", ["01"], None, "after_event"),
        "relief": ("comprehensive_security", "2024-06-25", ["01"], "6000.00", "after_event"),
        "claim": ("comprehensive_security", "2024-06-28", ["01"], "5000.00", "after_event"),
        "workshop": ("work", "2024-07-01", ["01"], "2800.00", "after_event"),
        "yulu": ("other_education", "2024-09-01", ["02"], "3000.00", "after_event"),
        "post": ("public_post", "2025-01-01", ["01"], "600.00", "after_event"),
    }


async def test_only_developmental_measures_are_told_by_name(helped):
    told = await helped.them.world.published("measure.started")
    assert [one["kind"] for one in told] == ["other", "other", "other", "other", "work", "other", "public_post"]
    assert [one["amount_fen"] for one in told] == [None, None, 600_000, 500_000, 280_000, 300_000, 60_000]


async def test_who_got_no_help_in_six_months_is_named_with_what_is_missing(helped):
    names = {home["id"]: name for name, home in helped.before.homes.items()}
    found = {(names[one["household_id"]], one["code"], one["risk"]) for one in helped.missing_in_december}
    assert found == {
        ("b", "no_developmental_measure", None),
        ("b", "no_measure", None),
        ("b", "risk_without_measure", "07"),
        ("c", "no_measure", None),
        ("c", "risk_without_measure", "08"),
    }


async def test_wages_and_dividend_told_by_other_services_are_one_line_each(helped):
    lines = (await helped.them.asked(f"/households/{helped.a['id']}/income", on="2025-07-18"))["lines"]
    of = {kind: [one["amount"] for one in lines if one["kind"] == kind] for kind in {one["kind"] for one in lines}}
    assert of["wage.outside_work"] == ["2800.00"] * 12
    assert of["wage.village_post"] == ["600.00"] * 6
    assert of["property.asset_dividend"] == ["730.00"]
    husband = member(helped.a, "陈大山")
    [spell] = (await helped.them.asked(f"/persons/{husband['id']}/work-spells"))["items"]
    assert (spell["kind"], spell["started_on"], spell["ended_on"]) == ("workshop", "2024-07-01", None)


async def test_a_year_later_household_a_has_11246_net_and_10600_reference_income_a_person(helped):
    income = await helped.them.asked(f"/households/{helped.a['id']}/income", on="2025-07-18")
    assert (income["window"]["first"], income["window"]["last"]) == ("2024-07-01", "2025-06-30")
    assert {one["group"]: one["amount"] for one in income["totals"]} == {
        "wage": "37200.00",
        "operating_income": "13500.00",
        "property": "1430.00",
        "transfer": "9400.00",
        "operating_expense": "5300.00",
        "claims": "0.00",
        "self_pay": "3230.00",
    }
    assert (income["net"], income["pc_net"]["rounded"]) == ("56230.00", "11246.00")
    assert (income["ref"], income["pc_ref"]["rounded"]) == ("53000.00", "10600.00")


async def test_the_line_in_force_a_year_later_is_8580(helped):
    line = await helped.them.asked("/lines/effective", on="2025-07-18")
    assert (line["line"], line["base_line"], line["basis"]) == ("8580.00", "8000.00", "county_60")


async def test_two_months_after_the_register_an_elimination_is_refused_with_everything_that_fails(helped):
    assert refused(helped.early)[0] == "elimination_registered_months"
    first = helped.early.json()["errors"][0]["message"]
    assert first == "2024-06-17 纳入，须满 6 个月；2024-12-17 起可提出。"


async def test_household_c_without_labour_stays_even_at_9200(out):
    assert (out.c_asked["pc_net"], out.c_asked["passed"]) == ("9200.00", False)
    assert refused(out.c_refused) == ["elimination_labour"]


async def test_household_a_is_out_on_july_18_with_help_and_what_runs_on_is_named(out):
    asked = out.asked
    assert (asked["net"], asked["pc_net"], asked["pc_ref"]) == ("56230.00", "11246.00", "10600.00")
    assert (asked["self_pay"], asked["line"], asked["passed"]) == ("3230.00", "8580.00", True)
    assert (out.read["state"], out.read["eliminated_on"]) == ("eliminated", "2025-07-18")
    assert out.read["elimination_mode"] == "helped"
    assert (out.shown["shown_from"], out.read["elimination_publicity"]["over_on"]) == ("2025-07-11", "2025-07-15")
    assert {one["asked_on"] for one in out.asked_anew} == {"2025-07-08"}, "an elimination has a comparison of its own"
    running = {one["kind"] for one in out.eliminated["running"]}
    assert running >= {"health", "other_education", "comprehensive_security", "work", "public_post"}
    told = await out.them.world.published("case.eliminated")
    assert told == [
        {
            "case": out.read["id"],
            "household": out.helped.a["id"],
            "monitoring_type": "3",
            "basis": "shock",
            "eliminated_on": "2025-07-18",
            "mode": "helped",
        }
    ]


async def test_a_third_of_the_households_and_five_of_eleven_people_are_out(out):
    [group] = out.figures_after["groups"]
    assert counted(group) == {"registered": (3, 11), "active": (2, 6), "eliminated": (1, 5), "ended": (0, 0)}
    assert [
        (one["numerator"], one["denominator"], one["unit"], one["percent"]) for one in group["elimination_rate"]
    ] == [
        (1, 3, "户", "33.33"),
        (5, 11, "人", "45.45"),
    ]


async def test_asked_again_as_known_before_the_elimination_the_figures_are_those_of_then(out):
    before = out.figures_before
    assert counted(before["groups"][0]) == {
        "registered": (3, 11), "active": (3, 11), "eliminated": (0, 0), "ended": (0, 0),
    }  # fmt: skip
    assert await figures(out.them, known_at=before["known_at"], on=before["on"]) == before
    assert out.figures_after != before


async def test_an_unsafe_house_brings_household_a_back_by_a_new_case_that_names_its_first(back):
    hits = (await back.out.them.asked(f"/clues/{back.clue['id']}"))["hits"]
    assert {hit["rule"]["id"] for hit in hits} == {"R11"}
    first = back.out.read
    assert (back.read["previous_case_id"], back.read["id"] != first["id"]) == (first["id"], True)
    assert (back.read["monitoring_type"], back.read["basis"], back.read["registered_on"]) == (
        "3", "guarantee", "2025-10-20",
    )  # fmt: skip
    assert (await back.out.them.asked(f"/cases/{first['id']}"))["state"] in ("eliminated", "follow_up")
    assert counted(back.figures["groups"][0])["active"] == (3, 11)


async def test_julys_figures_stand_as_they_were_known_in_july_whatever_came_after(back):
    july = back.out.figures_after
    assert await figures(back.out.them, known_at=july["known_at"], on=july["on"]) == july


def counted(group: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {one["figure"]: (one["households"], one["persons"]) for one in group["figures"]}
