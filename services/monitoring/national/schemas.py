"""Exports of the national system, and how they differ from the registry, as people and programs see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.files.schemas import FileQuery
from chassis.http.pagination import Page, PageQuery
from chassis.jobs.import_model import Atomic, ImportMode, ImportStrategy
from chassis.types import AwareDatetime, Day, Model, RegionCode
from services.monitoring.datasets.schemas import DatasetColumn, Refusal


class NationalContractRead(Model):
    """The published columns of a national export: one person a row, the rows of one household below each other."""

    code: str
    version: int
    valid_from: Day
    columns: list[DatasetColumn]


class Coverage(StrEnum):
    """Whom an export covers; whoever it does not cover is not missed in it."""

    ALL = "all"
    LIFTED = "lifted"
    MONITORED = "monitored"


class NationalExportQuery(FileQuery):
    """Which export a file is."""

    exported_on: Day | None = Field(None, description="The day for which the export speaks; default: today.")
    covers: Coverage = Field(Coverage.ALL, description="all: lifted and monitored; lifted 脱贫户; monitored 监测对象.")
    region: RegionCode | None = Field(None, description="The county; default: the one of your post.")


class NationalImportQuery(NationalExportQuery):
    """Which export a file is, and how to import it."""

    mode: ImportMode = ImportMode.COMMIT
    strategy: ImportStrategy = ImportStrategy.CREATE_AND_UPDATE
    atomic: Atomic = Atomic.ROW
    corrects: UUID | None = Field(
        None, description="The export whose refused rows this file mends; the file joins it and takes over its date."
    )


class NationalExportAccepted(Model):
    """The job that reads the file; ask `/jobs/{job_id}` how far it is."""

    job_id: UUID
    export_id: UUID | None = Field(None, description="Absent for `mode=validate`, which keeps nothing.")


class NationalComparison(Model):
    """The job that compares the export with the registry as it is now."""

    job_id: UUID


class NationalExportState(StrEnum):
    """Where an export stands; one of each coverage is `read`, and that one is compared with."""

    RECEIVED = "received"
    READ = "read"
    REFUSED = "refused"
    REPLACED = "replaced"


class NationalExportCounts(Model):
    """What the export holds, and what came of it when it was imported; 户 and 人 apart."""

    households: int = 0
    persons: int = 0
    not_taken: int = Field(0, description="Households of the export that were refused; ask for `rejected`.")
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    persons_created: int = 0
    persons_updated: int = 0
    monitoring: int = Field(0, description="Households whose monitoring changed.")
    income_lines: int = 0
    income_held_back: int = Field(0, description="Figures left out, because the registry knows them from elsewhere.")
    measures: int = 0
    visits: int = 0


class NationalExportRead(Model):
    """国家系统导出: one file of a county."""

    id: UUID
    region: RegionCode
    covers: Coverage
    exported_on: Day
    is_imported: bool
    contract_version: int
    columns: list[str]
    unread_columns: list[str] = Field(description="Headings of the file that mean nothing to the contract.")
    state: NationalExportState
    counts: NationalExportCounts
    job_id: UUID
    refusal: Refusal | None = None
    received_at: AwareDatetime
    compared_at: AwareDatetime | None = Field(None, description="When it was last held against the registry.")
    version: int


class NationalExportPage(Page[NationalExportRead]):
    """Exports, the newest first."""


class NationalExportListQuery(PageQuery):
    """Which exports."""

    state: NationalExportState | None = None


class DifferenceKind(StrEnum):
    """How the export and the registry differ about a household or person."""

    THERE_ONLY = "there_only"
    HERE_ONLY = "here_only"
    DIFFERING = "differing"


class DifferenceQuery(PageQuery):
    """Which differences."""

    kind: DifferenceKind
    region: RegionCode | None = Field(None, description="Only where one side lies inside this division.")


class FactDifference(Model):
    """One fact that the two sides state differently; null where a side states none.

    Names are masked; of an ID number it is told only that it differs: `given` or null.
    """

    fact: Literal[
        "national_no",
        "region",
        "is_lifted",
        "monitoring_type",
        "risks",
        "registered_on",
        "eliminated_on",
        "name",
        "identity_number",
        "household",
    ]
    there: str | None
    here: str | None


class HouseholdDifference(Model):
    """A household that only one side knows, or that both know differently."""

    kind: DifferenceKind
    national_no: str | None
    household_id: UUID | None
    region_there: RegionCode | None
    region_here: RegionCode | None
    members_there: int | None
    members_here: int | None
    was_refused: bool = Field(description="The import refused it: there and not here for a reason that is listed.")
    facts: list[FactDifference]


class HouseholdDifferencePage(Page[HouseholdDifference]):
    """Households that differ."""


class PersonDifference(Model):
    """A person whom only one side knows, or whom both know differently."""

    kind: DifferenceKind
    national_no: str | None
    person_id: UUID | None
    name_masked: str | None
    household_no: str | None = Field(description="户编号 in the export.")
    household_id: UUID | None
    region_there: RegionCode | None
    region_here: RegionCode | None
    facts: list[FactDifference]


class PersonDifferencePage(Page[PersonDifference]):
    """Persons who differ."""


class DifferenceCounts(Model):
    """How many differ, of how many on either side."""

    there: int
    here: int = Field(description="In the registry, and to be expected in an export of this coverage.")
    there_only: int
    here_only: int
    differing: int
    same: int
    by_fact: dict[str, int] = Field(description="Of `differing`, how many differ in each fact.")


class DifferenceSummary(Model):
    """差异汇总: what export and registry said differently when they were compared last; 户 and 人 apart."""

    export_id: UUID
    exported_on: Day
    covers: Coverage
    compared_at: AwareDatetime
    households: DifferenceCounts
    persons: DifferenceCounts


class DifferenceSheetQuery(Model):
    """Which sheet of differences."""

    grain: Literal["household", "person"] = "household"
    kind: DifferenceKind | None = Field(None, description="Default: all three.")
    region: RegionCode | None = None
    format: Literal["xlsx", "csv"] = "xlsx"
