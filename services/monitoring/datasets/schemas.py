"""Datasets, batches, rows, periods and mappings as people and programs see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.files.schemas import FileQuery
from chassis.http.choices import listed_in
from chassis.http.pagination import Page, PageQuery
from chassis.jobs.import_model import ImportMode
from chassis.types import AwareDatetime, Code, Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.departments import Department
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.rules.fates import Fate

PeriodText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-([0-9]{2}|[0-9]{4}|Q[1-4]))?$")]
"""``2024-05``, ``2024-Q2``, ``2024``, or ``2023-2024`` for a school year, as the dataset's contract asks for."""


DatasetCode = Annotated[Code, listed_in(lambda: [contract.code for contract in load_contracts()])]
"""A code of the contracts of department files, of any of their versions."""


class DatasetColumn(Model):
    """One column of a contract."""

    name: str
    label: str
    kind: str
    required: bool
    unit: Literal["yuan", "wan"] | None = Field(None, description="For amounts; a unit in the file's heading wins.")
    aliases: list[str]
    choices: list[str]
    note: str
    example: str


class DatasetRead(Model):
    """数据规范: the published column contract of one kind of department file."""

    code: str
    department: str
    department_name: str
    title: str
    version: int
    period: str = Field(description="What one file covers: month, quarter, year, school_year, or single events.")
    key: list[str] = Field(description="Columns that make two rows the same.")
    rules: list[str] = Field(description="The clue rules that read it.")
    columns: list[DatasetColumn]


class DatasetList(Model):
    """Every contract in force today."""

    items: list[DatasetRead]


class SubmissionState(StrEnum):
    """Where a batch stands."""

    RECEIVED = "received"
    READING = "reading"
    READ = "read"
    CORRECTED = "corrected"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SubmitQuery(FileQuery):
    """How a file is to be read."""

    period: PeriodText
    mode: ImportMode = ImportMode.COMMIT
    mapping: UUID | None = Field(None, description="A saved mapping; without it the dataset's own is tried first.")
    region: RegionCode | None = Field(None, description="The county; default: the one of your post.")


class RowCounts(Model):
    """Rows by fate; they add up to the rows received. Blank lines, sums and what is above the heading are apart."""

    received: int
    rejected: int = 0
    duplicate: int = 0
    late: int = 0
    outside: int = 0
    unmatched: int = 0
    matched: int = 0
    blank: int = 0
    sums: int = 0
    above: int = 0


class Reason(Model):
    """Why a row has its fate, in words that say what to do; never what the cell holds."""

    code: str
    column: str | None = None
    message: str


class Refusal(Model):
    """Why a file was refused as a whole."""

    code: str
    message: str
    reasons: list[Reason]


class SubmissionRead(Model):
    """批次: one file of a department for one period, with the corrected files that joined it."""

    id: UUID
    region: RegionCode
    department: str
    dataset: str
    contract_version: int
    period: str
    file_name: str
    state: SubmissionState
    received_at: AwareDatetime
    received_on: Day
    is_late: bool
    attempts: int
    counts: RowCounts
    unknown_columns: list[str] = Field(description="Headings of the file that mean nothing to the contract.")
    job_id: UUID | None = None
    refusal: Refusal | None = None
    withdrawn_reason: str | None = None
    version: int


class Submitted(Model):
    """The answer to a file: its batch and the job that reads it.

    `repeated` says that the very same file was handed in before for this period: `submission` is the first one's.
    """

    job_id: UUID | None
    submission: SubmissionRead | None = Field(None, description="Absent for `mode=validate`.")
    repeated: bool = False


class SubmissionPage(Page[SubmissionRead]):
    """Batches, the newest first."""


class SubmissionQuery(PageQuery):
    """Which batches."""

    department: Department | None = None
    dataset: DatasetCode | None = Field(None, description="A contract's code, see `/datasets`.")
    period: PeriodText | None = None
    state: SubmissionState | None = None


class RowRead(Model):
    """One row of a batch. Ids of persons show to who may read the registry."""

    row_number: int
    attempt: int
    fate: Fate
    judgement: Fate = Field(description="What the row is, lateness apart.")
    reasons: list[Reason]
    name_masked: str | None = None
    id_no_masked: str | None = None
    record_id: UUID | None = Field(None, description="What it became, or repeats.")
    person_id: UUID | None = None
    household_id: UUID | None = None
    candidate_id: UUID | None = Field(None, description="Who has this number under another name.")
    version: int


class RowPage(Page[RowRead]):
    """Rows of a batch, in their order."""


class RowQuery(PageQuery):
    """Which rows."""

    fate: Fate | None = None
    judgement: Fate | None = Field(None, description="What rows are, lateness apart; late ones may be undecided.")


class RejectedFormat(Model):
    """How rejected rows are given back."""

    format: Literal["xlsx", "csv", "ndjson"] | None = Field(None, description="Default: that of your own file.")


class RowDecide(Model):
    """A person's decision about an unmatched row: who it is, or that they are not ours."""

    outcome: Literal["link", "not_ours"]
    person_id: UUID | None = Field(None, description="Needed for `link` where no candidate was found.")
    reason: ShortText


class SubmissionWithdraw(Model):
    """Why a batch is taken back."""

    reason: Text = Field(min_length=1)


class MappingWrite(Model):
    """Your department's headings and the contract's columns that they mean."""

    mapping: dict[ShortText, Code] = Field(min_length=1, max_length=256)


class MappingRead(Model):
    """列对应关系: the saved mapping of one dataset in one county."""

    id: UUID
    region: RegionCode
    department: str
    dataset: str
    mapping: dict[str, str]
    version: int


class PeriodWrite(Model):
    """The days between which files for the period are on time."""

    opens_on: Day
    closes_on: Day


class PeriodRead(Model):
    """报送期: what comes after its closing is late, and still judged."""

    region: RegionCode
    department: str
    dataset: str
    period: str
    opens_on: Day
    closes_on: Day
    closed_at: AwareDatetime | None = None
    version: int


class ReconciliationQuery(Model):
    """Which sheet."""

    department: Department
    period: PeriodText
    region: RegionCode | None = Field(None, description="The county; default: the one of your post.")


class ReconciliationLine(Model):
    """One batch on the sheet; 户 and 人 are those of matched rows, late ones among them."""

    dataset: str
    title: str
    submission_id: UUID
    received_on: Day
    state: SubmissionState
    counts: RowCounts
    matched_persons: int
    matched_households: int
    balanced: bool = Field(description="Whether the fates add up to the rows received.")


class Reconciliation(Model):
    """对账单: what a department handed in for a period and what came of it; refused and withdrawn batches count 0."""

    region: RegionCode
    department: str
    department_name: str
    period: str
    as_of: Day
    lines: list[ReconciliationLine]
    total: RowCounts
    matched_persons: int
    matched_households: int
    balanced: bool
