"""What the gateway reads of an event is what its service publishes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from chassis.events.schemas import example_of
from gateway.heard import AUDITS_SEALED, SERVICES, ClueRaised

ROOT = Path(__file__).parents[2]


def published() -> dict[str, type]:
    found = {}
    for folder in sorted((ROOT / "services").iterdir()):
        if (folder / "app.py").is_file():
            service = import_module(f"services.{folder.name}.app").SERVICE
            found |= {event.wire_type(): event for event in service.events}
    return found


@pytest.mark.parametrize("heard", [ClueRaised, *AUDITS_SEALED], ids=lambda event: event.wire_type())
def test_a_view_reads_fields_that_are_published(heard):
    theirs = published().get(heard.wire_type())
    if theirs is None:
        assert not (ROOT / "services" / heard.service()).exists(), "the service is there and does not publish this"
        return
    assert set(heard.model_fields) <= set(theirs.model_fields)
    assert heard.full_state == theirs.full_state
    heard.model_validate(example_of(theirs))


def test_the_gateway_hears_every_service():
    there = {folder.name for folder in (ROOT / "services").iterdir() if (folder / "app.py").is_file()}
    assert there <= set(SERVICES)
