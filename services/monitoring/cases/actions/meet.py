"""Record a village's meeting: one set of minutes decides many cases, each with its own outcome (clause B8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.stepping import NOT_PROPOSED, ids_of, locked, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.actions.tell import keep_notices, refusal_faults
from services.monitoring.cases.comparing import comparison_days
from services.monitoring.cases.parameters import VOTE_PERCENT
from services.monitoring.cases.queries.meetings import show_meeting
from services.monitoring.cases.queries.rows import MEETING, VOTE, plan_of, stand_since
from services.monitoring.cases.rules.guards import comparison_faults, fault, met_before
from services.monitoring.cases.rules.meeting import Ballot, ballot_faults, out_of_range
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import MeetingCreate, MeetingRead, VoteCreate
from services.monitoring.codes.cases import CaseAction, CaseState, VoteOutcome
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.rules.risks import NamedRisks, refusals_of_risks
from services.monitoring.households.tables import Person
from services.monitoring.parameters import book_of

KIND: Final = "case_meeting"
_PERSON: Final = rows(Person)
_ACTIONS: Final = {
    (Purpose.ENTRY, VoteOutcome.ACCEPTED): CaseAction.REVIEW,
    (Purpose.ENTRY, VoteOutcome.REFUSED): CaseAction.REJECT_V,
    (Purpose.ELIMINATION, VoteOutcome.ACCEPTED): CaseAction.ELIM_REVIEW,
    (Purpose.ELIMINATION, VoteOutcome.REFUSED): CaseAction.REJECT_V,
}


async def record_meeting(unit: UnitOfWork, body: MeetingCreate) -> MeetingRead:
    """The minutes, and each of its cases reviewed or rejected.

    :raises NotFound: if a case is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: with every guard that fails, for every case.
    """
    cases = await locked(unit, body.cases)
    today = unit.clock.today()
    held_on = body.held_on or today
    faults = [fault("day_ahead", "/held_on")] if held_on > today else []
    book = await book_of(unit, body.region)
    share = book.integer(VOTE_PERCENT, region=body.region, on=held_on)
    homes, limits = await _homes(unit, body), await thresholds_at(unit, body.region)
    since = await stand_since(unit, ids_of(cases))
    faults += _attendee_faults(body, homes)
    for place, (row, vote) in enumerate(zip(cases, body.cases, strict=True)):
        pointer = f"/cases/{place}"
        faults += step_faults(unit, row, _ACTIONS[body.purpose, vote.outcome], pointer)
        faults += await _comparison_faults(unit, row, body.purpose, pointer)
        if row.region != body.region:
            faults.append(fault("other_village", pointer))
        if held_on < (first := since.get(row.id, row.day_0)):
            faults.append(met_before(first, CaseState(row.state), pointer))
        named = NamedRisks(tuple(vote.risks), vote.disaster_kind, vote.risk_note is not None)
        faults += refusals_of_risks(named, limits, pointer=pointer)
        related = _related(body, row, homes)
        faults += _vote_faults(body, vote, related, share, pointer, today)
    refuse(faults)
    meeting_id = body.id or new_id()
    await _keep(unit, body, meeting_id, held_on, cases)
    steps = [_step(row, vote, body.purpose, meeting_id, held_on) for row, vote in zip(cases, body.cases, strict=True)]
    taken = await take(unit, steps)
    refused = [pair for pair in zip(taken, body.cases, strict=True) if pair[1].outcome is VoteOutcome.REFUSED]
    await keep_notices(unit, refused)
    return await show_meeting(unit, meeting_id)


async def _comparison_faults(unit: UnitOfWork, row: Any, purpose: Purpose, pointer: str) -> list[Fault]:
    """Whether the comparison of the way that the meeting is about is still awaited, or the meeting about the other."""
    if purpose is not purpose_in(row.state):
        return [fault("other_purpose", pointer)]
    if purpose is Purpose.ENTRY:
        return comparison_faults(plan_of(row), Step.VILLAGE_REVIEWED, compared_on=row.compared_on, pointer=pointer)
    waits = row.elimination_compared_on is None and await comparison_days(unit, row) > 0
    return [fault("not_compared", pointer)] if waits else []


def _vote_faults(
    body: MeetingCreate, vote: VoteCreate, related: frozenset[int], share: int, pointer: str, today: date
) -> list[Fault]:
    places = [place - 1 for place in vote.recused]
    strangers = out_of_range(places, len(body.attendees))
    ballot = Ballot(
        outcome=vote.outcome,
        in_favour=vote.in_favour,
        against=vote.against,
        abstained=vote.abstained,
        present=len(body.attendees),
        related=related,
        recused=frozenset(places) & frozenset(range(len(body.attendees))),
        share_percent=share,
    )
    faults = [fault("not_an_attendee", f"{pointer}/recused")] if strangers else []
    faults += ballot_faults(ballot, pointer)
    if vote.outcome is VoteOutcome.REFUSED:
        faults += refusal_faults(vote.reason, vote, vote.risk_note, today, pointer)
    return faults


async def _homes(unit: UnitOfWork, body: MeetingCreate) -> Mapping[UUID, UUID]:
    """In which household the attendees of the registry live."""
    persons = [one.person_id for one in body.attendees if one.person_id is not None]
    if not persons:
        return {}
    statement = select(_PERSON.c.id, _PERSON.c.household_id).where(
        _PERSON.c.id.in_(persons), _PERSON.c.region.between(unit.area.lo, unit.area.hi)
    )
    return {row.id: row.household_id for row in await unit.connection.execute(statement)}


def _attendee_faults(body: MeetingCreate, homes: Mapping[UUID, UUID]) -> list[Fault]:
    """Attendees of the registry who are not in it, or twice there: their household, or their one vote, is unknown."""
    named = [one.person_id for one in body.attendees]
    return [
        fault("attendee_twice" if person in homes else "attendee_unknown", f"/attendees/{place}/person_id")
        for place, person in enumerate(named)
        if person is not None and (person not in homes or person in named[:place])
    ]


def _related(body: MeetingCreate, row: Any, homes: Mapping[UUID, UUID]) -> frozenset[int]:
    """Places of attendees who belong to the household, or said that they are its relatives."""
    return frozenset(
        place
        for place, one in enumerate(body.attendees)
        if row.id in one.related_to or (one.person_id is not None and homes.get(one.person_id) == row.household_id)
    )


async def _keep(unit: UnitOfWork, body: MeetingCreate, meeting_id: UUID, held_on: date, cases: Sequence[Any]) -> None:
    await unit.connection.execute(
        insert(MEETING).values(
            id=meeting_id,
            region=body.region,
            purpose=body.purpose.value,
            held_on=held_on,
            place=body.place,
            minutes=body.minutes,
            attendees=[one.model_dump(mode="json") for one in body.attendees],
            recorded_by=unit.actor.subject,
            version=1,
        )
    )
    votes = [
        {
            "meeting_id": meeting_id,
            "case_id": row.id,
            "region": row.region,
            "outcome": vote.outcome.value,
            "in_favour": vote.in_favour,
            "against": vote.against,
            "abstained": vote.abstained,
            "recused": vote.recused,
            "risks": [risk.value for risk in vote.risks],
            "needs": vote.needs,
        }
        for row, vote in zip(cases, body.cases, strict=True)
    ]
    await unit.connection.execute(insert(VOTE), votes)
    unit.record("case_meeting.record", Aggregate(KIND, meeting_id, body.region, 1), fields=["cases", "minutes"])


def _step(row: Any, vote: VoteCreate, purpose: Purpose, meeting_id: UUID, held_on: date) -> Taken:
    refused = vote.outcome is VoteOutcome.REFUSED
    values: dict[str, Any] = {}
    if purpose is Purpose.ENTRY:
        values = {
            "risks": [risk.value for risk in vote.risks],
            "disaster_kind": vote.disaster_kind and vote.disaster_kind.value,
            "risk_note": vote.risk_note,
        }
    details: dict[str, Any] = {"meeting": meeting_id}
    if refused:
        values |= {"ended_on": held_on} if purpose is Purpose.ENTRY else NOT_PROPOSED
        details["told_on"] = vote.told_on
    return Taken(
        row=row,
        action=_ACTIONS[purpose, vote.outcome],
        on=held_on,
        reason=vote.reason.value if refused and vote.reason is not None else None,
        note=vote.needs,
        details=details,
        values=values,
    )
