"""Make one PDF of many documents, in a process of its own, one file at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from starlette.responses import Response

from chassis.children import ChildFailed, answer_of
from chassis.errors import Internal, Message, Unavailable
from chassis.http.late import LateResponse
from chassis.paper.document import Document, Note, plain, texts
from chassis.paper.fonts import missing_signs, spelt
from chassis.program import Program

PDF: Final = "application/pdf"
WAITING_MAX: Final = 20
"""Files that may wait for the one at work; they hold no connection of the database."""
SECONDS_MAX: Final = 120
BUSY_SECONDS: Final = 10


class PapersBusy(Unavailable):
    code, status = "papers_busy", 503
    title = Message("正在排版的文件过多，请稍后再试。", "Too many papers are being typeset; try again shortly.")


class PaperFailed(Internal):
    code, status = "paper_failed", 500
    title = Message("文件排版失败，请稍后再试。", "The paper could not be typeset; try again later.")


class Typesetter:
    """Typesets for one program."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)
        self._asked = 0

    @classmethod
    def of(cls, program: Program) -> Typesetter:
        """The program's own, from the first time that it is asked for."""
        found: Typesetter = program.extras.setdefault(cls, cls())
        return found

    async def typeset(
        self, documents: Sequence[Document], *, title: str, made_at: datetime, sample: bool = False
    ) -> bytes:
        """One PDF of all documents, each with its own count of pages; from the same documents always the same bytes.

        :param title: of the file; never names a person.
        :param made_at: kept in the file as the instant at which it was made.
        :param sample: whether 样本 stands behind the text of every page.
        :raises ValueError: without a document.
        :raises PapersBusy: if as many files as may wait do.
        :raises PaperFailed: if it takes too long or cannot be typeset.
        """
        if not documents:
            raise ValueError("a file has at least one document")
        if self._asked > WAITING_MAX:
            raise PapersBusy(retry_after_seconds=BUSY_SECONDS)
        content = orjson.dumps(
            {
                "title": title,
                "made_at": int(made_at.timestamp()),
                "sample": sample,
                "documents": [printable(document) for document in documents],
            }
        )
        self._asked += 1
        try:
            async with self._one_at_a_time:
                return await _in_child(content)
        finally:
            self._asked -= 1


def printable(document: Document) -> Any:
    """The document as data, in which a number stands for each sign that the fonts lack, and a note that says so."""
    told = plain(document)
    missing = sorted(set().union(*(missing_signs(text) for text in texts(told))))
    if not missing:
        return told
    listed = "、".join(spelt(sign) for sign in missing)
    note = Note(f"缺字说明：{listed} 为本机字库没有的字，括号内是该字的统一码，请按身份证在旁手写补正。")
    told = _replaced(told, {sign: spelt(sign) for sign in missing})
    told["blocks"].append(plain(note))
    return told


def paper_response(program: Program, documents: Sequence[Document], *, title: str, name: str, sample: bool) -> Response:
    """A PDF of ``documents`` as a download, made once the request's transaction is over.

    :param name: of the file: ASCII, without the extension; it names no person.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    made_at = program.clock.business_now()

    async def make() -> bytes:
        return await Typesetter.of(program).typeset(documents, title=title, made_at=made_at, sample=sample)

    return LateResponse(make, headers=headers, media_type=PDF)


def _replaced(value: Any, signs: dict[str, str]) -> Any:
    if isinstance(value, str):
        return "".join(signs.get(sign, sign) for sign in value)
    if isinstance(value, dict):
        return {name: _replaced(one, signs) for name, one in value.items()}
    return [_replaced(one, signs) for one in value] if isinstance(value, list) else value


async def _in_child(content: bytes) -> bytes:
    try:
        return await answer_of("chassis.paper.child", content=content, seconds_max=SECONDS_MAX)
    except ChildFailed:
        raise PaperFailed from None
