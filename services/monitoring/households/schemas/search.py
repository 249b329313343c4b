"""What a search for persons takes, in its body so that no number stands in an address, and what it gives."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.identity_numbers import IdentityNumberField
from chassis.types import Integer, Model, ShortText
from services.monitoring.households.schemas import PersonRead


class PersonSearch(Model):
    """Either ``identity_number``, or ``name`` with ``birth_year``."""

    purpose: ShortText = Field(description="What for; kept in the audit.")
    identity_number: IdentityNumberField | None = Field(None, description="The present one, or a former one.")
    name: ShortText | None = Field(None, description="姓名前缀")
    birth_year: Annotated[Integer, Field(ge=1850, le=2200)] | None = None


class MatchedBy(StrEnum):
    """How a person was found."""

    CURRENT = "current"
    FORMER = "former"
    CORRECTED = "corrected"
    NAME = "name"


class PersonFound(Model):
    """A person that the search found."""

    matched_by: MatchedBy
    person: PersonRead


class PersonsFound(Model):
    """Everybody found."""

    items: list[PersonFound]
    is_complete: bool = Field(description="False if there are more: give a longer part of the name.")
