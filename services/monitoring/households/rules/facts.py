"""What the rules look at: persons and households as plain facts, silent about whom they describe."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, HouseholdKind, MonitoringType, Risk
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PersonFacts:
    """One member. None means that the record is blank there.

    :param certificate: 证件号码 as handed in: an identity number, or a disability number; None if there is none.
    :param is_destitute: 特困供养人员. ``gets_yulu``: supported by 雨露计划.
    :param insured: in any basic medical insurance.
    """

    relation: Relation | None
    certificate: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    education: Education | None = None
    school_stage: SchoolStage | None = None
    labour_skill: LabourSkill | None = None
    health: frozenset[Health] = frozenset()
    insured: bool | None = None
    is_destitute: bool = False
    gets_yulu: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IncomeFigures:
    """收支 figures of the national form, in 分; None means blank, which is not zero."""

    wage_fen: int | None = None
    operating_income_fen: int | None = None
    property_fen: int | None = None
    transfer_fen: int | None = None
    operating_expense_fen: int | None = None
    net_fen: int | None = None
    claims_fen: int | None = None
    self_pay_fen: int | None = None

    def blanks(self) -> tuple[str, ...]:
        """Names of the blank figures."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is None)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MonitoringFacts:
    """A household's latest monitoring: why it came in, and how it ended.

    :param self_pay_fen: 合规自付支出 when it was registered; None if blank.
    :param risks_explained: whether the note that risk 99 needs is there.
    :param income_after: figures after the risk was gone; None before elimination.
    :param has_contact: whether a contact person (监测联系人) is named.
    """

    monitoring_type: MonitoringType
    risks: tuple[Risk, ...]
    registered_on: date
    self_pay_fen: int | None = None
    risks_explained: bool = False
    disaster_kind: DisasterKind | None = None
    eliminated_on: date | None = None
    elimination_mode: EliminationMode | None = None
    income_after: IncomeFigures | None = None
    has_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HouseholdFacts:
    """A household with its members in the order of the record; findings name a member by its place."""

    kind: HouseholdKind
    members: tuple[PersonFacts, ...]
    cultivated_land_mu: Decimal | None = None
    monitoring: MonitoringFacts | None = None
