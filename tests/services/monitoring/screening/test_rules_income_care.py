"""R21 to R27 fire at their thresholds, not below, and keep every note of the design."""

from __future__ import annotations

from datetime import date

YEARLY, YEAR_BEFORE, ROLLING = date(2023, 9, 30), date(2022, 9, 30), date(2024, 5, 31)


def test_r21_compares_the_yearly_update_with_the_line_strictly(county):
    def household(case, net, window="annual", end=YEARLY, **facts):
        county.statement(county.household(case, **facts), window, end, net, members=4)

    household("0.01 below for four", 4 * 792_000 - 1)
    household("at the line", 4 * 792_000)
    household("below, twelve months only", 1, "rolling", ROLLING)
    household("no line in force", 1, line_fen=None)
    household("a loss", -500_000)
    assert county.fired("R21") == {"0.01 below for four", "a loss"}


def test_r21_goes_by_the_latest_yearly_update(county):
    household = county.household("better since")
    county.statement(household, "annual", YEAR_BEFORE, 1, members=4)
    county.statement(household, "annual", YEARLY, 9_000_000, members=4)
    county.statement(household, "annual", date(2024, 9, 30), 1, members=4)  # not over on the day of screening
    assert county.fired("R21") == set()


def test_r22_fires_for_the_sample_household_whose_spending_takes_it_below(county):
    def household(case, net, ref):
        county.statement(county.household(case), "rolling", ROLLING, net, members=5, ref=ref)

    household("net 8,000, reference 4,000 a head", 4_000_000, 2_000_000)
    household("reference at the line", 4_000_000, 5 * 792_000)
    household("reference 0.01 below", 5 * 792_000, 5 * 792_000 - 1)
    household("net below as well", 5 * 792_000 - 1, 2_000_000)
    assert county.fired("R22") == {"net 8,000, reference 4,000 a head", "reference 0.01 below"}


def test_r23_fires_from_a_fall_of_30_percent_a_head_close_to_the_line(county):
    def household(case, before, now, members=(4, 4)):
        of = county.household(case)
        county.statement(of, "annual", YEAR_BEFORE, before, members=members[0])
        county.statement(of, "annual", YEARLY, now, members=members[1])

    household("fell 30 %", 5_000_000, 3_500_000)
    household("fell just less", 5_000_000, 3_500_001)
    household("fell, but far above the line", 9_000_000, 3_801_600)
    household("fell to just under 1.2 lines", 9_000_000, 3_801_599)
    household("a head it rose, two left", 5_000_000, 3_500_000, members=(4, 2))
    household("was already negative", -1, -5_000_000)
    county.statement(county.household("no year before"), "annual", YEARLY, 1, members=4)
    assert county.fired("R23") == {"fell 30 %", "fell to just under 1.2 lines"}


def test_r24_fires_when_the_main_worker_is_dead_or_in_prison(county):
    def household(case, status, *wages, skill="ordinary", is_member=True):
        of = county.household(case)
        people = [
            county.person(of, labour_skill=skill, is_member=is_member or number > 0)
            for number in range(max(len(wages), 1))
        ]
        for person, wage in zip(people, wages, strict=False):
            county.record("record_wage", person, date(2024, 5, 1), wage_12m_fen=wage)
        county.record("record_life_status", people[0], life_status=status)

    household("the only worker", "dead")
    household("the one with the highest wage, gone from the register", "dead", 3_000_000, 1_000_000, is_member=False)
    household("the one with the lower wage", "imprisoned", 1_000_000, 3_000_000)
    household("in prison", "imprisoned", 3_000_000, 1_000_000)
    household("released", "released")
    household("an elder without labour", "dead", skill="none")
    assert county.fired("R24") == {
        "the only worker", "the one with the highest wage, gone from the register", "in prison"
    }  # fmt: skip


def test_r24_goes_by_the_latest_status(county):
    person = county.one("released since", person_labour_skill="skilled")
    county.record("record_life_status", person, date(2024, 1, 1), life_status="imprisoned")
    county.record("record_life_status", person, date(2024, 5, 1), life_status="released")
    assert county.fired("R24") == set()


def test_r25_fires_for_a_resettled_household_with_labour_and_nobody_at_work(county):
    def household(case, works, *, resettled=True, skill="ordinary", ledger=None):
        person = county.one(case, is_resettled=resettled, person_labour_skill=skill)
        if works is not None:
            county.record("record_work", person, is_working=works)
        if ledger is not None:
            county.record("record_resettlement", person, employed_count=ledger)

    household("nobody at work", False)
    household("at work", True)
    household("not resettled", False, resettled=False)
    household("no labour", False, skill="lost")
    household("not known", None)
    household("not known, ledger says nobody", None, ledger=0)
    household("not known, ledger says one", None, ledger=1)
    household("at work, ledger says nobody", True, ledger=0)
    assert county.fired("R25") == {"nobody at work", "not known, ledger says nobody"}


def test_r26_fires_for_calls_about_hardship(county):
    for category in ("hardship", "policy", "conduct", "other"):
        county.record("record_petition", county.one(category), petition_category=category)
    assert county.fired("R26") == {"hardship"}


def test_r27_fires_above_30_days_without_a_visit_by_anyone(county):
    def listed(case, last_visit, listed_on=date(2023, 9, 1)):
        person = county.one(case)
        county.record(
            "record_left_behind", person, left_behind_kind="elder", listed_on=listed_on, last_visit_on=last_visit
        )
        return person

    listed("31 days", date(2024, 5, 3))
    listed("30 days", date(2024, 5, 4))
    listed("never visited", None)
    listed("just listed", None, listed_on=date(2024, 5, 10))
    ours = listed("we came since", date(2024, 1, 1))
    county.row("person_visits", person_id=ours, visited_on=date(2024, 5, 20))
    assert county.fired("R27") == {"31 days", "never visited"}
