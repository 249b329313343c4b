"""Figures and measures of an export are taken over once, beside what the registry knows from elsewhere."""

from __future__ import annotations

from datetime import date

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE, officer
from services.monitoring.clues.tables import Hit
from services.monitoring.households.actions.follow import everything_follows
from services.monitoring.screening.seeding import seed_screening
from tests.services.monitoring.national.national_files import DASHAN, MONITORED, XIULAN, member, table
from tests.services.monitoring.screening import county_data as screening

FIGURES = {
    "income_year": 2023,
    "wage_fen": "25200.00",
    "wage_outside_work_fen": "24000",
    "operating_income_crops_fen": "12800",
    "transfer_fen": "6400",
    "operating_expense_fen": "5600",
    "self_pay_medical_fen": "20000",
}


async def household_id(county):
    [row] = (await county.get("/households"))["items"]
    return row["id"]


async def lines(county):
    found = await county.ask("SELECT kind, amount_fen, version FROM income_line WHERE state = 'active' ORDER BY kind")
    return {one.kind: (one.amount_fen, one.version) for one in found}


async def test_a_years_figures_count_in_its_window_and_what_has_no_parts_is_undivided(county):
    job = await county.imports(table(DASHAN | FIGURES, XIULAN | FIGURES))
    assert job["result"]["income_lines"] == 6
    assert await lines(county) == {
        "wage.outside_work": (2_400_000, 1),
        "wage.undivided": (120_000, 1),
        "operating_income.crops": (1_280_000, 1),
        "transfer.undivided": (640_000, 1),
        "operating_expense.undivided": (560_000, 1),
        "self_pay.medical": (2_000_000, 1),
    }
    income = await county.get(f"/households/{await household_id(county)}/income", window="annual", year=2023)
    assert (income["net"], income["ref"], income["members"]) == ("38800.00", "18800.00", 2)
    assert {line["source"] for line in income["lines"]} == {"国家系统导出（2023年度）"}


async def test_a_new_figure_corrects_the_line_and_the_old_one_is_kept(county):
    await county.imports(table(DASHAN | FIGURES))
    job = await county.imports(table(DASHAN | FIGURES | {"transfer_fen": "7000", "wage_fen": "24000"}))
    assert (job["result"]["updated"], job["result"]["income_lines"]) == (1, 2)
    known = await lines(county)
    assert (known["transfer.undivided"], known["wage.undivided"]) == ((700_000, 2), (0, 2))
    [line] = await county.ask("SELECT id FROM income_line WHERE kind = 'transfer.undivided'")
    [before] = (await county.get(f"/income-lines/{line.id}/history"))["items"]
    assert (before["amount"], before["version"]) == ("6400.00", 1)
    told = await county.ask("SELECT action, count(*) AS n FROM audit_entry WHERE kind = 'income_line' GROUP BY 1")
    assert {one.action: one.n for one in told} == {"income.record": 6, "income.correct": 2}


async def test_what_the_registry_knows_from_elsewhere_is_not_counted_twice(county):
    await county.imports(table(DASHAN))
    where = f"/households/{await household_id(county)}/income-statements"
    own = [
        {"kind": "wage.outside_work", "amount": "2000.00", "month": "2023-05", "source": "入户访谈"},
        {"kind": "transfer.pension", "amount": "1200.00", "on": "2023-06-01", "source": "人社"},
    ]
    assert (await county.client.post(where, json={"lines": own})).status_code == 201
    job = await county.imports(table(DASHAN | FIGURES))
    assert (job["result"]["income_lines"], job["result"]["income_held_back"]) == (3, 3)
    known = await lines(county)
    assert known["wage.outside_work"] == (200_000, 1)
    assert not {"wage.undivided", "transfer.undivided"} & known.keys()


async def test_what_a_yearly_figure_holds_is_not_recorded_beside_it(county):
    await county.imports(table(DASHAN | FIGURES))
    home = await household_id(county)
    kinds = [
        ("wage.outside_work", "2023-09", True),
        ("wage.village_post", "2022-10", True),  # in the wages that the export does not divide
        ("operating_income.livestock", "2023-05", False),  # crops have a figure of their own, and nothing is undivided
        ("wage.outside_work", "2023-10", False),
        ("wage.outside_work", "2022-09", False),
    ]
    own = [{"kind": kind, "amount": "2000.00", "month": month, "source": "工资"} for kind, month, _held in kinds]
    where = f"/households/{home}/income-statements"
    refused = await county.client.post(where, json={"lines": own})
    assert refused.status_code == 422, refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
        (f"/lines/{place}/month", "counted_in_year") for place, (_kind, _month, held) in enumerate(kinds) if held
    ]
    for kind in ("wage.outside_work", "wage.undivided"):
        [line] = await county.ask("SELECT id, version FROM income_line WHERE kind = :kind", kind=kind)
        gone = {"reason": "改按月登记"}
        headers = {"If-Match": f'"{line.version}"'}
        done = await county.client.post(f"/income-lines/{line.id}/withdraw", json=gone, headers=headers)
        assert done.status_code == 200, done.text
    assert (await county.client.post(where, json={"lines": own})).status_code == 201


async def test_a_line_that_a_person_corrected_stays_as_they_left_it(county):
    await county.imports(table(DASHAN | FIGURES))
    [line] = await county.ask("SELECT id, version FROM income_line WHERE kind = 'transfer.undivided'")
    changed = await county.client.patch(
        f"/income-lines/{line.id}",
        json={"amount": "6500.00", "reason": "核对存折"},
        headers={"If-Match": f'"{line.version}"'},
    )
    assert changed.status_code == 200, changed.text
    job = await county.imports(table(DASHAN | FIGURES | {"transfer_fen": "7000"}))
    assert (job["result"]["unchanged"], job["result"]["income_held_back"]) == (1, 1)
    assert (await lines(county))["transfer.undivided"] == (650_000, 2)


async def test_a_year_that_is_not_over_and_a_year_that_is_none_are_refused(county):
    job = await county.imports(table(member(income_year=2024, wage_fen=1), member(income_year=23, wage_fen=1)))
    assert await county.errors(job) == [(2, "income_year", "window_not_over"), (3, "income_year", "year")]


AID = {"measure_comprehensive_security_started_on": "2024-05-25", "measure_comprehensive_security_fen": "6000"}


async def test_measures_are_kept_each_once_and_a_later_word_replaces_the_earlier(county):
    work = {"measure_work_started_on": "2024-04-01"}
    first = await county.imports(table(DASHAN | AID | work), exported_on="2024-05-30")
    assert first["result"]["measures"] == 2
    again = await county.imports(table(DASHAN | AID | work), exported_on="2024-05-31")
    assert (again["result"]["measures"], again["result"]["unchanged"]) == (0, 1)
    ended = await county.imports(table(DASHAN | AID | work | {"measure_work_ended_on": "2024-05-31"}))
    assert (ended["result"]["measures"], ended["result"]["updated"]) == (1, 1)
    where = f"/households/{await household_id(county)}/measures"
    now = [
        (one["kind"], one["started_on"], one["ended_on"], one["amount"]) for one in (await county.get(where))["items"]
    ]
    assert now == [
        ("work", "2024-04-01", "2024-05-31", None),
        ("comprehensive_security", "2024-05-25", None, "6000.00"),
    ]
    [before] = (await county.get(where, state="replaced"))["items"]
    assert (before["kind"], before["ended_on"]) == ("work", None)


async def test_a_measure_of_ours_that_an_export_brings_back_is_counted_once(county):
    await county.imports(table(DASHAN | AID), exported_on="2024-05-30")
    home = await household_id(county)
    said = {"kind": "health", "description": "签约", "source": "协议", "started_on": "2024-05-20", "amount": "1000.00"}
    more = said | {"kind": "comprehensive_security", "started_on": "2024-05-28", "amount": "500.00"}
    for one in (said, more):
        made = await county.client.post(f"/households/{home}/measures", json=one)
        assert made.status_code == 201, made.text
    # As we export it: of each kind the first day, and the sum.
    back = AID | {"measure_comprehensive_security_fen": "6500"}
    back |= {"measure_health_started_on": "2024-05-20", "measure_health_fen": "1000"}
    job = await county.imports(table(DASHAN | back))
    assert job["result"]["measures"] == 0
    found = (await county.get(f"/households/{home}/measures"))["items"]
    assert sorted((one["kind"], one["origin"], one["amount"]) for one in found) == [
        ("comprehensive_security", "national", "6000.00"),
        ("comprehensive_security", "own", "500.00"),
        ("health", "own", "1000.00"),
    ]


async def test_what_a_household_lacked_before_it_was_taken_over_is_due_from_then_and_not_late(county):
    long_ago = MONITORED | {"registered_on": "2022-05-17", "risk_2": None}
    await county.imports(table(DASHAN | long_ago, XIULAN | long_ago), exported_on="2024-05-31")
    assert (await county.get("/missing-measures"))["items"] == []
    due = (await county.get("/missing-measures", due_by="2024-12-04"))["items"]
    assert [(one["code"], one["due_on"]) for one in due] == [
        ("no_developmental_measure", "2024-12-03"),
        ("no_measure", "2024-07-03"),
        ("risk_without_measure", "2024-07-03"),
    ]


async def test_aid_that_the_national_system_says_was_paid_raises_no_clue(county):
    """R18 is silent on aid that a measure of ours paid, imported ones among them (clause B1, B11)."""
    await seed_screening(county.program)
    paid_otherwise = {"measure_industry_started_on": "2024-05-25", "measure_industry_fen": "6000"}
    await county.imports(table(DASHAN | AID, member(name="赵六", **paid_otherwise)))
    for name in ("陈大山", "赵六"):
        [person] = await county.ask("SELECT id, household_id FROM person WHERE name = :name", name=name)
        await screening.record(
            county.program,
            "civil.temporary_aid",
            {"id": str(person.id)},
            str(person.household_id),
            date(2024, 5, 27),
            temporary_aid_fen=600_000,
        )
    await screening.screen(county.program)
    hits = await screening.everything(county.program, Hit)
    [zhao] = await county.ask("SELECT id FROM person WHERE name = '赵六'")
    assert [(hit.rule_id, hit.person_id) for hit in hits if hit.rule_id == "R18"] == [("R18", zhao.id)]


async def test_facts_and_measures_follow_a_household_that_moves(county):
    monitored = {"monitoring_type": "1", "registered_on": "2024-05-17", "risk_1": "因病"}
    await county.imports(table(DASHAN | AID | monitored), exported_on="2024-05-31")
    home = await household_id(county)
    async with UnitOfWork(
        county.program.database, officer(), county.program.clock, county.program.vault, area=Area.everywhere()
    ) as unit:
        await unit.connection.exec_driver_sql("UPDATE household SET region = 610998101201")
        await everything_follows(unit, [home])
    found = await county.ask("SELECT region FROM imported_measure")
    assert {one.region for one in found} == {610998101201}
    found = await county.ask("SELECT region FROM monitoring_fact ORDER BY known_since")
    assert [one.region for one in found] == [VILLAGE, 610998101201], "both know it, each since it was told"
