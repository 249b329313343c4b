"""What in a record is wrong or doubtful: every rule breaks alone on a household that is otherwise right."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, HouseholdKind, MonitoringType, Risk
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.households.rules.dates import age_on, months_after
from services.monitoring.households.rules.facts import HouseholdFacts, IncomeFigures, MonitoringFacts, PersonFacts
from services.monitoring.households.rules.finding import Context, Severity
from services.monitoring.households.rules.judgement import judge_household, judge_person, rule_notes
from services.monitoring.households.thresholds import DEFAULTS, ParameterRow, Thresholds

TODAY = date(2024, 6, 3)
LIMITS = Thresholds.from_rows(DEFAULTS)
CONTEXT = Context(TODAY, LIMITS, frozenset({"610999"}))
R = Relation

DASHAN = PersonFacts(
    relation=R.HEAD,
    certificate="610999197403123010",
    birth_date=date(1974, 3, 12),
    sex=Sex.MALE,
    education=Education.JUNIOR_HIGH,
    labour_skill=LabourSkill.ORDINARY,
    health=frozenset({Health.HEALTHY}),
    insured=True,
)
XIULAN = replace(
    DASHAN,
    relation=R.SPOUSE,
    certificate="610999197608053028",
    birth_date=date(1976, 8, 5),
    sex=Sex.FEMALE,
    labour_skill=LabourSkill.WEAK,
    health=frozenset({Health.SERIOUS}),
)
SON = replace(
    DASHAN,
    relation=R.SON,
    certificate="610999200609183013",
    birth_date=date(2006, 9, 18),
    education=None,
    school_stage=SchoolStage.VOCATIONAL_2,
    labour_skill=LabourSkill.NONE,
    gets_yulu=True,
)
DAUGHTER = replace(
    SON,
    relation=R.DAUGHTER,
    certificate="610999201302273043",
    birth_date=date(2013, 2, 27),
    sex=Sex.FEMALE,
    school_stage=SchoolStage.PRIMARY,
    gets_yulu=False,
)
FATHER = replace(
    DASHAN,
    relation=R.FATHER,
    certificate="61099919480101305942",
    birth_date=date(1948, 1, 1),
    education=Education.PRIMARY,
    labour_skill=LabourSkill.NONE,
    health=frozenset({Health.DISABLED}),
)
MONITORING = MonitoringFacts(
    monitoring_type=MonitoringType.SUDDEN_HARDSHIP,
    risks=(Risk.ILLNESS, Risk.SCHOOLING, Risk.DISABILITY),
    registered_on=date(2024, 6, 17),
    self_pay_fen=20_000_00,
    has_contact=True,
)
A = HouseholdFacts(
    kind=HouseholdKind.LIFTED,
    members=(DASHAN, XIULAN, SON, DAUGHTER, FATHER),
    cultivated_land_mu=Decimal("6.5"),
    monitoring=MONITORING,
)
AFTER = IncomeFigures(
    wage_fen=1,
    operating_income_fen=0,
    property_fen=0,
    transfer_fen=0,
    operating_expense_fen=0,
    net_fen=1,
    claims_fen=0,
    self_pay_fen=0,
)
ELIMINATED = replace(
    MONITORING,
    eliminated_on=date(2025, 7, 18),
    elimination_mode=EliminationMode.HELPED,
    income_after=AFTER,
)


def found(household, context=CONTEXT):
    judged = judge_household(household, context)
    return [(finding.code, finding.pointer) for finding in (*judged.errors, *judged.doubts)]


def with_member(place, **changes):
    members = list(A.members)
    members[place] = replace(members[place], **changes)
    return replace(A, members=tuple(members))


def monitored(base=MONITORING, **changes):
    return replace(A, monitoring=replace(base, **changes))


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
    newborn = judge_person(
        replace(DAUGHTER, birth_date=None, school_stage=SchoolStage.BEFORE_SCHOOL),
        replace(CONTEXT, today=date(2013, 2, 26)),
    )
    assert [finding.code for finding in newborn.errors] == ["identity_number_future"]


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
    codes = [finding.code for finding in judge_person(person, CONTEXT).doubts]
    assert ("destitute_looks_able" in codes) is doubtful


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"members": ()}, ("head_missing", "/members")),
        ({"members": (DASHAN, replace(SON, relation=R.SELF))}, ("heads_several", "/members/1/relation")),
        ({"members": (DASHAN, XIULAN, replace(XIULAN, relation=R.WIFE))}, ("spouses_several", "/members/2/relation")),
        ({"members": (DASHAN, DASHAN)}, ("certificate_twice", "/members/1/certificate")),
        ({"members": (DASHAN, replace(XIULAN, sex=Sex.MALE))}, ("spouse_of_same_sex", "/members/1/sex")),
        (
            {"members": (DASHAN, replace(FATHER, relation=R.SON))},
            ("generation_contradicts_age", "/members/1/birth_date"),
        ),
        (
            {"members": (replace(FATHER, relation=R.HEAD), replace(DASHAN, relation=R.FATHER))},
            ("generation_contradicts_age", "/members/1/birth_date"),
        ),
        ({"members": (DASHAN,) * 16}, ("members_many", "/members")),
        ({"cultivated_land_mu": Decimal("100.01")}, ("cultivated_land_out_of_range", "/cultivated_land_mu")),
        ({"cultivated_land_mu": Decimal("-0.01")}, ("cultivated_land_out_of_range", "/cultivated_land_mu")),
        (
            {
                "kind": HouseholdKind.ORDINARY,
                "monitoring": replace(MONITORING, monitoring_type=MonitoringType.UNSTABLE_LIFTED),
            },
            ("type_contradicts_kind", "/monitoring/monitoring_type"),
        ),
        (
            {"monitoring": replace(MONITORING, monitoring_type=MonitoringType.MARGINAL)},
            ("type_contradicts_kind", "/monitoring/monitoring_type"),
        ),
        ({"members": (DASHAN, XIULAN)}, ("disability_risk_without_disabled", "/monitoring/risks")),
        ({"members": (DASHAN, SON)}, ("illness_risk_without_ill", "/monitoring/risks")),
    ],
)
def test_a_households_finding_is_named_with_its_field(changes, finding):
    assert finding in found(replace(A, **changes))


@pytest.mark.parametrize("area", ["0", "100"])
def test_land_at_the_limits_is_in_range(area):
    assert found(replace(A, cultivated_land_mu=Decimal(area))) == []


def test_fifteen_members_are_not_too_many_and_adopted_children_may_be_of_any_age():
    children = tuple(
        replace(SON, relation=R.ADOPTED_SON, certificate=None, birth_date=date(1990, 1, n + 1)) for n in range(10)
    )
    codes = {code for code, _ in found(replace(A, members=(*A.members, *children)))}
    assert "members_many" not in codes
    assert "generation_contradicts_age" not in codes


def test_a_number_that_stands_twice_is_an_error_of_the_second():
    judged = judge_household(replace(A, members=(*A.members, replace(SON, relation=R.OTHER_SON))), CONTEXT)
    assert [(finding.code, finding.member) for finding in judged.errors] == [("certificate_twice", 5)]


def test_a_disability_number_and_its_holders_number_are_one_person():
    twin = replace(FATHER, certificate="610999194801013059")
    judged = judge_household(replace(A, members=(*A.members, twin)), CONTEXT)
    assert [finding.code for finding in judged.errors] == ["certificate_twice"]


@pytest.mark.parametrize(
    ("household", "findings"),
    [
        (monitored(risks=()), [("risk_missing", "/monitoring/risks")]),
        (monitored(risks=(Risk.SCHOOLING,) * 2), [("risks_many", "/monitoring/risks")]),
        (
            monitored(risks=tuple(Risk)[:6], disaster_kind=DisasterKind.SEA),
            [("risks_many", "/monitoring/risks")],
        ),
        (monitored(risks=(Risk.OTHER,)), [("risk_unexplained", "/monitoring/risks")]),
        (monitored(risks=(Risk.OTHER,), risks_explained=True), []),
        (monitored(risks=(Risk.NATURAL_DISASTER,)), [("disaster_kind_missing", "/monitoring/disaster_kind")]),
        (monitored(risks=(Risk.NATURAL_DISASTER,), disaster_kind=DisasterKind.WEATHER_AND_WATER), []),
        (monitored(self_pay_fen=0), [("illness_risk_without_self_pay", "/monitoring/self_pay_fen")]),
        (monitored(self_pay_fen=None), [("illness_risk_without_self_pay", "/monitoring/self_pay_fen")]),
        (monitored(self_pay_fen=None, risks=(Risk.SCHOOLING,)), []),
        (monitored(has_contact=False), [("contact_missing", "/monitoring/contact")]),
        (
            monitored(ELIMINATED, eliminated_on=date(2024, 6, 16), elimination_mode=EliminationMode.NATURAL),
            [("eliminated_before_registration", "/monitoring/eliminated_on")],
        ),
        (
            monitored(ELIMINATED, eliminated_on=date(2024, 8, 16)),
            [("helped_elimination_too_soon", "/monitoring/eliminated_on")],
        ),
        (monitored(ELIMINATED, eliminated_on=date(2024, 8, 17)), []),
        (monitored(ELIMINATED, eliminated_on=date(2024, 8, 16), elimination_mode=EliminationMode.NATURAL), []),
        (
            monitored(ELIMINATED, income_after=replace(AFTER, net_fen=None, claims_fen=None)),
            [
                ("eliminated_income_blank", "/monitoring/income_after/net_fen"),
                ("eliminated_income_blank", "/monitoring/income_after/claims_fen"),
            ],
        ),
    ],
)
def test_doubts_of_a_monitored_household(household, findings):
    assert found(household) == findings


def test_an_eliminated_household_without_any_figures_lacks_all_eight():
    fields = [pointer for _, pointer in found(monitored(ELIMINATED, income_after=None))]
    assert len(fields) == 8


def test_a_household_that_lacks_labour_is_not_eliminated():
    old = (replace(FATHER, labour_skill=LabourSkill.LOST), replace(DASHAN, labour_skill=LabourSkill.NONE))
    without = replace(A, members=old, monitoring=replace(ELIMINATED, risks=(Risk.DISABILITY,)))
    assert found(without) == [("eliminated_without_labour", "/monitoring/eliminated_on")]
    weak = replace(without, members=(old[0], replace(old[1], labour_skill=LabourSkill.WEAK)))
    assert found(weak) == []
    unknown = replace(without, members=tuple(replace(member, labour_skill=None) for member in old))
    assert found(unknown) == []


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


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_an_age_rises_on_the_birthday(born, day):
    age = age_on(born, day)
    assert months_after(born, age * 12) <= day
    next_birthday = months_after(born, (age + 1) * 12)
    assert day < next_birthday or (born.month, born.day) == (2, 29)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_months_after_falls_into_the_right_month(day, months):
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and months_after(later.replace(day=1), 1).day == 1)


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
