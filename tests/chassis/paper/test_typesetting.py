"""Documents become one PDF with an embedded Chinese font, always the same bytes, whatever stands in them."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from chassis.paper.document import Document, Fields, Heading, Note, Paragraph, Signatures, Table
from chassis.paper.fonts import missing_signs
from chassis.paper.typesetting import PaperFailed, PapersBusy, Typesetter, printable
from tests.printed import pages, printed

MADE_AT = datetime(2024, 6, 3, tzinfo=UTC)
RARE = "㙍䶮㑇𬍛"
"""Signs of names: CJK Extension A, and one of 通用规范汉字表 in Extension C."""


def document(**changes) -> Document:
    blocks = (
        Heading("一、家庭情况"),
        Fields((("户主", "买买提·艾力"), ("现住址", "松坪村"), ("电话", ""))),
        Paragraph("本人承诺以上内容真实。" * 20),
        Table(("姓名", "关系"), (("陈大山", "户主"),), (1, 2)),
        Signatures(("户主", "日期")),
        Note("注"),
    )
    return Document(**{"title": "核查表", "blocks": blocks, "foot": "松坪村"} | changes)


async def typeset(*documents: Document, **more) -> bytes:
    return await Typesetter().typeset(documents, title="试", made_at=MADE_AT, **more)


async def test_each_document_counts_its_own_pages_and_repeats_the_heads_of_its_tables():
    rows = tuple((f"王小{number}", "子") for number in range(120))
    long = document(blocks=(Table(("姓名", "关系"), rows, (1, 1)),))
    found = pages(await typeset(document(), long, document()))
    counts = [page[page.rindex("第") :] for page in found]
    total = len(found) - 2
    assert total > 2
    assert counts == ["第1页共1页", *(f"第{page}页共{total}页" for page in range(1, total + 1)), "第1页共1页"]
    assert all("姓名关系" in page for page in found[1:-1])
    assert "王小119" in found[-2]


async def test_the_same_documents_make_the_same_bytes_and_only_the_signs_used_are_embedded():
    first, second = await typeset(document()), await typeset(document())
    assert first == second
    assert len(first) < 60_000
    fonts = PdfReader(io.BytesIO(first)).pages[0]["/Resources"]["/Font"]
    assert all("+NotoS" in str(font.get_object()["/BaseFont"]) for font in fonts.values())


async def test_names_with_a_joint_and_rare_signs_are_printed():
    text = printed(await typeset(document(blocks=(Paragraph(f"买买提·艾力、王{RARE}"),))))
    assert f"买买提·艾力、王{RARE}" in text
    assert "缺字" not in text


async def test_a_sign_that_the_fonts_lack_is_told_of_and_never_printed_as_a_box():
    assert missing_signs(f"王𠮷{RARE}\n") == {"𠮷"}
    text = printed(await typeset(document(blocks=(Paragraph("王𠮷"),)), document()))
    assert "王〔U+20BB7〕" in text
    assert text.count("缺字说明：〔U+20BB7〕") == 1


async def test_markup_and_lines_in_a_text_stay_text():
    given = '#panic("x") *粗* $a$ <b> @ref [c] \\ "'
    text = printed(await typeset(document(blocks=(Paragraph(f"{given}\n第二行"), Table((given,), ((given,),), (1,))))))
    assert text.count(given.replace(" ", "")) == 3
    assert "第二行" in text


async def test_an_empty_table_says_so_and_a_sample_is_marked_on_every_page():
    empty = document(blocks=(Table(("姓名",), (), (1,), empty="本期没有"),))
    found = pages(await typeset(empty, empty, sample=True))
    assert ["本期没有" in page and "样本" in page for page in found] == [True, True]
    assert "样本" not in printed(await typeset(empty))


async def test_more_files_than_may_wait_are_refused(monkeypatch):
    monkeypatch.setattr("chassis.paper.typesetting.WAITING_MAX", 1)
    typesetter = Typesetter()
    asked = [typesetter.typeset([document()], title="试", made_at=MADE_AT) for _ in range(3)]
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in made] == [bytes, bytes, PapersBusy]


async def test_what_cannot_be_typeset_in_time_fails_without_a_word_of_it(monkeypatch):
    monkeypatch.setattr("chassis.paper.typesetting.SECONDS_MAX", 0.001)
    with pytest.raises(PaperFailed):
        await typeset(document())


def test_a_table_whose_rows_do_not_fit_its_head_is_refused():
    with pytest.raises(ValueError, match="as long as its head"):
        Table(("姓名", "关系"), (("陈大山",),), (1, 1))


def test_a_document_without_missing_signs_is_printed_as_it_is():
    assert [block["kind"] for block in printable(document())["blocks"]][-1] == "note"
