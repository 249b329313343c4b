"""The checklist for a new event names files and calls that exist."""

from __future__ import annotations

import re
from pathlib import Path

import chassis
from chassis.events import subscriptions
from chassis.events.event import Event

ROOT = Path(chassis.__file__).parents[1]
TEXT = (ROOT / "docs/adding-an-event.md").read_text("utf-8")


def test_its_paths_exist():
    named = {word for word in re.findall(r"`([^`\s]+)`", TEXT) if "/" in word and "<" not in word}
    assert len(named) >= 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_its_make_targets_exist():
    targets = set(re.findall(r"`make ([a-z-]+)`", TEXT))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_its_names_exist():
    for name in ("Subscription", "PersonUnknown"):
        assert f"`{name}(" in TEXT
        assert hasattr(subscriptions, name)

    class CaseRegistered(Event, type="monitoring.case.registered", version=1):
        pass

    assert 'class CaseRegistered(Event, type="monitoring.case.registered", version=1)' in TEXT
    assert CaseRegistered.wire_type() == "cn.xianjie.monitoring.case.registered.v1"
