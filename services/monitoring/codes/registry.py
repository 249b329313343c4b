"""Know every code list of the service by its name, so that one route serves them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.monitoring.codes.cases import (
    CaseAction,
    CaseState,
    Holder,
    NaturalEndReason,
    NoticeWay,
    RefusalReason,
    RemovalReason,
    ReturnReason,
    Timeliness,
    VoteOutcome,
)
from services.monitoring.codes.changes import MoveOfferState, NumberChangeReason
from services.monitoring.codes.clues import Channel, DismissalReason, NotOursReason
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.departments import Department
from services.monitoring.codes.entitlements import PolicyClass
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.evidence import (
    ComparisonResult,
    ComparisonState,
    ConsentKind,
    ConsentPurpose,
    GivenBy,
    InterviewMode,
)
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.measures import MeasureEnd, MeasureScheme, MeasureTiming
from services.monitoring.codes.monitoring import (
    ClassificationBasis,
    DisasterKind,
    EliminationMode,
    GuaranteeAnswer,
    GuaranteeItem,
    HouseholdKind,
    MeasureKind,
    MonitoringType,
    Risk,
    Rule60,
)
from services.monitoring.codes.persons import DisabilityClass, DisabilityLevel, Education, MaritalStatus, Sex
from services.monitoring.codes.regions import DivisionKind, SuccessionKind
from services.monitoring.codes.registers import (
    AidedClass,
    ChildKind,
    ChronicKind,
    DisabilityBenefit,
    DisabilityService,
    DropoutLine,
    ExtraBasis,
    FactSource,
    GuaranteeBasis,
    HouseDamage,
    HouseGrade,
    InsuranceKind,
    LowIncomeClass,
    RehabilitationAid,
    ReturnVisitOutcome,
    SchoolStatus,
    StageEndBasis,
    StudyStage,
    WaterQuality,
)
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.todo import TodoKind
from services.monitoring.codes.visits import AttentionKind, CarerKind, HelperKind, VisitReason, VisitWay
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage

_LISTS: Final[tuple[type[CodeList], ...]] = (
    Sex,
    MaritalStatus,
    Education,
    Ethnicity,
    Relation,
    DisabilityClass,
    DisabilityLevel,
    LabourSkill,
    Health,
    SchoolStage,
    HouseholdKind,
    MonitoringType,
    Risk,
    DisasterKind,
    EliminationMode,
    MeasureKind,
    ClassificationBasis,
    Rule60,
    GuaranteeItem,
    GuaranteeAnswer,
    IncomeGroup,
    IncomeLineKind,
    DivisionKind,
    SuccessionKind,
    MoveOfferState,
    NumberChangeReason,
    Channel,
    DismissalReason,
    NotOursReason,
    HelperKind,
    AttentionKind,
    CarerKind,
    VisitReason,
    VisitWay,
    PolicyClass,
    ConsentKind,
    ConsentPurpose,
    GivenBy,
    ComparisonState,
    ComparisonResult,
    InterviewMode,
    CaseState,
    CaseAction,
    Holder,
    Timeliness,
    RefusalReason,
    ReturnReason,
    RemovalReason,
    NaturalEndReason,
    NoticeWay,
    VoteOutcome,
    MeasureScheme,
    MeasureEnd,
    MeasureTiming,
    FactSource,
    SchoolStatus,
    StudyStage,
    DropoutLine,
    ReturnVisitOutcome,
    HouseGrade,
    HouseDamage,
    WaterQuality,
    ChronicKind,
    TodoKind,
    LowIncomeClass,
    GuaranteeBasis,
    ExtraBasis,
    AidedClass,
    DisabilityBenefit,
    DisabilityService,
    ChildKind,
    RehabilitationAid,
    StageEndBasis,
    InsuranceKind,
    Department,
)

CODE_LISTS: Final[Mapping[str, type[CodeList]]] = {codes.note.name: codes for codes in _LISTS}
"""Every code list by its served name, in the order in which they are shown."""
