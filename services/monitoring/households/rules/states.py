"""A household as changes of its composition see it, and the guards that all such changes share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from chassis.errors import Fault, Message
from services.monitoring.codes.relations import Relation
from services.monitoring.households.rules.composition import heads_among


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A living member of a household, since ``joined_on``."""

    person: UUID
    relation: Relation
    joined_on: date
    born: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household now.

    :param region: village where it is managed.
    :param changed_on: date of its last change of members or place; the next may not be dated before it.
    :param ended_on: first day on which it is no more: merged away, or nobody left; None while it lives.
    :param open_offer: an offer to move that nobody has answered yet.
    """

    id: UUID
    region: int
    changed_on: date
    members: tuple[Member, ...]
    ended_on: date | None = None
    open_offer: UUID | None = None

    @property
    def persons(self) -> frozenset[UUID]:
        return frozenset(member.person for member in self.members)

    def with_members(self, members: Iterable[Member], *, on: date) -> Household:
        """The household with these members from ``on``; without any it has ended."""
        kept = tuple(members)
        return replace(self, members=kept, changed_on=on, ended_on=None if kept else on)


def timing(on: date, *, today: date, households: Iterable[Household]) -> list[Fault]:
    """A change is dated today or earlier, and not before what is already recorded of its households."""
    faults = []
    if on > today:
        faults.append(fault("/on", "change_after_today"))
    if any(on < household.changed_on for household in households):
        faults.append(fault("/on", "change_before_the_last"))
    return faults


def liveliness(household: Household, pointer: str) -> list[Fault]:
    """The household has not ended and waits for no answer to an offer."""
    faults = []
    if household.ended_on is not None:
        faults.append(fault(pointer, "household_ended"))
    if household.open_offer is not None:
        faults.append(fault(pointer, "household_has_open_offer"))
    return faults


def membership(persons: Iterable[UUID], household: Household, pointer: str) -> list[Fault]:
    """Somebody is named, and only members."""
    named = frozenset(persons)
    faults = []
    if not named:
        faults.append(fault(pointer, "nobody_named"))
    if named - household.persons:
        faults.append(fault(pointer, "not_a_member"))
    return faults


def roles(relations: Mapping[UUID, Relation], persons: frozenset[UUID], pointer: str) -> list[Fault]:
    """Each of ``persons`` has a relation, nobody else has one, and exactly one is the head; nobody needs no head."""
    faults = []
    if persons - relations.keys():
        faults.append(fault(pointer, "relation_not_given"))
    if relations.keys() - persons:
        faults.append(fault(pointer, "relation_of_a_stranger"))
    if persons and heads_among(relations[person] for person in persons & relations.keys()) != 1:
        faults.append(fault(pointer, "one_head_needed"))
    return faults


def remaining_roles(household: Household, gone: frozenset[UUID], changed: Mapping[UUID, Relation]) -> list[Fault]:
    """Those who stay have one head, after the relations that ``changed`` gives anew."""
    staying = household.persons - gone
    now = {member.person: member.relation for member in household.members if member.person in staying}
    return roles({**now, **changed}, staying, "/staying")


def remaining(household: Household, gone: frozenset[UUID], changed: Mapping[UUID, Relation]) -> list[Member]:
    """Those who stay, with their new relations."""
    return [
        replace(member, relation=changed.get(member.person, member.relation))
        for member in household.members
        if member.person not in gone
    ]


def arriving(members: Iterable[Member], relations: Mapping[UUID, Relation], *, on: date) -> list[Member]:
    """These members as they join another household on ``on``."""
    return [replace(member, relation=relations[member.person], joined_on=on) for member in members]


def fault(pointer: str, code: str) -> Fault:
    return Fault(pointer, code, _SAY[code])


_SAY: Final = {
    "change_after_today": Message(
        "变更日期晚于今天，请填写今天或之前的日期。", "The change is dated after today; give today or an earlier day."
    ),
    "change_before_the_last": Message(
        "变更日期早于该户最近一次变更，请核对日期。",
        "The change is dated before the household's last one; check the date.",
    ),
    "household_ended": Message("该户已注销或并入他户，不能再变更。", "The household has ended and cannot be changed."),
    "household_has_open_offer": Message(
        "该户有尚未答复的迁移，请先等待答复或撤回。",
        "An offer to move is unanswered; wait for the answer or withdraw it.",
    ),
    "nobody_named": Message("没有选择任何成员，请至少选择一名。", "Nobody is named; name one member at least."),
    "not_a_member": Message(
        "所选人员中有人不是该户现有成员，请重新选择。",
        "Somebody named is no present member of the household; choose again.",
    ),
    "relation_not_given": Message(
        "有成员没有填写与户主关系，请补填。", "A member has no relation to the head; give it."
    ),
    "relation_of_a_stranger": Message(
        "与户主关系中有非本户成员，请删除。", "A relation is given for somebody who does not belong here; remove it."
    ),
    "one_head_needed": Message(
        "须有且只有一名户主，请调整与户主关系。", "There must be exactly one head; change the relations."
    ),
    "nobody_stays": Message(
        "全部成员都要分出，请改为整户迁移或不办理分户。",
        "Everybody would leave; move the whole household instead, or do not split it.",
    ),
    "region_not_a_village": Message("请选择到村（社区）一级的区划。", "Give a division at the level of a village."),
    "village_unknown": Message(
        "没有这个村（社区），请填写现行的村代码。", "There is no such village today; give the code of one that holds."
    ),
    "region_outside_county": Message(
        "新户不在本县，请办理迁移。", "The other household lies in another county; use an offer to move."
    ),
    "same_household": Message("请选择另一户。", "Choose another household."),
    "death_before_birth": Message("死亡日期早于出生日期，请核对。", "The death is dated before the birth; check it."),
    "death_before_joining": Message(
        "死亡日期早于其加入该户的日期，请核对。",
        "The death is dated before this person joined the household; check it.",
    ),
    "already_there": Message("该户已在目的地，无需迁移。", "The household lies in that division already."),
    "destination_too_wide": Message(
        "请选择县级或以下的迁入地。", "Give a destination at the level of a county or below."
    ),
    "offer_answered": Message(
        "这项迁移已有答复，不能再次办理。", "This offer has been answered; it cannot be answered again."
    ),
    "offer_person_gone": Message(
        "迁移人员中有人已去世或离开该户，请对方撤回后重新发起。",
        "Somebody in the offer has died or left the household; have it withdrawn and made anew.",
    ),
    "accepted_before_offer": Message(
        "接收日期早于发起日期，请核对。", "The acceptance is dated before the offer; check the date."
    ),
    "region_outside_destination": Message(
        "接收的村不在迁入地范围内，请重新选择。", "The village lies outside the offered destination; choose another."
    ),
    "target_elsewhere": Message(
        "拟并入的户不在所选的村，请核对。", "The household to join lies in another village; check it."
    ),
}
