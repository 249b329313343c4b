"""What a household signs in its case: that it declines, or that its risk is gone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.types import ClientId, Day, Model, PersonName, Text
from services.monitoring.codes.evidence import GivenBy

Note = Annotated[Text, Field(min_length=1, max_length=500)]


class SignatureCreate(Model):
    """What the household signed."""

    id: ClientId | None = None
    signed_by: PersonName
    signed_on: Day | None = Field(None, description="Absent: today.")
    given_by: GivenBy = Field(GivenBy.PAPER, description="Absent: on paper.")
    file_id: UUID | None = Field(None, description="A file uploaded for `consent_sheet`; needed for paper.")
    helper: PersonName | None = Field(None, description="Who wrote for somebody who cannot write.")
    witness: PersonName | None = Field(None, description="Who heard what was said by telephone or video.")


class SignatureRead(Model):
    """What the household signed; the sheet itself is read for itself."""

    id: UUID
    purpose: str = Field(description="`entry`, `decline` or `elimination`.")
    signed_by: str
    signed_on: Day
    given_by: GivenBy
    has_sheet: bool
    helper: str | None
    witness: str | None
