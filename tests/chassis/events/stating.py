"""Events of a tally that tell the state of their thing."""

from __future__ import annotations

from chassis.testing.tally import CounterRecorded
from tests.chassis.events.reading import counted

STATE = CounterRecorded.wire_type()


def recorded(subject, version, total=None, **changes):
    data = {"total": version if total is None else total}
    return counted(subject, version, **{"type": STATE, "data": data} | changes)
