"""R11 to R20 fire at their thresholds, not below, and keep every note of the design."""

from __future__ import annotations

from datetime import date


def test_r11_fires_for_an_only_house_at_c_or_d_by_its_latest_appraisal(county):
    def house(case, *appraisals):
        person = county.one(case)
        for day, facts in appraisals:
            base = {"house_ref": 1, "is_only_house": True}
            county.record("record_house", person, day, **{**base, **facts})

    house("C", (date(2024, 5, 1), {"house_grade": "C"}))
    house("D", (date(2019, 5, 1), {"house_grade": "D"}))
    house("B", (date(2024, 5, 1), {"house_grade": "B"}))
    house("another house", (date(2024, 5, 1), {"house_grade": "D", "is_only_house": False}))
    house("repaired", (date(2024, 5, 1), {"house_grade": "C", "repaired_on": date(2024, 6, 3)}))
    house("repair not finished", (date(2024, 5, 1), {"house_grade": "C", "repaired_on": date(2024, 6, 4)}))
    house("B since", (date(2024, 4, 1), {"house_grade": "D"}), (date(2024, 5, 1), {"house_grade": "B"}))
    assert county.fired("R11") == {"C", "D", "repair not finished"}


def test_r12_fires_above_30_days_or_for_bad_water(county):
    def supply(case, day, **facts):
        county.record("record_water", county.one(case), day, **facts)

    supply("31 days", date(2024, 3, 1), days_off=31, restored_on=date(2024, 4, 1))
    supply("30 days", date(2024, 3, 1), days_off=30, restored_on=date(2024, 3, 31))
    supply("bad water", date(2024, 5, 1), water_quality="fail")
    supply("good water", date(2024, 5, 1), water_quality="pass")
    supply("still cut on day 31", date(2024, 5, 3), days_off=10)
    supply("still cut on day 30", date(2024, 5, 4), days_off=10)
    assert county.fired("R12") == {"31 days", "bad water", "still cut on day 31"}


def test_r13_fires_for_a_damaged_house_or_a_loss_from_10_000_yuan(county):
    for case, facts in [
        ("light damage", {"house_damage": "light", "disaster_loss_fen": 0}),
        ("collapsed, loss unknown", {"house_damage": "collapsed"}),
        ("at 10,000", {"house_damage": "none", "disaster_loss_fen": 1_000_000}),
        ("0.01 below", {"house_damage": "none", "disaster_loss_fen": 999_999}),
        ("nothing known", {}),
    ]:
        county.record("record_disaster", county.one(case), **facts)
    assert county.fired("R13") == {"light damage", "collapsed, loss unknown", "at 10,000"}


def test_r14_fires_for_serious_injury_and_death(county):
    for injury in ("none", "minor", "serious", "death"):
        county.record("record_accident", county.one(injury), injury=injury)
    assert county.fired("R14") == {"serious", "death"}


def worker(county, household, **facts):
    return county.person(household, labour_skill="ordinary", **facts)


def idle_since(county, person, month, told_on=date(2024, 5, 31)):
    county.record("record_work", person, told_on, is_working=False, last_work_month=month)


def test_r15_fires_when_every_member_fit_for_work_is_idle_for_three_whole_months(county):
    def household(case, *last_months, **facts):
        of = county.household(case)
        for month in last_months:
            idle_since(county, worker(county, of, **facts), month)
        return of

    household("since February: March, April, May", date(2024, 2, 1))
    household("since March: April, May", date(2024, 3, 1))
    household("two, both idle", date(2024, 1, 1), date(2023, 12, 1))
    household("two, one too short", date(2024, 1, 1), date(2024, 3, 1))
    household("students do not count", date(2023, 1, 1), is_student=True)
    household("sixty years old", date(2023, 1, 1), birth_date=date(1964, 6, 3))
    household("fifty-nine years old", date(2023, 1, 1), birth_date=date(1964, 6, 4))
    unknown = household("one is not known", date(2023, 1, 1))
    worker(county, unknown)
    county.person(household("a child beside them", date(2023, 1, 1)), birth_date=date(2015, 1, 1))
    assert county.fired("R15") == {
        "since February: March, April, May", "two, both idle", "fifty-nine years old", "a child beside them"
    }  # fmt: skip


def test_r15_knows_spells_of_work_and_service(county):
    def person(case, **facts):
        someone = worker(county, county.household(case), **facts)
        idle_since(county, someone, date(2023, 12, 1), told_on=date(2024, 3, 31))
        return someone

    county.row("work_spells", person_id=person("works since"), started_on=date(2024, 5, 1), ended_on=None)
    county.row(
        "work_spells", person_id=person("worked until April"), started_on=date(2024, 4, 1), ended_on=date(2024, 4, 30)
    )
    county.row(
        "work_spells", person_id=person("worked until January"), started_on=date(2024, 1, 1), ended_on=date(2024, 1, 9)
    )
    person("serves", is_soldier=True)
    assert county.fired("R15") == {"worked until January"}


def test_r15_overrules_an_old_row_at_work_by_a_spell_that_ended_later(county):
    someone = worker(county, county.household("lost since"))
    county.record("record_work", someone, date(2023, 12, 31), is_working=True)
    county.row("work_spells", person_id=someone, started_on=date(2023, 6, 1), ended_on=date(2024, 2, 20))
    assert county.fired("R15") == {"lost since"}


def test_r16_fires_from_a_fall_of_30_percent_against_the_same_month_a_year_before(county):
    def wages(case, now, before, month=date(2024, 5, 1), earlier=date(2023, 5, 1)):
        person = county.one(case)
        county.record("record_wage", person, month, wage_12m_fen=now)
        if before is not None:
            county.record("record_wage", person, earlier, wage_12m_fen=before)

    wages("fell 30 %", 2_100_000, 3_000_000)
    wages("fell just less", 2_100_001, 3_000_000)
    wages("nothing to compare", 0, None)
    wages("never earned", 0, 0)
    wages("another month before", 0, 3_000_000, earlier=date(2023, 4, 1))
    wages("figure three months old", 0, 3_000_000, month=date(2024, 3, 1), earlier=date(2023, 3, 1))
    wages("figure four months old", 0, 3_000_000, month=date(2024, 2, 1), earlier=date(2023, 2, 1))
    assert county.fired("R16") == {"fell 30 %", "figure three months old"}


def test_r17_fires_when_the_allowance_stopped_and_income_is_below_the_line(county):
    def stopped(case, net, *changes, kind="subsistence"):
        household = county.household(case)
        person = county.person(household)
        county.statement(household, "rolling", date(2024, 5, 31), net, members=4)
        for day, change in changes:
            county.record("record_aid_change", person, day, aid_kind=kind, aid_change=change)

    may = date(2024, 5, 1)
    stopped("below", 4 * 792_000 - 1, (may, "stopped"))
    stopped("at the line", 4 * 792_000, (may, "stopped"))
    stopped("lowered", 1, (may, "lowered"))
    stopped("another aid", 1, (may, "stopped"), kind="marginal")
    stopped("granted again", 1, (may, "stopped"), (date(2024, 5, 20), "granted"))
    county.record("record_aid_change", county.one("income unknown"), may, aid_kind="subsistence", aid_change="stopped")
    assert county.fired("R17") == {"below"}


def test_r18_is_silent_on_aid_that_our_own_measure_paid(county):
    def aid(case, fen, measure=None):
        household = county.household(case)
        county.record("record_temporary_aid", county.person(household), date(2024, 5, 20), temporary_aid_fen=fen)
        if measure is not None:
            paid_on, amount = measure
            county.row("support_measures", household_id=household, paid_on=paid_on, amount_fen=amount)

    aid("at 5,000", 500_000)
    aid("0.01 below", 499_999)
    aid("our measure", 600_000, (date(2024, 5, 20), 600_000))
    aid("our measure 31 days before", 600_000, (date(2024, 4, 19), 600_000))
    aid("our measure 32 days before", 600_000, (date(2024, 4, 18), 600_000))
    aid("our measure of another amount", 600_000, (date(2024, 5, 20), 500_000))
    assert county.fired("R18") == {"at 5,000", "our measure 32 days before", "our measure of another amount"}


def test_r19_fires_from_a_loss_of_10_000_yuan(county):
    for case, fen in [("at 10,000", 1_000_000), ("0.01 below", 999_999)]:
        county.record("record_farm_loss", county.one(case), farm_loss_fen=fen)
    assert county.fired("R19") == {"at 10,000"}


def test_r20_fires_from_30_days_by_the_latest_row_of_each_loan(county):
    def credit(case, *rows):
        person = county.one(case)
        for day, loan, days in rows:
            county.record("record_credit", person, day, loan_ref=loan, credit_days_overdue=days)

    may = date(2024, 5, 31)
    credit("30 days", (may, 1, 30))
    credit("29 days", (may, 1, 29))
    credit("repaid since", (date(2024, 4, 30), 1, 60), (may, 1, 0))
    credit("another loan", (may, 1, 0), (may, 2, 45))
    credit("told four months ago", (date(2024, 2, 29), 1, 90))
    assert county.fired("R20") == {"30 days", "another loan"}
