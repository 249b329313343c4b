"""What is asked of registers and shown of them, beside the facts' own models in :mod:`.models`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.exports.encoders import ExportFormat
from chassis.http.choices import listed_in
from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Model, RegionCode, ShortText
from services.monitoring.codes.departments import Department
from services.monitoring.registers.catalogue import FINDING_CODES, REGISTERS, WATCHED
from services.monitoring.registers.described import FactGrain
from services.monitoring.registers.models import AnyFactRead

_named: Any = StrEnum  # mypy knows no enum whose members come from a catalogue
RegisterCode: Any = _named("RegisterCode", {code.upper(): code for code in REGISTERS}, module=__name__)
"""The registers' codes, as they stand in paths."""

WatchedCode: Any = _named("WatchedCode", {code.upper(): code for code in WATCHED}, module=__name__)
"""What findings may be of: a register, or the checks of guardianship."""


FindingCode = Annotated[ShortText, listed_in(lambda: FINDING_CODES)]
"""A code of the findings of a register, see `/registers`, or of the checks of guardianship."""


class FieldRead(Model):
    """One column of a register."""

    name: str
    label: str
    type: str = Field(description="`text`, `integer`, `money` (元), `day` or `boolean`.")
    unit: str
    code_list: str | None = Field(description="The list of its codes, see `/codes`.")
    required: bool


class FindingRuleRead(Model):
    """What counts as amiss, and whose duty it is."""

    code: str
    label: str
    duty: str = Field(description="The department that owes it.")
    duty_label: str
    parameters: list[str] = Field(description="Keys of the area's numbers that it goes by.")


class RegisterRead(Model):
    """专项台账: what a register keeps, what feeds it, who may record, what is amiss."""

    code: str
    title: str
    clause: str
    grain: FactGrain
    tells_health: bool
    fields: list[FieldRead]
    datasets: list[str] = Field(description="Contracts of department files that feed it.")
    recorded_by: list[str] = Field(description="Roles that may record its facts.")
    findings: list[FindingRuleRead]


class RegisterList(Model):
    """Every register that you may read."""

    items: list[RegisterRead]


class FactFilter(Model):
    """Which facts of a register."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    on: Day | None = Field(None, description="Facts that hold on this day; absent: of any day.")
    known_at: AwareDatetime | None = Field(None, description="As it was known at this instant; absent: as it is known.")
    finding: ShortText | None = Field(None, description="Facts with this finding of the register open, or `any`.")


class FactQuery(FactFilter, PageQuery):
    """Which facts of a register, page by page."""

    household_id: UUID | None = None
    person_id: UUID | None = None


class FactExportQuery(FactFilter):
    """Which facts of a register go into the file."""

    format: ExportFormat = ExportFormat.XLSX


class FactPage(Page[AnyFactRead]):
    """Facts of a register, by division."""


class FactVersions(Model):
    """Every version of a fact, the latest last."""

    items: list[AnyFactRead]


class HeldFacts(Model):
    """What the registers say of one household or person, register by register."""

    items: list[AnyFactRead]


class HeldQuery(Model):
    """As of when."""

    on: Day | None = Field(None, description="Facts that hold on this day; absent: of any day.")
    known_at: AwareDatetime | None = None


class RegisterFindingQuery(PageQuery):
    """Which findings."""

    state: Literal["open", "closed"] = "open"
    register_code: WatchedCode | None = None
    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    duty: Department | None = Field(None, description="Those that this department owes.")
    code: FindingCode | None = Field(None, description="A code of findings; `/registers` tells those of registers.")


class RegisterFindingRead(Model):
    """台账问题: something that a department has to see to; it closes by itself."""

    id: UUID
    register_code: str
    code: str
    label: str
    duty: str
    region: RegionCode
    household_id: UUID
    head_name: str | None = Field(description="Masked for who has no case to work on.")
    person_id: UUID | None
    person_name: str | None = Field(description="Masked as the head's, and where the register is of children.")
    fact_id: UUID = Field(description="The register's fact, or the check of guardianship that says so.")
    state: Literal["open", "closed"]
    found_on: Day
    closed_on: Day | None
    version: int


class RegisterFindingPage(Page[RegisterFindingRead]):
    """Findings, by division."""
