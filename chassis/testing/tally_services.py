"""The tally as services: ``python -m chassis.testing.tally_services tally|reader|mirror worker``.

``tally`` writes counters; ``reader`` reacts to each step, and ``mirror`` keeps their states.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.events.subscriptions import Projection, StateSubscription, Subscription
from chassis.main import command_line
from chassis.service import Service
from chassis.testing import tally

_TITLE: Final = Message("计数", "Counters of a test")
_NO_MIGRATIONS: Final = Path(__file__).parent / "no-migrations"  # tests make the tables from the metadata

WRITER: Final = Service(
    name="tally",
    title=_TITLE,
    tables=tally.tables,
    migrations=_NO_MIGRATIONS,
    events=(tally.Counted, tally.CounterRecorded, sealed_event("tally")),
)
READER: Final = Service(
    name="reader",
    title=_TITLE,
    tables=tally.tables,
    migrations=_NO_MIGRATIONS,
    events=(sealed_event("reader"),),
    subscriptions=(Subscription(tally.Counted, tally.hear), Subscription(tally.CounterRecorded, tally.see)),
)

MIRROR: Final = Service(
    name="mirror",
    title=_TITLE,
    tables=tally.tables,
    migrations=_NO_MIGRATIONS,
    events=(sealed_event("mirror"),),
    projections=(Projection("states", (StateSubscription(tally.CounterRecorded, tally.keep),), tally.forget),),
)

if __name__ == "__main__":
    service = {each.name: each for each in (WRITER, READER, MIRROR)}[sys.argv.pop(1)]
    command_line(service)()
