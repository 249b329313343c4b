"""R01 to R10 fire at their thresholds, not below, and keep every note of the design."""

from __future__ import annotations

from datetime import date


def test_r01_fires_from_the_threshold_for_lifted_and_monitored_only(county):
    for case, facts, fen in [
        ("lifted, at 5,000", {"is_lifted": True}, 500_000),
        ("lifted, 0.01 below", {"is_lifted": True}, 499_999),
        ("monitored, at 5,000", {"is_monitored": True}, 500_000),
        ("lifted person in an ordinary household", {"person_is_lifted": True}, 500_000),
        ("ordinary", {}, 1_900_000),
    ]:
        county.record("record_self_pay", county.one(case, **facts), self_pay_fen=fen)
    assert county.fired("R01") == {
        "lifted, at 5,000", "monitored, at 5,000", "lifted person in an ordinary household"
    }  # fmt: skip


def test_r01_counts_self_pay_since_1_january_by_the_latest_row(county):
    last_year = county.one("last year's sum", is_lifted=True)
    county.record("record_self_pay", last_year, date(2023, 12, 31), self_pay_fen=900_000)
    corrected = county.one("a later month is lower", is_lifted=True)
    county.record("record_self_pay", corrected, date(2024, 3, 31), self_pay_fen=900_000)
    county.record("record_self_pay", corrected, date(2024, 4, 30), self_pay_fen=100_000)
    grown = county.one("a later month is higher", is_lifted=True)
    county.record("record_self_pay", grown, date(2024, 3, 31), self_pay_fen=100_000)
    source = county.record("record_self_pay", grown, date(2024, 4, 30), self_pay_fen=2_000_000)
    (hit,) = county.hits("R01")
    assert hit["person_id"] == str(grown)
    assert hit["source_records"] == [str(source)]
    assert hit["growing_value"] == 2_000_000


def test_r01_does_not_fire_for_someone_who_left_the_household(county):
    gone = county.one("dead", is_lifted=True, person_is_member=False)
    county.record("record_self_pay", gone, self_pay_fen=900_000)
    assert county.fired("R01") == set()


def test_r02_fires_from_its_threshold_for_ordinary_households_only(county):
    for case, facts, fen in [
        ("ordinary, at 20,000", {}, 2_000_000),
        ("ordinary, 0.01 below", {}, 1_999_999),
        ("lifted", {"is_lifted": True}, 3_000_000),
        ("lifted person", {"person_is_lifted": True}, 3_000_000),
        ("monitored", {"is_monitored": True}, 3_000_000),
    ]:
        county.record("record_self_pay", county.one(case, **facts), self_pay_fen=fen)
    assert county.fired("R02") == {"ordinary, at 20,000"}


def test_r03_has_one_threshold_for_monitored_and_another_for_the_rest(county):
    for case, facts, fen, day in [
        ("monitored, at 6,000", {"is_monitored": True}, 600_000, date(2024, 5, 20)),
        ("monitored, 0.01 below", {"is_monitored": True}, 599_999, date(2024, 5, 20)),
        ("other, at 10,000", {}, 1_000_000, date(2024, 5, 20)),
        ("other, 0.01 below", {}, 999_999, date(2024, 5, 20)),
        ("twelve months ago", {}, 1_000_000, date(2023, 6, 1)),
        ("thirteen months ago", {}, 1_000_000, date(2023, 5, 31)),
    ]:
        county.record("record_stay", county.one(case, **facts), day, stay_self_pay_fen=fen)
    assert county.fired("R03") == {"monitored, at 6,000", "other, at 10,000", "twelve months ago"}


def test_r03_judges_each_of_two_stays_alone(county):
    person = county.one("two stays")
    county.record("record_stay", person, date(2024, 4, 1), stay_self_pay_fen=600_000)
    second = county.record("record_stay", person, date(2024, 5, 1), stay_self_pay_fen=1_100_000)
    assert [hit["record_id"] for hit in county.hits("R03")] == [str(second)]


def test_r04_fires_from_500_yuan_in_a_month(county):
    for case, fen in [("at 500", 50_000), ("0.01 below", 49_999)]:
        county.record("record_outpatient", county.one(case), outpatient_self_pay_fen=fen)
    assert county.fired("R04") == {"at 500"}


def test_r05_skips_insured_elsewhere_soldiers_and_newborns_in_grace(county):
    def insured(person, status):
        county.record("record_insurance", person, date(2024, 1, 5), insured_year=2024, insurance_status=status)

    insured(county.one("not insured"), "not_insured")
    insured(county.one("insured"), "insured")
    insured(county.one("insured elsewhere"), "insured_elsewhere")
    insured(county.one("soldier", person_is_soldier=True), "not_insured")
    insured(county.one("newborn on day 90", person_birth_date=date(2024, 3, 5)), "not_insured")
    insured(county.one("newborn on day 91", person_birth_date=date(2024, 3, 4)), "not_insured")
    county.one("not on the list while it is incomplete")
    mixed = county.household("one of two")
    insured(county.person(mixed), "insured")
    insured(county.person(mixed), "not_insured")
    assert county.fired("R05") == {"not insured", "newborn on day 91", "one of two"}


def test_r05_starts_after_the_enrolment_season(county):
    person = county.one("not insured")
    county.record("record_insurance", person, date(2024, 1, 5), insured_year=2024, insurance_status="not_insured")
    assert county.fired("R05", as_of=date(2024, 2, 29)) == set()
    assert county.fired("R05", as_of=date(2024, 3, 1)) == {"not insured"}


def test_r05_takes_absence_for_not_insured_once_the_list_is_complete(county):
    listed, _ = county.one("listed"), county.one("absent")
    county.record("record_insurance", listed, date(2024, 1, 5), insured_year=2024, insurance_status="insured")
    assert county.fired("R05") == set()
    county.row("coverage", contract="medical.insurance", period_start=date(2024, 1, 1), period_end=date(2024, 12, 31))
    assert county.fired("R05") == {"absent"}


def test_r06_fires_for_the_first_report_of_a_listed_disease(county):
    county.row("listed_diseases", category="C34")
    county.record("record_disease", county.one("listed"), disease_category="C34")
    county.record("record_disease", county.one("not listed"), disease_category="J06")
    again = county.one("reported before the year")
    county.record("record_disease", again, date(2023, 1, 10), disease_category="C34")
    county.record("record_disease", again, date(2024, 5, 10), disease_category="C34")
    assert county.fired("R06") == {"listed"}


def test_r07_fires_for_the_four_kinds_without_a_contract_in_force(county):
    def managed(case, kind, **facts):
        county.record("record_chronic", county.one(case), chronic_kind=kind, **facts)

    for kind in ("hypertension", "diabetes", "tuberculosis", "mental"):
        managed(kind, kind)
    managed("other kind", "other")
    managed("signed", "diabetes", signed_on=date(2024, 1, 1))
    managed("ends today", "diabetes", signed_on=date(2023, 6, 4), ends_on=date(2024, 6, 3))
    managed("ended yesterday", "diabetes", signed_on=date(2023, 6, 3), ends_on=date(2024, 6, 2))
    renewed = county.one("signed since")
    county.record("record_chronic", renewed, date(2024, 3, 31), chronic_kind="diabetes")
    county.record("record_chronic", renewed, date(2024, 5, 31), chronic_kind="diabetes", signed_on=date(2024, 5, 1))
    assert county.fired("R07") == {"hypertension", "diabetes", "tuberculosis", "mental", "ended yesterday"}


def test_r08_fires_for_children_of_school_age_who_dropped_out(county):
    def child(case, birth_date, status):
        person = county.one(case, person_birth_date=birth_date)
        county.record("record_school", person, date(2024, 3, 1), school_status=status)

    child("six at the start of the school year", date(2017, 8, 31), "dropped_out")
    child("six a day later", date(2017, 9, 1), "dropped_out")
    child("fifteen", date(2008, 6, 4), "dropped_out")
    child("sixteen today", date(2008, 6, 3), "dropped_out")
    for status in ("enrolled", "enrolled_elsewhere", "home_teaching", "exempt_medical", "suspended", "graduated"):
        child(status, date(2013, 2, 27), status)
    assert county.fired("R08") == {"six at the start of the school year", "fifteen"}


def test_r08_takes_absence_from_the_complete_roll_of_this_school_year(county):
    child = county.one("absent this year", person_birth_date=date(2013, 2, 27))
    county.record("record_school", child, date(2023, 3, 1), school_status="enrolled")
    assert county.fired("R08") == set()
    county.row("coverage", contract="education.status", period_start=date(2023, 9, 1), period_end=date(2024, 8, 31))
    assert county.fired("R08") == {"absent this year"}


def test_r09_fires_from_10_000_yuan_outside_compulsory_schooling(county):
    for case, stage, fen in [
        ("vocational, at 10,000", "secondary_vocational", 1_000_000),
        ("vocational, 0.01 below", "secondary_vocational", 999_999),
        ("preschool", "preschool", 1_000_000),
        ("primary", "primary", 2_000_000),
        ("junior", "junior", 2_000_000),
    ]:
        county.record("record_school_cost", county.one(case), study_stage=stage, school_net_cost_fen=fen)
    assert county.fired("R09") == {"vocational, at 10,000", "preschool"}


def test_r10_fires_for_a_newly_severe_level_and_not_for_a_reissue(county):
    def certificates(case, *levels):
        person = county.one(case)
        for number, level in enumerate(levels):
            county.record("record_disability", person, date(2023, 8 + number, 1), disability_level=level)

    certificates("level 1", 1)
    certificates("level 2", 2)
    certificates("level 3", 3)
    certificates("from 3 to 2", 3, 2)
    certificates("reissued at 1", 2, 1)
    certificates("from 1 to 3", 1, 3)
    county.record("record_disability", county.one("long ago"), date(2018, 1, 1), disability_level=1)
    assert county.fired("R10") == {"level 1", "level 2", "from 3 to 2"}
