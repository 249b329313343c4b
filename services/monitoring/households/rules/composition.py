"""Rules about who makes up a household: head, spouse, generations, size, land (clause B12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from services.monitoring.codes.relations import CHILDREN, HEADS, PARENTS, SPOUSES, Relation
from services.monitoring.households.rules.dates import age_on
from services.monitoring.households.rules.finding import Context, House, Severity, Subject, household_rule
from services.monitoring.households.rules.persons import sex_of

_NOT_BY_BIRTH: Final = frozenset({Relation.ADOPTED_SON, Relation.ADOPTED_DAUGHTER})


@household_rule(
    "certificate_twice",
    "户内两名成员证件号码相同，请核对后删除重复的一名或改正号码。",
    "Two members bear one certificate number; remove the double or correct the number.",
    severity=Severity.ERROR,
)
def certificate_twice(house: House, _: Context) -> Iterable[tuple[int, str]]:
    """No person stands in the registry twice; the first of the two keeps its place."""
    seen = set()
    for place, member in enumerate(house.members):
        if member.number is not None:
            if member.number in seen:
                yield place, "certificate"
            seen.add(member.number)


@household_rule(
    "head_missing",
    "户内没有户主，请指定一名户主。",
    "The household has no head; name one of its members.",
)
def head_missing(house: House, _: Context) -> Iterable[str]:
    return () if _with(house, HEADS) else ("members",)


@household_rule(
    "heads_several",
    "户内有多名户主，只能保留一名，请改正其他成员与户主关系。",
    "The household has several heads; keep one and correct the relation of the others.",
)
def heads_several(house: House, _: Context) -> Iterable[tuple[int, str]]:
    return [(place, "relation") for place, _ in _with(house, HEADS)[1:]]


@household_rule(
    "spouses_several",
    "户主有多名配偶，请改正与户主关系。",
    "The head has several spouses; correct the relations.",
)
def spouses_several(house: House, _: Context) -> Iterable[tuple[int, str]]:
    return [(place, "relation") for place, _ in _with(house, SPOUSES)[1:]]


@household_rule(
    "spouse_of_same_sex",
    "配偶与户主性别相同，请核对性别、证件号码或与户主关系。",
    "Spouse and head are of one sex; check sex, certificate number or relation.",
)
def spouse_of_same_sex(house: House, _: Context) -> Iterable[tuple[int, str]]:
    heads = _with(house, HEADS)
    head_sex = sex_of(heads[0][1]) if heads else None
    return [
        (place, "sex") for place, spouse in _with(house, SPOUSES) if head_sex is not None and sex_of(spouse) is head_sex
    ]


@household_rule(
    "generation_contradicts_age",
    "与户主的年龄差不足{t.generation_years_min}岁，与亲子关系不符，请核对出生日期或与户主关系。",
    "Parent and child are less than {t.generation_years_min} years apart; check birth date or relation.",
)
def generation_contradicts_age(house: House, context: Context) -> Iterable[tuple[int, str]]:
    heads = _with(house, HEADS)
    born = heads[0][1].born if heads else None
    if born is None:
        return []
    apart = context.thresholds.generation_years_min
    children = [(place, child.born, born) for place, child in _with(house, CHILDREN - _NOT_BY_BIRTH) if child.born]
    parents = [(place, born, parent.born) for place, parent in _with(house, PARENTS) if parent.born]
    return [
        (place, "birth_date") for place, younger, elder in sorted(children + parents) if age_on(elder, younger) < apart
    ]


@household_rule(
    "members_many",
    "家庭人口超过{t.members_max}人，请核对是否有两户合录或重复成员。",
    "The household has more than {t.members_max} members; check for two households in one, or doubles.",
)
def members_many(house: House, context: Context) -> Iterable[str]:
    return ("members",) if len(house.members) > context.thresholds.members_max else ()


@household_rule(
    "cultivated_land_out_of_range",
    "耕地面积不在{t.cultivated_land_mu_min}至{t.cultivated_land_mu_max}亩之间，请核对面积和单位。",
    "Cultivated land is not within {t.cultivated_land_mu_min} to {t.cultivated_land_mu_max} 亩; check area and unit.",
)
def cultivated_land_out_of_range(house: House, context: Context) -> Iterable[str]:
    limits = context.thresholds
    area = house.facts.cultivated_land_mu
    outside = area is not None and not limits.cultivated_land_mu_min <= area <= limits.cultivated_land_mu_max
    return ("cultivated_land_mu",) if outside else ()


@household_rule(
    "relation_missing",
    "未填写与户主关系，请补填。",
    "The relation to the head is blank; fill it in.",
)
def relation_missing(house: House, _: Context) -> Iterable[tuple[int, str]]:
    return [(place, "relation") for place, member in enumerate(house.members) if member.facts.relation is None]


COMPOSITION_RULES: Final = (
    certificate_twice,
    head_missing,
    heads_several,
    spouses_several,
    spouse_of_same_sex,
    generation_contradicts_age,
    relation_missing,
    members_many,
    cultivated_land_out_of_range,
)


def heads_among(relations: Iterable[Relation]) -> int:
    """How many of these relations are a head's; one is right."""
    return sum(count for relation, count in Counter(relations).items() if relation in HEADS)


def _with(house: House, relations: frozenset[Relation]) -> list[tuple[int, Subject]]:
    return [(place, member) for place, member in enumerate(house.members) if member.facts.relation in relations]
