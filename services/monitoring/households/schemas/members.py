"""What is handed in when the members of a household change."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.errors import Fault, InvalidInput, Message
from chassis.identity_numbers import IdentityNumberField
from chassis.types import ClientId, Day, Integer, Model, RegionCode, ShortText
from services.monitoring.codes.changes import NumberChangeReason
from services.monitoring.codes.relations import Relation
from services.monitoring.households.schemas import MEMBERS_MAX, HouseholdRead, PersonCreate

_TWICE = Message("同一成员出现两次，请保留一项。", "The same member is named twice; keep one entry.")


class RelationGiven(Model):
    """A member's relation to the head after the change."""

    person_id: UUID
    relation: Relation


Relations = Annotated[list[RelationGiven], Field(max_length=2 * MEMBERS_MAX)]


def relations_of(given: Relations, pointer: str) -> dict[UUID, Relation]:
    """The relations by person.

    :raises InvalidInput: if somebody is named twice.
    """
    named: dict[UUID, Relation] = {}
    faults = []
    for place, one in enumerate(given):
        if one.person_id in named:
            faults.append(Fault(f"{pointer}/{place}/person_id", "named_twice", _TWICE))
        named[one.person_id] = one.relation
    if faults:
        raise InvalidInput(faults=faults)
    return named


class RelationsChange(Model):
    """New relations to the head, of the head too if another one is named (变更户主)."""

    on: Day
    relations: Annotated[Relations, Field(min_length=1)]


class MemberAdd(Model):
    """A newcomer who was in no household of the registry: by birth, marriage or otherwise."""

    person: PersonCreate
    reason: Literal["birth", "marriage", "adoption", "found"] = Field(
        description="birth 出生, marriage 婚入, adoption 收养, found 漏登补录"
    )
    on: Day = Field(description="From when they belong to the household.")


class MemberReturn(Model):
    """Somebody who had moved out of the area, or whose death was recorded by mistake, belongs to a household again."""

    person_id: UUID
    relation: Relation
    on: Day = Field(description="From when; of a death recorded by mistake: the day that was recorded for it.")
    reason: ShortText | None = Field(None, description="Needed for a death recorded by mistake; kept in the audit.")


class MemberRemove(Model):
    """Somebody leaves the registry alive: recorded by mistake, or moved out alone."""

    outcome: Literal["wrongly_registered", "moved_out"] = Field(
        description="wrongly_registered 错误登记, moved_out 迁出"
    )
    on: Day
    reason: ShortText
    staying: Relations = Field(
        default_factory=list, description="New relations of those who stay, needed where the head goes."
    )


class DeathRecord(Model):
    """死亡 of a member."""

    on: Day
    staying: Relations = Field(
        default_factory=list, description="New relations of those who stay, needed where the head died."
    )


class NumberCorrect(Model):
    """Another identity number for a person, or the first one."""

    identity_number: IdentityNumberField
    reason: NumberChangeReason
    on: Day


class FormerNumberEnter(Model):
    """曾用号码: a number by which departments knew the person; one of 15 digits is found by either form."""

    identity_number: IdentityNumberField
    reason: ShortText


class HouseholdSplit(Model):
    """分户: some members found a household of their own."""

    new_id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    region: RegionCode = Field(description="村 of the new household, in the same county.")
    on: Day
    leaving: Annotated[Relations, Field(min_length=1)] = Field(
        description="Who leaves, with their relations in the new household."
    )
    staying: Relations = Field(default_factory=list, description="New relations of those who stay.")
    address: ShortText | None = None
    national_no: ShortText | None = None


class HouseholdMerge(Model):
    """并户: everybody joins another household, which goes on."""

    into: UUID
    into_version: Annotated[Integer, Field(ge=1)] = Field(description="The version of that household that you read.")
    on: Day
    relations: Relations = Field(description="Relations of all who join, and new ones of those who are there.")


class HouseholdMoveOut(Model):
    """The household moves to where this platform does not reach."""

    on: Day
    reason: ShortText


class HouseholdMoveBack(Model):
    """A household that had moved out comes back, with those who left with it."""

    on: Day
    region: RegionCode | None = Field(None, description="村 where it lives now; absent: where it lived.")


class HouseholdPair(Model):
    """Both households that a change touched."""

    household: HouseholdRead = Field(description="The one that the change was asked of.")
    other: HouseholdRead = Field(description="The one that began, or that goes on.")
