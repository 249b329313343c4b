"""A changed fact of a household's monitoring is added with its day; what held before is never overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, MonitoringType, Risk
from services.monitoring.households.rules.monitoring_facts import Monitoring, SaidMonitoring, facts_after

REGISTERED, ELIMINATED, EXPORTED = date(2023, 5, 10), date(2024, 4, 20), date(2024, 5, 31)
SAID = SaidMonitoring(
    monitoring_type=MonitoringType.UNSTABLE_LIFTED, registered_on=REGISTERED, risks=(Risk.ILLNESS, Risk.SCHOOLING)
)
KNOWN = Monitoring(
    monitoring_type=MonitoringType.UNSTABLE_LIFTED, risks=(Risk.ILLNESS, Risk.SCHOOLING), registered_on=REGISTERED
)


def days_and_states(known, said, on=EXPORTED):
    return [tuple(fact) for fact in facts_after(known, said, on=on)]


def test_the_first_word_of_a_household_holds_from_its_registration():
    assert days_and_states(None, SAID) == [(REGISTERED, KNOWN)]


def test_a_household_that_comes_eliminated_has_two_facts_each_from_its_day():
    said = replace(SAID, eliminated_on=ELIMINATED, elimination_mode=EliminationMode.HELPED)
    ended = replace(KNOWN, eliminated_on=ELIMINATED, elimination_mode=EliminationMode.HELPED)
    assert days_and_states(None, said) == [(REGISTERED, KNOWN), (ELIMINATED, ended)]


def test_the_same_word_again_adds_nothing():
    assert days_and_states(KNOWN, SAID) == []
    assert days_and_states(KNOWN, replace(SAID, risks=None)) == [], "what is left out stays as it is"


def test_another_type_holds_from_the_day_for_which_the_source_speaks():
    said = replace(SAID, monitoring_type=MonitoringType.SUDDEN_HARDSHIP)
    changed = replace(KNOWN, monitoring_type=MonitoringType.SUDDEN_HARDSHIP)
    assert days_and_states(KNOWN, said) == [(EXPORTED, changed)]


def test_another_order_of_risks_is_another_fact_because_the_first_is_the_main_one():
    said = replace(SAID, risks=(Risk.SCHOOLING, Risk.ILLNESS))
    assert [fact.state.risks[0] for fact in facts_after(KNOWN, said, on=EXPORTED)] == [Risk.SCHOOLING]


def test_an_elimination_holds_from_its_own_day_and_other_changes_come_after_it():
    said = replace(
        SAID,
        risks=(Risk.NATURAL_DISASTER,),
        disaster_kind=DisasterKind.WEATHER_AND_WATER,
        eliminated_on=ELIMINATED,
        elimination_mode=EliminationMode.NATURAL,
    )
    ended = replace(KNOWN, eliminated_on=ELIMINATED, elimination_mode=EliminationMode.NATURAL)
    changed = replace(ended, risks=(Risk.NATURAL_DISASTER,), disaster_kind=DisasterKind.WEATHER_AND_WATER)
    assert days_and_states(KNOWN, said) == [(ELIMINATED, ended), (EXPORTED, changed)]


def test_an_elimination_that_the_source_does_not_repeat_stays():
    ended = replace(KNOWN, eliminated_on=ELIMINATED, elimination_mode=EliminationMode.HELPED)
    assert days_and_states(ended, SAID) == []


def test_a_mode_that_comes_later_belongs_to_the_day_of_the_elimination():
    ended = replace(KNOWN, eliminated_on=ELIMINATED)
    said = replace(SAID, elimination_mode=EliminationMode.HELPED)
    known_now = replace(ended, elimination_mode=EliminationMode.HELPED)
    assert days_and_states(ended, said) == [(ELIMINATED, known_now)]


def test_another_registration_begins_anew_and_forgets_the_earlier_end():
    ended = replace(KNOWN, eliminated_on=ELIMINATED, elimination_mode=EliminationMode.HELPED)
    again = replace(SAID, registered_on=date(2024, 5, 20), risks=(Risk.ACCIDENT,))
    begun = Monitoring(
        monitoring_type=MonitoringType.UNSTABLE_LIFTED, risks=(Risk.ACCIDENT,), registered_on=date(2024, 5, 20)
    )
    assert days_and_states(ended, again) == [(date(2024, 5, 20), begun)]
