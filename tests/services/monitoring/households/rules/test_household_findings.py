"""What is found about a household as a whole: its land, its members together, its monitoring."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, HouseholdKind, MonitoringType, Risk
from services.monitoring.codes.persons import Sex
from services.monitoring.codes.work_and_school import LabourSkill
from services.monitoring.households.rules.judgement import judge_household
from tests.services.monitoring.households.rules.household_a import (
    AFTER,
    CONTEXT,
    DASHAN,
    ELIMINATED,
    FATHER,
    MONITORING,
    SON,
    XIULAN,
    A,
    R,
    found,
    monitored,
)


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
