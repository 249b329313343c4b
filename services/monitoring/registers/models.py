"""Make the models of the API from the registers' descriptions, so that a new register needs none of its own.

Each register gets a body and an answer with its typed fields, told apart by ``register``; the API document names them
(``DropoutFactRead``, ``DropoutFactCreate``, …).
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, create_model

from chassis.exports.columns import ExportType
from chassis.types import AwareDatetime, ClientId, Day, Integer, Model, Money, MoneyInput, RegionCode, ShortText, Text
from services.monitoring.codes.registers import FactSource
from services.monitoring.registers.catalogue import RECORDED, REGISTERS
from services.monitoring.registers.described import FactField, FactGrain, Register


class FactRead(Model):
    """台账事实: what a register says of a person or a household, between two days, and who said so.

    A department's fact names the batch that it came in; ``replaced_at`` is there once a later version is.
    """

    register_code: str
    id: UUID
    version: int
    region: RegionCode
    household_id: UUID
    person_id: UUID | None
    person_name: str | None = Field(description="Masked for who has no case to work on.")
    head_name: str | None = Field(description="Of the household's head today; masked as the person's.")
    holds_from: Day
    holds_to: Day | None
    source: FactSource
    source_batch: UUID | None
    recorded_at: AwareDatetime
    replaced_at: AwareDatetime | None
    findings: list[str] = Field(description="Codes of the findings that are open for it.")


class FactCreate(Model):
    """What somebody who works with the household records."""

    register_code: str
    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    holds_from: Day = Field(description="From when it holds; not after today.")
    holds_to: Day | None = Field(None, description="Until when, this day included; absent: it still holds.")


_READ: Final[dict[ExportType, Any]] = {
    ExportType.TEXT: str,
    ExportType.INTEGER: int,
    ExportType.MONEY: Money,
    ExportType.DAY: Day,
    ExportType.BOOLEAN: bool,
}
_SAID: Final[dict[ExportType, Any]] = {
    ExportType.MONEY: Annotated[MoneyInput, Field(ge=0)],
    ExportType.DAY: Day,
    ExportType.BOOLEAN: bool,
}


_NUMBER_MAX: Final = 1_000_000


def _name(register: Register) -> str:
    return "".join(part.title() for part in register.code.split("_"))


def _described(field: FactField) -> str:
    unit = f"（{field.unit}）" if field.unit else ""
    return f"{field.label.zh}{unit}: {field.label.en}"


def _read_field(field: FactField) -> tuple[Any, Any]:
    kind = field.codes or _READ[field.kind]
    return (kind if field.required else kind | None), Field(description=_described(field))


def _said_field(field: FactField) -> tuple[Any, Any]:
    if field.codes is not None:
        kind: Any = field.codes
    elif field.kind is ExportType.TEXT:
        kind = Annotated[Text, Field(min_length=1, max_length=field.maximum or 200)]
    elif field.kind is ExportType.INTEGER:
        kind = Annotated[Integer, Field(ge=0, le=field.maximum or _NUMBER_MAX)]
    else:
        kind = _SAID[field.kind]
    if field.required:
        return kind, Field(description=_described(field))
    return kind | None, Field(None, description=_described(field))


def _reader(register: Register) -> type[FactRead]:
    fields: dict[str, Any] = {"register_code": (Literal[register.code], ...)}
    fields |= {field.name: _read_field(field) for field in register.fields}
    return create_model(
        f"{_name(register)}FactRead", __base__=FactRead, __module__=__name__, __doc__=_doc(register), **fields
    )


def _creator(register: Register) -> type[FactCreate]:
    subject = "person_id" if register.grain is FactGrain.PERSON else "household_id"
    fields: dict[str, Any] = {"register_code": (Literal[register.code], ...), subject: (UUID, ...)}
    fields |= {field.name: _said_field(field) for field in register.fields}
    return create_model(
        f"{_name(register)}FactCreate", __base__=FactCreate, __module__=__name__, __doc__=_doc(register), **fields
    )


def _doc(register: Register) -> str:
    return f"{register.title.zh}: {register.title.en} ({register.clause})."


READERS: Final = {register.code: _reader(register) for register in REGISTERS.values()}
"""The answer's model of each register."""

CREATORS: Final = {register.code: _creator(register) for register in RECORDED}
"""The body's model of each register that people record."""

AnyFactRead: Any = Annotated[reduce(or_, READERS.values()), Field(discriminator="register_code")]
AnyFactCreate: Any = Annotated[reduce(or_, CREATORS.values()), Field(discriminator="register_code")]


class FactWithdraw(Model):
    """Why a fact that was recorded does not hold."""

    reason: ShortText


class FactCorrect(Model):
    """What a fact should say, all of it, and why it is corrected."""

    reason: ShortText
    fact: AnyFactCreate
