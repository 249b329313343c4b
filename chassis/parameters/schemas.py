"""What officers propose and read."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http.pagination import Page, PageQuery
from chassis.parameters.catalogue import Definition, ParameterType
from chassis.parameters.rules import NATION, ParameterRow, ParameterState
from chassis.types import AwareDatetime, Day, Integer, Model, Money, MoneyInput, RegionCode, ShortText, Text

ParameterKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,99}$")]


class IntegerValue(Model):
    """A whole number in the parameter's unit."""

    type: Literal["integer"] = "integer"
    value: Integer


class TextValue(Model):
    """A text, often one of the parameter's choices."""

    type: Literal["text"] = "text"
    value: Text


class BooleanValue(Model):
    """A switch."""

    type: Literal["boolean"] = "boolean"
    value: Annotated[bool, Field(strict=True)]


class MoneyValue(Model):
    """An amount in 元."""

    type: Literal["money"] = "money"
    value: Money


class MoneyValueCreate(Model):
    """An amount in 元."""

    type: Literal["money"] = "money"
    value: MoneyInput


class ListValue(Model):
    """Texts, each once."""

    type: Literal["list"] = "list"
    value: list[ShortText]


ValueRead = Annotated[IntegerValue | TextValue | BooleanValue | MoneyValue | ListValue, Field(discriminator="type")]
ValueCreate = Annotated[
    IntegerValue | TextValue | BooleanValue | MoneyValueCreate | ListValue, Field(discriminator="type")
]

_READ: Final[dict[ParameterType, type[Model]]] = {
    ParameterType.INTEGER: IntegerValue,
    ParameterType.TEXT: TextValue,
    ParameterType.BOOLEAN: BooleanValue,
    ParameterType.MONEY: MoneyValue,
    ParameterType.LIST: ListValue,
}


def value_read(definition: Definition, value: Any) -> Any:
    """A stored value as it is handed out."""
    return _READ[definition.type].model_validate({"value": value})


class ParameterCreate(Model):
    """A value to propose. Leave `effective_to` out for one that holds until another follows it."""

    id: UUID | None = None
    scope: Annotated[RegionCode, Field(description="The division that it shall hold in, within your area.")]
    key: ParameterKey
    effective_from: Day
    effective_to: Annotated[Day | None, Field(description="Last day.")] = None
    value: ValueCreate
    source: Annotated[ShortText, Field(description="The document that says so, with its number.")]


class ParameterWithdraw(Model):
    """Why a value is withdrawn."""

    reason: ShortText


class ParameterRead(Model):
    """One value, where and when it holds, and who set it."""

    id: UUID
    scope: Annotated[str, Field(description="Division code, or `0` for the nation.", pattern="^(0|[1-9][0-9]{11})$")]
    key: str
    effective_from: Day
    effective_to: Day | None
    value: ValueRead
    unit: str
    source: str
    state: ParameterState
    proposed_by: str
    proposed_at: AwareDatetime
    approved_by: str | None
    approved_at: AwareDatetime | None
    withdrawal_asked_by: Annotated[str | None, Field(description="Asked for by this person; a second one decides.")]
    withdrawn_by: str | None
    withdrawn_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: ParameterRow, definition: Definition) -> ParameterRead:
        names = (name for name in cls.model_fields if name not in ("scope", "value"))
        scope = "0" if row.scope == NATION else f"{row.scope:012d}"
        return cls.model_validate(
            {name: getattr(row, name) for name in names} | {"scope": scope, "value": value_read(definition, row.value)}
        )


class ParameterInForce(Model):
    """A parameter of the catalogue and the value that holds, if any does."""

    key: str
    type: ParameterType
    unit: str
    meaning_zh: str
    meaning_en: str
    choices: list[str]
    in_force: Annotated[ParameterRead | None, Field(description="Absent if no scope has a value in force on that day.")]


class ParameterList(Model):
    """Every parameter of this service, by key."""

    region: RegionCode
    on: Day
    items: list[ParameterInForce]


class ParametersQuery(Model):
    """Where and when. By default: the division of your post, today, as known now."""

    region: RegionCode | None = None
    on: Day | None = None
    known_at: Annotated[AwareDatetime | None, Field(description="As it was known at this instant.")] = None


class ParameterHistoryQuery(PageQuery):
    """One parameter's values of every state, in the scopes around and within a division."""

    key: ParameterKey
    region: RegionCode | None = None
    state: ParameterState | None = None


class ParameterPage(Page[ParameterRead]):
    """Values by the day they start."""
