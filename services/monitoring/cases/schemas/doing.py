"""What is said when a case takes a step."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.types import ClientId, Day, Integer, Model, PersonName, RegionCode, ShortText, Text
from services.monitoring.cases.rules.states import Purpose
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.schemas.signing import Note, SignatureCreate
from services.monitoring.cases.schemas.telling import Told
from services.monitoring.codes.cases import (
    CaseState,
    NaturalEndReason,
    RefusalReason,
    RemovalReason,
    ReturnReason,
    VoteOutcome,
)
from services.monitoring.codes.clues import DismissalReason
from services.monitoring.codes.evidence import InterviewMode
from services.monitoring.codes.monitoring import DisasterKind, Risk

CASES_MAX = 200
Risks = Annotated[list[Risk], Field(min_length=1, max_length=5, description="The first one first.")]

Checked = Annotated[
    list[ShortText],
    Field(default_factory=list, max_length=50, description="Items of the area's list that were looked at and are so."),
]


class CaseRef(Model):
    """A case in the version that was read."""

    id: UUID
    version: Annotated[Integer, Field(ge=1)]


class CaseList(Model):
    """Cases in the state in which they are now."""

    items: list[CaseRow]


class CaseNote(Model):
    """Why."""

    note: Note


class CaseRedispatch(Model):
    """Send a case that came back to the village where its household is managed now."""

    note: Note | None = Field(None, description="Needed where the household is still managed by the same village.")


class VerificationCreate(Model):
    """What the first of two people found at the household."""

    id: ClientId | None = None
    verified_on: Day | None = Field(None, description="Absent: today.")
    mode: InterviewMode = Field(InterviewMode.HOME, description="A household away is called.")
    summary: Note
    risks: Risks
    shock_verified: bool = Field(False, description="A sudden shock with hardship was found (clause B5).")
    can_write: bool = Field(True, description="Whether the household wrote and signed by itself.")
    helper: PersonName | None = Field(None, description="Who wrote for somebody who cannot write.")
    signature: SignatureCreate | None = Field(None, description="The household's, needed on the way out.")


class VerificationSecond(Told):
    """What the second person says of it."""

    verification_id: UUID
    confirmed: bool
    reason: DismissalReason | None = Field(None, description="Why it is not confirmed; its clues are dismissed so.")
    note: Note | None = None


class InterviewVerification(Model):
    """入户核查表 as the verification: a form that a second person countersigned."""

    interview_id: UUID
    summary: Note
    risks: Risks
    shock_verified: bool = Field(False, description="A sudden shock with hardship was found (clause B5).")
    signature: SignatureCreate | None = Field(None, description="The household's, needed on the way out.")


class ComparisonDone(Model):
    """Cases whose comparison is complete, or goes on without what was not answered in time."""

    cases: Annotated[list[CaseRef], Field(min_length=1, max_length=CASES_MAX)]
    note: Note | None = None


class Attendee(Model):
    """Somebody who took part in a meeting."""

    name: PersonName
    person_id: UUID | None = Field(None, description="The person in the registry; related to the own household.")
    related_to: list[UUID] = Field(default_factory=list, description="Cases of relatives.")


class VoteCreate(CaseRef, Told):
    """One case's vote, with the risks and needs that the meeting saw."""

    outcome: VoteOutcome
    in_favour: Annotated[Integer, Field(ge=0, le=500)]
    against: Annotated[Integer, Field(ge=0, le=500)]
    abstained: Annotated[Integer, Field(ge=0, le=500)] = 0
    recused: list[Annotated[Integer, Field(ge=1)]] = Field(
        default_factory=list, description="Places, from 1, of attendees who did not vote."
    )
    risks: Risks
    disaster_kind: DisasterKind | None = None
    risk_note: Note | None = None
    needs: Note | None = None
    reason: RefusalReason | None = Field(None, description="Needed where the outcome is `refused`.")


class MeetingCreate(Model):
    """评议会: one set of minutes that decides a list of cases."""

    id: ClientId | None = None
    region: RegionCode = Field(description="The village.")
    purpose: Purpose = Purpose.ENTRY
    held_on: Day | None = Field(None, description="Absent: today.")
    place: ShortText | None = None
    minutes: Annotated[Text, Field(min_length=1)]
    attendees: Annotated[list[Attendee], Field(min_length=1, max_length=500)]
    cases: Annotated[list[VoteCreate], Field(min_length=1, max_length=CASES_MAX)]


class MeetingVote(Model):
    """One case's vote in the minutes."""

    case_id: UUID
    outcome: VoteOutcome
    in_favour: int
    against: int
    abstained: int
    recused: list[int] = Field(description="Places, from 1, of those who did not vote.")


class AttendeeRead(Model):
    """Somebody who took part; the name is masked for roles that do not work with the households."""

    name: str


class MeetingRead(Model):
    """A meeting with its votes."""

    id: UUID
    region: RegionCode
    purpose: Purpose
    held_on: Day
    place: str | None
    minutes: str | None = Field(description="Shown to who works with the households.")
    attendees: list[AttendeeRead]
    votes: list[MeetingVote]
    recorded_by: str


class PublicListCreate(Model):
    """公示: hang a list of reviewed cases in the village."""

    id: ClientId | None = None
    region: RegionCode = Field(description="The village, and nowhere else.")
    purpose: Purpose = Purpose.ENTRY
    place: ShortText | None = None
    cases: Annotated[list[CaseRef], Field(min_length=1, max_length=CASES_MAX)]


class PublicListChange(Model):
    """A changed list; it is shown anew, with all of its days."""

    id: ClientId | None = None
    reason: Note
    place: ShortText | None = None
    add: list[CaseRef] = Field(default_factory=list, max_length=CASES_MAX)


class PublicListPass(Model):
    """Let cases pass; without `cases` all that hang on the list."""

    cases: Annotated[list[UUID], Field(min_length=1, max_length=CASES_MAX)] | None = None


class PublicListLineRead(Model):
    """One case on the list."""

    case_id: UUID
    since: Day
    until: Day | None


class PublicListRead(Model):
    """A list as it hangs, or hung, in the village."""

    id: UUID
    region: RegionCode
    purpose: Purpose
    state: str = Field(description="`shown`, `over`, or `replaced` by a changed list.")
    shown_from: Day
    days: int
    place: str | None
    replaces_id: UUID | None
    lines: list[PublicListLineRead]
    version: int


class ObjectionCreate(Model):
    """What somebody of the village said; who they are is not asked."""

    id: ClientId | None = None
    words: Note


class ObjectionSettle(Model):
    """Upheld: the household is verified again. Else the list hangs for the days that are left."""

    upheld: bool
    finding: Note


class TownDecision(CaseRef):
    """The town's word on one case: complete and spot-checked, or back to a named state."""

    approved: bool
    checked: Checked
    return_to: CaseState | None = None
    reason: ReturnReason | None = None
    note: Note | None = None


class TownDecisions(Model):
    """A list of cases, each with its own outcome; all are decided or none."""

    cases: Annotated[list[TownDecision], Field(min_length=1, max_length=CASES_MAX)]


class CountyDecision(CaseRef, Told):
    """The county's word on one case: approved, back to a named state, or refused and told to the applicant."""

    outcome: Annotated[str, Field(pattern="^(approved|returned|refused)$")]
    checked: Checked
    return_to: CaseState | None = None
    return_reason: ReturnReason | None = None
    refusal: RefusalReason | None = None
    note: Note | None = None


class CountyDecisions(Model):
    """A list of cases, each with its own outcome; all are decided or none."""

    cases: Annotated[list[CountyDecision], Field(min_length=1, max_length=CASES_MAX)]


class CaseDecline(SignatureCreate):
    """The household does not want to be registered, and has signed that."""

    note: Note | None = None


class CaseHelp(Model):
    """Who helps, from which day."""

    help_person: PersonName
    helped_from: Day | None = Field(None, description="Absent: today.")
    note: Note | None = Field(None, description="The plan of help in a few words.")


class CaseAmend(Model):
    """What is different now, and why; the county's officer consents by doing it."""

    risks: Risks | None = None
    disaster_kind: DisasterKind | None = None
    risk_note: Note | None = None
    members: Note | None = Field(None, description="What changed in the household; members change in the registry.")
    reason: Note


class CaseRemove(Model):
    """识别有误: registered by mistake; neither elimination nor natural decrease."""

    reason: RemovalReason
    note: Note


class CaseEnd(Model):
    """自然减少: nobody is left to monitor."""

    reason: NaturalEndReason
    note: Note | None = None
