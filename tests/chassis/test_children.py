"""A piece of work in a process of its own: what it answers, and what becomes of it when it fails or takes too long."""

from __future__ import annotations

import psutil
import pytest

from chassis.children import ChildFailed, answer_of


async def test_a_child_is_given_its_content_and_its_answer_comes_back():
    assert await answer_of("json.tool", "--compact", content=b'{"a": [1, 2]}', seconds_max=30) == b'{"a":[1,2]}\n'


async def test_a_child_that_fails_is_named_with_its_code_and_not_with_its_words():
    with pytest.raises(ChildFailed) as failed:
        await answer_of("json.tool", content=b"{ what it would quote", seconds_max=30)
    assert str(failed.value) == "json.tool ended with 1"


async def test_a_child_that_takes_too_long_is_ended():
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(ChildFailed, match="not over after"):
        await answer_of("timeit", "-n", "1", "-s", "import time", "time.sleep(60)", seconds_max=0.05)
    assert {child.pid for child in psutil.Process().children()} <= before
