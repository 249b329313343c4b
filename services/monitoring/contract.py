"""The events that monitoring publishes; the only part of it that another service may import.

They carry ids, divisions, dates and codes: no name, ID number, phone, account or health fact. The blind indexes of
``monitoring.person.recorded`` are made with a key of its own for each receiving service.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from chassis.events.event import Event


class RegionRecorded(Event, type="monitoring.region.recorded", version=1, full_state=True):
    """区划: a division as it is now; ``successor`` names the one that follows it after a merger."""

    code: int
    name: str
    level: int
    parent: int | None
    valid_from: date
    valid_to: date | None = None
    successor: int | None = None


class HouseholdRecorded(Event, type="monitoring.household.recorded", version=1, full_state=True):
    """户: a household as it is now, its successor after a merger or a split among it."""

    household: UUID
    region: int
    registration_region: int
    is_lifted: bool
    monitoring_type: str | None
    members: int
    state: str
    successor: UUID | None = None


class PersonRecorded(
    Event,
    type="monitoring.person.recorded",
    version=1,
    full_state=True,
    readers=("assets", "employment", "funds"),
):
    """人: a person as they are now. Only the services that keep a projection of people may read it.

    :ivar identity_indexes: blind index of the ID number in base64, by receiving service; none of who was registered by
        mistake, since the number is another's then.
    :ivar other_identity_indexes: those under other live keys, while keys are being replaced.
    """

    person: UUID
    household: UUID
    region: int
    birth_date: date
    sex: str
    labour_skill: str | None
    is_lifted: bool
    monitoring_type: str | None
    state: str
    died_on: date | None = None
    identity_indexes: dict[str, str] = Field(default_factory=dict)
    other_identity_indexes: dict[str, list[str]] = Field(default_factory=dict)


class ClueRaised(Event, type="monitoring.clue.raised", version=1, full_state=True):
    """线索: a clue was raised, grew or was judged. It names no rule, since that may tell of an illness.

    :ivar severity: H, M or L. :ivar due: when it must be judged; absent for a first load of history.
    :ivar state: ``open`` while it waits to be judged; ``in_case``, ``dismissed`` or ``withdrawn`` end the to-do.
    """

    clue: UUID
    household: UUID
    severity: str
    due: datetime | None = None
    state: str = "open"


class CaseRegistered(Event, type="monitoring.case.registered", version=1):
    """纳入监测: a household was registered. It names no risk, since that may tell of an illness.

    :ivar monitoring_type: 1, 2 or 3. :ivar basis: why, by the line of the decision's day.
    """

    case: UUID
    household: UUID
    monitoring_type: str = Field(examples=["3"])
    basis: str = Field(examples=["shock"])
    registered_on: date


class CaseEliminated(Event, type="monitoring.case.eliminated", version=1):
    """风险消除: a household's risk was eliminated. It names no risk, since that may tell of an illness.

    :ivar mode: ``helped`` or ``natural``. :ivar basis: why it had been registered; absent where it was taken over.
    """

    case: UUID
    household: UUID
    monitoring_type: str = Field(examples=["3"])
    basis: str | None = Field(None, examples=["shock"])
    mode: str = Field(examples=["helped"])
    eliminated_on: date


class _MeasureTold(Event):
    """What both ends of a measure tell: all of it, so that either stands alone.

    :ivar on: first day, or last day. :ivar funding: what the funds service pays it from.
    :ivar kind: ``industry``, ``work``, ``finance`` or ``public_post``; any other may tell of an illness: ``other``.
    """

    measure: UUID
    household: UUID
    person: UUID | None = None
    on: date
    kind: str = Field(examples=["public_post"])
    amount_fen: int | None = None
    funding: UUID | None = None


class MeasureStarted(_MeasureTold, type="monitoring.measure.started", version=1, full_state=True):
    """帮扶措施开始: help began; told again, in a higher version, when what it says was corrected."""


class MeasureEnded(_MeasureTold, type="monitoring.measure.ended", version=1, full_state=True):
    """帮扶措施结束: help ended. One that never was ends on the day on which it was said to have begun."""


EVENTS: tuple[type[Event], ...] = (
    RegionRecorded,
    HouseholdRecorded,
    PersonRecorded,
    ClueRaised,
    MeasureStarted,
    MeasureEnded,
    CaseRegistered,
    CaseEliminated,
)
"""Every event type of this contract."""
