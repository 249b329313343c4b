"""What in a record is wrong or doubtful: every rule breaks alone on a household that is otherwise right."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.codes.monitoring import HouseholdKind
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.households.rules.facts import HouseholdFacts, PersonFacts
from services.monitoring.households.rules.finding import Severity
from services.monitoring.households.rules.judgement import judge_household
from services.monitoring.households.thresholds import DEFAULTS, ParameterRow, Thresholds
from tests.services.monitoring.households.rules.household_a import (
    CONTEXT,
    DASHAN,
    DAUGHTER,
    ELIMINATED,
    LIMITS,
    MONITORING,
    TODAY,
    A,
    R,
    found,
    with_member,
)
from tests.services.monitoring.households.rules.rule_notes import rule_notes


def test_household_a_is_without_a_finding():
    assert found(A) == []
    assert found(replace(A, monitoring=ELIMINATED)) == []
    assert found(replace(A, monitoring=None)) == []


@pytest.mark.parametrize(
    ("certificate", "codes"),
    [
        ("610999197403123011", ["identity_number_check_digit"]),
        ("6109991974031230", ["certificate_length"]),
        ("610999197402303010", ["identity_number_date", "identity_number_check_digit"]),
        ("6109991974O3123010", ["identity_number_characters"]),
        ("61099919740312301082", ["disability_class"]),
        ("61099919740312301045", ["disability_level"]),
        ("610999197403123010421", ["certificate_length"]),
        ("61099919740312301042ZZ", ["disability_reissue"]),
        ("", ["certificate_length"]),
    ],
)
def test_a_wrong_certificate_is_an_error(certificate, codes):
    judged = judge_household(with_member(0, certificate=certificate), CONTEXT)
    assert [finding.code for finding in judged.errors] == codes
    assert {finding.pointer for finding in judged.errors} == {"/members/0/certificate"}
    assert {finding.severity for finding in judged.errors} == {Severity.ERROR}


def test_a_birth_after_today_in_a_number_is_an_error():
    newborn = replace(DAUGHTER, birth_date=None, school_stage=SchoolStage.BEFORE_SCHOOL)
    judged = judge_household(replace(A, members=(newborn,)), replace(CONTEXT, today=date(2013, 2, 26)))
    assert [finding.code for finding in judged.errors] == ["identity_number_future"]


@pytest.mark.parametrize("certificate", ["61099919740312301042", "61099919740312301042B1"])
def test_a_disability_number_serves_as_certificate(certificate):
    assert found(with_member(0, certificate=certificate, health=frozenset({Health.DISABLED}))) == []


@pytest.mark.parametrize(
    ("place", "changes", "code", "field"),
    [
        (0, {"certificate": None}, "certificate_missing", "certificate"),
        (0, {"certificate": "610999740312301"}, "certificate_former", "certificate"),
        (0, {"birth_date": date(1974, 3, 21)}, "birth_date_differs", "birth_date"),
        (4, {"certificate": None, "birth_date": date(1903, 6, 2)}, "age_unlikely", "birth_date"),
        (2, {"relation": R.DAUGHTER}, "relation_contradicts_sex", "relation"),
        (2, {"relation": R.DAUGHTER, "sex": None}, "relation_contradicts_sex", "relation"),
        (2, {"school_stage": SchoolStage.PRIMARY, "gets_yulu": False}, "school_stage_contradicts_age", "school_stage"),
        (3, {"school_stage": SchoolStage.POSTGRADUATE}, "school_stage_contradicts_age", "school_stage"),
        (0, {"education": None}, "education_and_stage", "education"),
        (3, {"education": Education.PRIMARY}, "education_and_stage", "education"),
        (2, {"labour_skill": LabourSkill.SKILLED}, "pupil_counted_as_labour", "labour_skill"),
        (3, {"gets_yulu": True}, "yulu_without_vocational_stage", "gets_yulu"),
        (0, {"is_destitute": True}, "destitute_looks_able", "is_destitute"),
        (0, {"insured": None}, "insured_blank", "insured"),
        (4, {"health": frozenset({Health.CHRONIC})}, "disability_not_in_health", "health"),
        (0, {"health": frozenset({Health.HEALTHY, Health.CHRONIC})}, "healthy_and_ill", "health"),
        (0, {"relation": None}, "relation_missing", "relation"),
    ],
)
def test_a_members_doubt_is_named_with_its_field(place, changes, code, field):
    household = with_member(place, **changes)
    assert (code, f"/members/{place}/{field}") in found(household)
    assert judge_household(household, CONTEXT).errors == ()


def test_a_sex_that_the_number_denies_is_doubtful_with_all_that_follows():
    assert found(with_member(0, sex=Sex.FEMALE)) == [
        ("sex_differs", "/members/0/sex"),
        ("spouse_of_same_sex", "/members/1/sex"),
    ]


def test_an_unknown_sex_contradicts_nothing():
    assert found(with_member(0, sex=Sex.UNKNOWN)) == []
    assert found(with_member(0, sex=None)) == []


def test_a_county_that_nobody_knows_is_doubtful():
    codes = {code for code, _ in found(A, replace(CONTEXT, known_areas=frozenset()))}
    assert codes == {"certificate_area_unknown"}


@pytest.mark.parametrize(("born", "doubtful"), [(date(2024, 3, 4), False), (date(2024, 3, 3), True)])
def test_a_newborn_may_lack_a_number_for_three_months(born, doubtful):
    baby = replace(DAUGHTER, certificate=None, birth_date=born, school_stage=SchoolStage.BEFORE_SCHOOL)
    codes = [code for code, _ in found(replace(A, members=(*A.members, baby)))]
    assert codes == (["certificate_missing"] if doubtful else [])


def test_a_birth_after_today_in_the_record_alone_is_doubtful():
    baby = replace(DAUGHTER, certificate=None, birth_date=date(2024, 6, 4), school_stage=SchoolStage.BEFORE_SCHOOL)
    assert found(replace(A, members=(*A.members, baby))) == [("birth_after_today", "/members/5/birth_date")]


@pytest.mark.parametrize(
    ("age", "health", "stage", "doubtful"),
    [
        (18, {Health.HEALTHY}, None, True),
        (59, {Health.HEALTHY}, None, True),
        (17, {Health.HEALTHY}, None, False),
        (60, {Health.HEALTHY}, None, False),
        (40, {Health.DISABLED}, None, False),
        (40, set(), None, False),
        (19, {Health.HEALTHY}, SchoolStage.SENIOR_HIGH_3, False),
    ],
)
def test_who_is_destitute_though_able(age, health, stage, doubtful):
    person = replace(
        DASHAN,
        certificate=None,
        birth_date=TODAY.replace(year=TODAY.year - age),
        is_destitute=True,
        health=frozenset(health),
        school_stage=stage,
    )
    codes = [finding.code for finding in judge_household(replace(A, members=(person,)), CONTEXT).doubts]
    assert ("destitute_looks_able" in codes) is doubtful


def test_messages_carry_the_areas_own_numbers_and_say_what_to_do():
    rows = [replace(row, value=30) if row.key == "households.cultivated_land_mu_max" else row for row in DEFAULTS]
    context = replace(CONTEXT, thresholds=Thresholds.from_rows(rows))
    [doubt] = judge_household(replace(A, cultivated_land_mu=Decimal(31)), context).doubts
    assert "0至30亩" in doubt.message.zh
    assert "0 to 30 亩" in doubt.message.en
    assert doubt.as_fault().pointer == "/cultivated_land_mu"


def test_every_rule_has_its_own_code_and_words():
    notes = rule_notes(LIMITS)
    assert len({note.code for note in notes}) == len(notes)
    assert {note.code for note in notes if note.severity is Severity.ERROR} == {
        "certificate_length",
        "certificate_twice",
        "disability_class",
        "disability_level",
        "disability_reissue",
        "identity_number_century",
        "identity_number_characters",
        "identity_number_check_digit",
        "identity_number_date",
        "identity_number_future",
    }
    for note in notes:
        assert note.clause
        assert not {"{", "}"} & set(note.message.zh + note.message.en)


def test_facts_are_silent():
    assert "1974" not in repr(A) + repr(DASHAN) + repr(MONITORING)


def test_missing_parameters_are_all_named():
    with pytest.raises(ValueError, match=r"households.members_max.*households.school_age.primary.min"):
        Thresholds.from_rows(
            row for row in DEFAULTS if row.key not in ("households.members_max", "households.school_age.primary.min")
        )


def test_parameter_rows_are_unique_and_sourced():
    assert len({row.key for row in DEFAULTS}) == len(DEFAULTS)
    assert all(isinstance(row, ParameterRow) and row.source and row.unit for row in DEFAULTS)


certificates = st.sampled_from([None, "", "x", "610999197403123010", "610999740312301", "61099919480101305942"])
people = st.builds(
    PersonFacts,
    relation=st.none() | st.sampled_from(Relation),
    certificate=certificates,
    birth_date=st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    sex=st.none() | st.sampled_from(Sex),
    education=st.none() | st.sampled_from(Education),
    school_stage=st.none() | st.sampled_from(SchoolStage),
    labour_skill=st.none() | st.sampled_from(LabourSkill),
    health=st.frozensets(st.sampled_from(Health)),
    insured=st.none() | st.booleans(),
    is_destitute=st.booleans(),
    gets_yulu=st.booleans(),
)


@given(st.lists(people, max_size=6), st.sampled_from(HouseholdKind))
def test_any_household_can_be_judged_and_findings_point_into_it(members, kind):
    household = HouseholdFacts(kind=kind, members=tuple(members), monitoring=MONITORING)
    judged = judge_household(household, CONTEXT)
    for finding in (*judged.errors, *judged.doubts):
        assert finding.member is None or finding.member < len(members)
    assert all("610999" not in finding.message.zh for finding in (*judged.errors, *judged.doubts))
