"""A classification as people see it."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import Day, Model, Money
from services.monitoring.classification.rules import Compared
from services.monitoring.codes.monitoring import ClassificationBasis, GuaranteeItem, MonitoringType
from services.monitoring.guarantees.schemas import GuaranteeCheckRead
from services.monitoring.income.schemas import IncomeRead
from services.monitoring.lines.schemas import EffectiveLineRead


class ClassificationQuery(Model):
    """On which day it would be decided; absent: today."""

    on: Day | None = None


class LineComparison(Model):
    """One number beside its threshold."""

    compared: Compared
    amount: Money = Field(description="What the household had in the window.")
    line: Money = Field(description="The line for one person.")
    members: int
    threshold: Money = Field(description="The line times the members: below it, strictly, is in range.")
    is_below: bool
    decides: bool = Field(description="False: shown only, since the county's rule does not register by it.")
    sentence: str = Field(description="The comparison in words.")


class ClassificationRead(Model):
    """识别认定: the type that a household's facts make on a day, or none, with everything that it was computed from."""

    household_id: UUID
    on: Day
    monitoring_type: MonitoringType | None = Field(description="Null: not in range.")
    basis: ClassificationBasis | None
    watched: bool = Field(description="Below the county line where the 60 % rule only watches: a clue, never a type.")
    is_lifted: bool = Field(description="On that day: decides between types 1 and 2.")
    conclusion: str
    comparisons: list[LineComparison]
    line: EffectiveLineRead
    income: IncomeRead
    guarantees: list[GuaranteeCheckRead] = Field(description="The answers that hold on that day.")
    guarantees_failed: list[GuaranteeItem]
    guarantees_missing: list[GuaranteeItem] = Field(description="Nobody has checked these; they decide nothing.")
