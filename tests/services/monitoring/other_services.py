"""What assets and employment tell monitoring, as those services would publish it, for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from chassis.events.event import Envelope, Event
from chassis.identifiers import new_id
from chassis.testing.programs import VILLAGE
from services.assets.contract import IncomeDistributed
from services.employment.contract import IncomeRecorded, SubsidyPaid

_TIMES = count()


def told(event: Event, subject: UUID, version: int = 1) -> Envelope:
    return Envelope(
        id=new_id(),
        type=event.wire_type(),
        source=f"/services/{event.service()}",
        subject=subject,
        aggregate_version=version,
        region=VILLAGE,
        time=datetime(2025, 1, 1, second=next(_TIMES) % 60, tzinfo=UTC),
        traceparent=None,
        data=event.model_dump(mode="json"),
    )


def dividend(home, fen=73_000, *, line=None, revision=1, paid_on=date(2024, 1, 20)):
    line = line or new_id()
    event = IncomeDistributed(
        line=line,
        distribution=new_id(),
        asset=new_id(),
        project=None,
        household=home["id"],
        period="2023",
        paid_on=paid_on,
        amount_fen=fen,
        reason_code="no_labour",
        revision=revision,
    )
    return told(event, line, revision)


def wage(home, member, fen=280_000, *, wage_id=None, revision=1, **more):
    event = IncomeRecorded(
        spell=new_id(),
        person=member["id"],
        household=home["id"],
        amount_fen=fen,
        revision=revision,
        **{"month": "2024-02", "kind": "work"} | more,
    )
    return told(event, wage_id or new_id(), revision)


def subsidy(home, member, fen=50_000):
    event = SubsidyPaid(
        subsidy=new_id(),
        person=member["id"],
        household=home["id"],
        kind="transport",
        paid_on=date(2024, 3, 10),
        amount_fen=fen,
        revision=1,
    )
    return told(event, event.subsidy)
