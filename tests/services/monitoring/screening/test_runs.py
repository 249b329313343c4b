"""A run on the database: from a department's row to one explained clue, and what becomes of it when the row changes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.entitlements.seeding import load_policies
from services.monitoring.measures.tables import ImportedMeasure, Measure
from services.monitoring.screening.actions.request_run import RunCause
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.screening.tables import RuleVersion
from tests import personas
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.screening.county_data import MAY, SELF_PAY


async def test_r01_fires_for_the_wife_on_the_third_of_june(asks, monitoring, chen):
    household, wife = chen
    run = await county.screen(monitoring)
    assert (run.state, run.counts["fired"], run.counts["clues_raised"], run.counts["hits"]) == ("succeeded", 1, 1, 1)
    [clue] = await county.everything(monitoring, Clue)
    [hit] = await county.everything(monitoring, Hit)
    assert (str(clue.household_id), clue.severity, clue.hit_count, clue.version) == (household["id"], 3, 1, 1)
    assert (hit.rule_id, hit.rule_version, str(hit.person_id), hit.fact_value) == ("R01", 1, wife["id"], 2_000_000)
    assert hit.thresholds == {"self_pay_monitored_min_fen": 500_000}
    assert (hit.source_dataset, hit.source_row, hit.source_records) == (SELF_PAY, 7, [wife["record"]])
    assert (clue.due_at - monitoring.clock.business_now()).total_seconds() == 24 * 3600
    assert not list((monitoring.settings.data_directory / "screening").iterdir())


async def test_a_serving_soldier_is_not_missed_among_the_insured(asks, monitoring, chen):
    """R05's note: the forces insure who serves, so medical insurance knows nothing of them."""
    household, _ = chen
    head = next(one for one in household["members"] if one["name"] == "陈大山")
    insurance = {"insurance_status": "not_insured", "insured_year": 2024}
    await county.record(monitoring, "medical.insurance", head, household["id"], MAY, **insurance)
    match = {"If-Match": f'"{head["version"]}"'}
    changed = await asks().patch(f"/persons/{head['id']}", json={"is_soldier": True}, headers=match)
    assert changed.status_code == 200, changed.text
    assert changed.json()["is_soldier"] is True
    await county.screen(monitoring)
    assert {hit.rule_id for hit in await county.everything(monitoring, Hit)} == {"R01"}

    match = {"If-Match": f'"{changed.json()["version"]}"'}
    await asks().patch(f"/persons/{head['id']}", json={"is_soldier": False}, headers=match)
    await county.screen(monitoring)
    assert {hit.rule_id for hit in await county.everything(monitoring, Hit)} == {"R01", "R05"}


async def test_a_second_run_finds_the_same_fact_and_changes_nothing(monitoring, chen):
    for _ in range(2):
        run = await county.screen(monitoring)
    assert (run.counts["fired"], run.counts["hits"], run.counts["hits_updated"], run.counts["hits_withdrawn"]) == (
        1, 0, 0, 0
    )  # fmt: skip
    [clue] = await county.everything(monitoring, Clue)
    assert (clue.version, clue.hit_count) == (1, 1)
    assert len(await county.everything(monitoring, Hit)) == 1


async def test_a_later_month_of_the_same_year_updates_the_value_of_the_fact(monitoring, chen):
    household, wife = chen
    await county.screen(monitoring)
    later = await county.record(monitoring, SELF_PAY, wife, household["id"], date(2024, 6, 1), self_pay_fen=2_300_000)
    run = await county.screen(monitoring)
    [hit] = await county.everything(monitoring, Hit)
    assert (run.counts["hits"], run.counts["hits_updated"], hit.fact_value) == (0, 1, 2_300_000)
    assert hit.source_records == [later]
    [clue] = await county.everything(monitoring, Clue)
    assert (clue.version, clue.hit_count) == (2, 1)


async def test_a_withdrawn_record_withdraws_its_hit_and_the_clue(monitoring, chen):
    _, wife = chen
    await county.screen(monitoring)
    await county.withdraw(monitoring, wife["record"])
    run = await county.screen(monitoring)
    assert (run.counts["hits_withdrawn"], run.counts["clues_withdrawn"]) == (1, 1)
    [clue] = await county.everything(monitoring, Clue)
    [hit] = await county.everything(monitoring, Hit)
    assert (clue.state, hit.state, clue.hit_count) == ("withdrawn", "withdrawn", 0)


async def test_a_fact_of_last_year_stays_until_its_record_goes(monitoring, chen):
    _, wife = chen
    await county.screen(monitoring)
    monitoring.clock.move(days=250)
    await county.screen(monitoring)
    assert [clue.state for clue in await county.everything(monitoring, Clue)] == ["open"]
    await county.withdraw(monitoring, wife["record"], "superseded")
    await county.screen(monitoring)
    assert [clue.state for clue in await county.everything(monitoring, Clue)] == ["withdrawn"]


async def test_a_house_repaired_in_a_later_year_loses_its_clue(monitoring, chen):
    household, wife = chen
    await county.withdraw(monitoring, wife["record"])
    house = {"house_no": "1", "is_only_house": True}
    await county.record(
        monitoring, "housing.appraisals", wife, household["id"], date(2023, 11, 1), **house, house_grade="C"
    )
    await county.screen(monitoring)
    assert [(hit.rule_id, hit.fact_year) for hit in await county.everything(monitoring, Hit)] == [("R11", 2023)]
    await county.screen(monitoring)
    assert [clue.state for clue in await county.everything(monitoring, Clue)] == ["open"], "not repaired yet"
    await county.record(monitoring, "housing.appraisals", wife, household["id"], MAY, **house, house_grade="B")
    run = await county.screen(monitoring)
    assert (run.counts["hits_withdrawn"], run.counts["clues_withdrawn"]) == (1, 1)
    assert [clue.state for clue in await county.everything(monitoring, Clue)] == ["withdrawn"]


async def test_a_fact_goes_along_with_a_person_to_another_household(asks, monitoring, chen):
    former, wife = chen
    other = (await asks().post("/households", json=personas.household(is_lifted=True, lifted_year=2018))).json()
    await county.screen(monitoring)
    async with monitoring.database.transaction(Area.of(county.COUNTY)) as connection:
        moved = {"household": other["id"], "person": wife["id"]}
        await connection.execute(text("UPDATE person SET household_id = :household WHERE id = :person"), moved)
    run = await county.screen(monitoring)
    assert (run.counts["hits"], run.counts["hits_withdrawn"], run.counts["clues_withdrawn"]) == (1, 1, 1)
    clues = {str(clue.household_id): clue.state for clue in await county.everything(monitoring, Clue)}
    assert clues == {former["id"]: "withdrawn", other["id"]: "open"}
    hits = {str(hit.household_id): hit.state for hit in await county.everything(monitoring, Hit)}
    assert hits == {former["id"]: "withdrawn", other["id"]: "standing"}


_EXPORTED = {"state": "in_force", "source_id": new_id()}
_RECORDED = {"state": "running", "risks": [], "timing": "preventive", "description": "临时救助", "source": "民政"}
_RECORDED |= {"version": 1, "recorded_by": "cadre"}


@pytest.mark.parametrize(("table", "own"), [(ImportedMeasure, _EXPORTED), (Measure, _RECORDED)])
async def test_aid_that_a_measure_paid_raises_nothing(monitoring, chen, table, own):
    household, wife = chen
    await county.withdraw(monitoring, wife["record"])
    for key, amount in ((b"ours", 600_000), (b"another's", 700_000)):
        day = date(2024, 5, 20)
        await county.record(
            monitoring, "civil.temporary_aid", wife, household["id"], day, key=key, temporary_aid_fen=amount
        )
    async with monitoring.database.transaction(Area.of(county.COUNTY)) as connection:
        await connection.execute(
            insert(rows(table)).values(
                id=new_id(),
                region=VILLAGE,
                household_id=UUID(household["id"]),
                kind=MeasureKind.COMPREHENSIVE_SECURITY.value,
                started_on=date(2024, 5, 6),
                amount_fen=600_000,
                **own,
            )
        )
    await county.screen(monitoring)
    assert [(hit.rule_id, hit.fact_value) for hit in await county.everything(monitoring, Hit)] == [("R18", 700_000)]


async def test_a_corrected_row_with_the_same_key_goes_on_as_the_same_fact(monitoring, chen):
    household, wife = chen
    stay = {"household_id": household["id"], "event_date": date(2024, 5, 20), "key": b"stay 1"}
    first = await county.record(monitoring, "medical.stays", wife, **stay, stay_self_pay_fen=1_200_000)
    await county.screen(monitoring)
    await county.withdraw(monitoring, first, "superseded")
    second = await county.record(monitoring, "medical.stays", wife, **stay, stay_self_pay_fen=1_300_000)
    await county.screen(monitoring)
    stays = [hit for hit in await county.everything(monitoring, Hit) if hit.rule_id == "R03"]
    assert [(hit.state, hit.fact_value, hit.source_records) for hit in stays] == [("standing", 1_300_000, [second])]


async def test_a_first_load_of_history_raises_clues_without_a_due(monitoring, chen):
    await county.screen(monitoring, RunCause.HISTORY)
    [clue] = await county.everything(monitoring, Clue)
    assert (clue.due_at, clue.severity) == (None, 3)


async def test_a_hit_joins_the_clue_that_a_cadre_raised_and_brings_its_earlier_due(asks, monitoring, chen):
    household, _ = chen
    report = {"household_id": household["id"], "risk": "01", "description": "妻子住院"}
    assert (await asks().post("/reports", json=report)).status_code == 201
    await county.screen(monitoring)
    [clue] = await county.everything(monitoring, Clue)
    assert (clue.hit_count, clue.severity, clue.version) == (2, 3, 2)
    assert clue.due_at == monitoring.clock.business_now() + timedelta(hours=24)


async def test_the_event_of_a_raised_clue_names_no_rule(monitoring, chen):
    await county.screen(monitoring)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        events = (await connection.execute(select(outbox).where(outbox.c.type.like("%clue.raised%")))).all()
    [event] = events
    assert set(event.data) == {"clue", "household", "severity", "due", "state"}
    assert event.data["severity"] == "H"


async def test_seeding_again_changes_nothing(monitoring, chen):
    before = await county.everything(monitoring, RuleVersion)
    await seed_screening(monitoring)
    assert await county.everything(monitoring, RuleVersion) == before
    assert len(before) == 27 + len(load_policies())


async def test_an_officer_asks_for_a_run_and_reads_it(asks, monitoring, chen):
    asked = await asks().post("/screening-runs", json={})
    assert (asked.status_code, asked.json()["state"], asked.json()["cause"]) == (202, "waiting", "officer")
    async with county.working(monitoring):
        await county.ended(monitoring, asked.json()["job_id"])
    read = (await asks().get(f"/screening-runs/{asked.json()['id']}")).json()
    assert (read["state"], read["counts"]["hits"], read["rules"]["R01"]) == ("succeeded", 1, 1)
    assert [one["id"] for one in (await asks().get("/screening-runs")).json()["items"]] == [read["id"]]
    refused = await asks(Role.TOWN_OFFICER, 610999101000).post("/screening-runs", json={})
    assert refused.status_code == 403
