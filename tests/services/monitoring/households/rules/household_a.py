"""Household A, right in everything, and what a change of it is found to break."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.monitoring.codes.monitoring import EliminationMode, HouseholdKind, MonitoringType, Risk
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.households.rules.facts import HouseholdFacts, IncomeFigures, MonitoringFacts, PersonFacts
from services.monitoring.households.rules.finding import Context
from services.monitoring.households.rules.judgement import judge_household
from services.monitoring.households.thresholds import DEFAULTS, Thresholds

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
