"""A slow test fails unless it said so, and says what to do."""

from __future__ import annotations

import pytest

from tests.budget import overdrawn


def marked(request: pytest.FixtureRequest, *marks: pytest.MarkDecorator) -> pytest.Item:
    item = pytest.Function.from_parent(request.node.parent, name="test_planted", callobj=lambda: None)
    for mark in marks:
        item.add_marker(mark)
    return item


@pytest.mark.parametrize(
    ("marks", "seconds", "is_overdrawn"),
    [
        ((), 29.0, False),
        ((), 31.0, True),
        ((pytest.mark.budget(60),), 59.0, False),
        ((pytest.mark.budget(seconds=60),), 61.0, True),
        ((pytest.mark.long,), 3600.0, False),
    ],
)
def test_a_test_may_take_thirty_seconds_or_what_it_asked_for(request, marks, seconds, is_overdrawn):
    said = overdrawn(marked(request, *marks), seconds)
    assert (said is not None) is is_overdrawn
    assert said is None or "budget" in said
