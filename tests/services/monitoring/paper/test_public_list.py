"""A public list holds nothing personal but a name: its types refuse it, and what is printed is looked through."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, date, datetime

import pytest

from chassis.paper.document import Document, Paragraph
from chassis.paper.typesetting import Typesetter
from services.monitoring.codes.monitoring import HEALTH_RISKS, MonitoringType, Risk
from services.monitoring.paper.rules.public import (
    NotForThePublic,
    OfficeTelephone,
    PublicLine,
    PublicListPaper,
    PublicName,
    PublicPlace,
    PublicPurpose,
    PublicReason,
    personal_facts,
    public_list,
    public_reason,
)
from tests.personas import number
from tests.printed import pages, printed

MADE_AT = datetime(2024, 6, 3, tzinfo=UTC)
LINE = PublicLine(PublicName("陈大山"), 4, MonitoringType.SUDDEN_HARDSHIP, PublicReason.LIVELIHOOD)


def paper(*lines: PublicLine, **changes) -> PublicListPaper:
    fields = {
        "purpose": PublicPurpose.ENTRY,
        "village": PublicPlace("松坪村"),
        "lines": lines,
        "shown_from": date(2024, 6, 8),
        "shown_until": date(2024, 6, 12),
        "office": PublicPlace("青山镇人民政府"),
        "telephone": OfficeTelephone("0915-1234567"),
    }
    return PublicListPaper(**fields | changes)


async def typeset(document: Document) -> bytes:
    return await Typesetter().typeset([document], title="公示名单", made_at=MADE_AT)


def leaves(kind: object) -> set[type]:
    """Every type that a value of ``kind`` can hold in the end."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is not None:
        return set().union(*(leaves(one) for one in typing.get_args(kind) if one is not ...))
    if dataclasses.is_dataclass(kind):
        checked = kind.__name__ in {"PublicName", "PublicPlace", "OfficeTelephone"}
        return {kind} if checked else set().union(*(leaves(one) for one in typing.get_type_hints(kind).values()))
    assert isinstance(kind, type)
    return {kind}


def test_no_field_of_a_list_takes_a_free_text_a_number_of_somebody_or_an_id():
    assert leaves(PublicListPaper) == {
        PublicName, PublicPlace, OfficeTelephone, PublicPurpose, PublicReason, MonitoringType, date, int, type(None),
    }  # fmt: skip


@pytest.mark.parametrize(
    "planted", [number(), "13800001234", "6217000012345678901", "陈大山 13800001234", "陈大山1", ""]
)
def test_a_name_or_place_that_holds_a_number_cannot_be_made(planted):
    with pytest.raises(NotForThePublic):
        PublicName(planted)
    with pytest.raises(NotForThePublic):
        PublicPlace(planted if planted != "陈大山1" else "松坪村2024")


@pytest.mark.parametrize("planted", ["13800001234", number(), "电话", "12317 13800001234", "0915-123456789"])
def test_an_offices_telephone_is_a_hotline_or_a_landline(planted):
    with pytest.raises(NotForThePublic):
        OfficeTelephone(planted)
    assert OfficeTelephone("12317").text == "12317"


def test_no_reason_names_or_lets_guess_an_illness():
    assert not any(personal_facts(reason.value) for reason in PublicReason)
    for risk in HEALTH_RISKS:
        shared = {one for one in Risk if public_reason([one]) is public_reason([risk])}
        assert shared - HEALTH_RISKS, "a category of its own would tell"


def test_the_middle_of_a_name_is_hidden_where_an_area_wants_it():
    shown = {name: PublicName(name).with_middle_hidden().text for name in ("陈大山", "王芳", "王", "买买提·艾力")}
    assert shown == {"陈大山": "陈*山", "王芳": "王*", "王": "王", "买买提·艾力": "买**·*力"}


async def test_the_printed_list_shows_names_and_days_and_nothing_personal():
    long = [dataclasses.replace(LINE, name=PublicName(f"王{chr(0x4E00 + place)}")) for place in range(60)]
    made = await typeset(public_list(paper(LINE, *long)))
    found = pages(made)
    assert len(found) > 1
    assert all("户主姓名人口类型原因类别" in page for page in found[:2])
    text = "".join(found)
    for said in (
        "陈大山",
        "突发严重困难户",
        "收入减少或支出增加",
        "2024年6月8日至2024年6月12日",
        "12317",
        "0915-1234567",
    ):
        assert said in text
    assert personal_facts(text) == []


async def test_an_empty_list_says_so():
    assert "本期没有公示对象" in printed(await typeset(public_list(paper())))


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (number(), ["identity_number", "digits"]),
        ("13800001234", ["digits"]),
        ("138 0000 1234", ["digits"]),
        ("6217 0000 1234 5678 901", ["digits"]),
        ("因病", ["health"]),
        ("妻子住院", ["health"]),
        ("0915-1234567", []),
    ],
)
async def test_a_planted_fact_is_found_in_the_text_of_a_pdf(planted, found):
    text = printed(await typeset(Document("公示名单", (Paragraph(f"陈大山 {planted}"),))))
    assert personal_facts(text) == found


def test_what_slips_past_the_types_is_not_printed():
    line = PublicLine(PublicName("陈大山"), 4, None, PublicReason.LIVELIHOOD)
    object.__setattr__(line.name, "text", "陈大山13800001234")
    with pytest.raises(NotForThePublic, match="digits"):
        public_list(paper(line))
    with pytest.raises(NotForThePublic, match="health"):
        public_list(paper(dataclasses.replace(LINE, name=PublicName("因病住院"))))
