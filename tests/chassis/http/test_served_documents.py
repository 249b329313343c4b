"""A service's document is made when it is first asked for, once, and by a process of its own where it is large."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.http import documents
from chassis.http.documents import ROUTES_MAX, DocumentFailed, Documents
from chassis.service import Service


def served(routes, package="services.tally"):
    service = Service("tally", Message("计数", "Tally"), MetaData(), Path(), package=package)
    return Documents(service, lambda: {"openapi": "3.1.0", "made": "here"}, routes=routes)


@pytest.fixture
def children(monkeypatch):
    """What was asked of children, each of which answers slowly or, the first one, fails if told so."""
    asked = []

    async def answer(module, *arguments, seconds_max):
        asked.append((module, *arguments))
        await asyncio.sleep(0.01)
        if answer.fails:
            answer.fails = False
            raise documents.ChildFailed(f"{module} ended with 1")
        return b'{"openapi":"3.1.0","made":"apart"}\n'

    answer.fails = False
    monkeypatch.setattr(documents, "answer_of", answer)
    return asked, answer


async def test_a_small_document_and_one_without_a_command_line_are_made_here(children):
    for one in (served(ROUTES_MAX), served(ROUTES_MAX + 1, package=None)):
        assert (await one.operations()).body == b'{"openapi":"3.1.0","made":"here"}'
    assert children[0] == []


async def test_a_large_document_is_made_apart_once_for_all_who_ask_meanwhile(children):
    one = served(ROUTES_MAX + 1)
    first, second = await asyncio.gather(one.operations(), one.operations())
    assert first is second
    assert first.body == b'{"openapi":"3.1.0","made":"apart"}'
    assert children[0] == [("services.tally", "openapi", "--one-line")]


async def test_a_document_that_could_not_be_made_is_tried_again_by_the_next_who_asks(children):
    children[1].fails = True
    one = served(ROUTES_MAX + 1)
    with pytest.raises(DocumentFailed):
        await one.operations()
    assert (await one.operations()).body == b'{"openapi":"3.1.0","made":"apart"}'
