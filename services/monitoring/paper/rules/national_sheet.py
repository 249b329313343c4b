"""A household in the order of the national form's columns: on paper, and as rows of a table, one member a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chassis.paper.document import Block, Document, Fields, Heading
from services.monitoring.national.contract import COLUMNS, OF_PERSON
from services.monitoring.paper.rules.facts import HouseholdFacts, MemberFacts

LABELS = {column.name: column.label for column in COLUMNS}


def national_sheet(facts: HouseholdFacts, *, on: date) -> Document:
    """监测对象信息表: the household's columns, then each member's; a column without a value stays away."""
    household = tuple(
        (column.label, facts.national[column.name])
        for column in COLUMNS
        if column.name not in OF_PERSON and facts.national.get(column.name)
    )
    blocks: list[Block] = [Heading("家庭信息"), Fields(household)]
    for number, member in enumerate(facts.members, 1):
        blocks.append(Heading(f"成员{number}"))
        blocks.append(Fields(tuple(_of_member(member))))
    return Document("防止返贫监测对象信息表", tuple(blocks), subtitle=facts.place, foot=f"信息表 {facts.village} {on}")


def national_rows(facts: HouseholdFacts) -> Iterator[list[str | None]]:
    """One row a member in the contract's order of columns; the household's values stand in each."""
    for member in facts.members:
        told = {**facts.national, **member.national}
        yield [told.get(column.name) or None for column in COLUMNS]


def _of_member(member: MemberFacts) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        if column.name in OF_PERSON and member.national.get(column.name):
            yield column.label, member.national[column.name]
