"""What is asked to be printed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.types import Model, RegionCode, ShortText

HOUSEHOLDS_MAX = 300
"""Of one file: as many as a large village has on the register, and what the typesetter does within its memory."""

ANSWERED_MAX = 40
"""Of one that is made while somebody waits: a few seconds of work; a village asks for a job."""


class PaperForm(StrEnum):
    """Which paper."""

    INTERVIEW = "interview"
    COMMITMENT = "commitment"
    AUTHORISATION = "authorisation"
    CARD = "card"
    NATIONAL_SHEET = "national_sheet"


def _once(values: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(values))


Ids = Annotated[list[UUID], AfterValidator(_once), Field(min_length=1, max_length=HOUSEHOLDS_MAX)]


class PaperSelection(Model):
    """Which households, by exactly one of the first five; in one file, in the order in which they were registered."""

    household_ids: Ids | None = None
    case_ids: Ids | None = None
    region: RegionCode | None = Field(None, description="The households of this division that have an open case.")
    meeting_id: UUID | None = Field(None, description="Those that a meeting decided on.")
    list_id: UUID | None = Field(None, description="Those on a public list.")
    purpose: ShortText = Field(description="What for; kept in the audit.")
    whole_numbers: bool = Field(default=False, description="Print numbers whole; by default they are masked.")


class PaperPrint(PaperSelection):
    """Which papers of which households; a household's papers follow each other."""

    forms: Annotated[list[PaperForm], Field(min_length=1, max_length=len(PaperForm))]
    sample: bool = Field(default=False, description="样本 behind the text of each page, for training.")


class PaperFileAccepted(Model):
    """The job that makes the file; ask `/jobs/{job_id}` how far it is, then fetch `/paper-files/{job_id}`."""

    job_id: UUID
    households: int
