"""Judge a village's vote: who may not vote, and whether the outcome is what the votes say (clause B8, F1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chassis.errors import Fault, Message
from services.monitoring.codes.cases import VoteOutcome


@dataclass(frozen=True, slots=True)
class Ballot:
    """One household's vote.

    :param present: how many took part in the meeting. ``related``: places of attendees who belong to the household or
        are its relatives. ``recused``: places of those who did not vote.
    :param share_percent: more than this share of the votes cast must be in favour.
    """

    outcome: VoteOutcome
    in_favour: int
    against: int
    abstained: int
    present: int
    related: frozenset[int]
    recused: frozenset[int]
    share_percent: int


def ballot_faults(ballot: Ballot, pointer: str) -> Iterator[Fault]:
    """Everything that stands against a vote."""
    voted = sorted(place + 1 for place in ballot.related - ballot.recused)
    if voted:
        named = "、".join(map(str, voted))
        yield Fault(
            f"{pointer}/recused",
            "related_party_voted",
            Message(
                f"第 {named} 名参会人与该户有利害关系，须回避表决。",
                f"Attendee {', '.join(map(str, voted))} is related to the household; list as recused and count again.",
            ),
        )
    may_vote = ballot.present - len(ballot.recused | ballot.related)
    cast = ballot.in_favour + ballot.against + ballot.abstained
    if cast > may_vote:
        yield Fault(
            pointer,
            "more_votes_than_voters",
            Message(
                f"有表决权的 {may_vote} 人，票数不能超过。", f"{may_vote} may vote; count no more votes than that."
            ),
        )
    if cast == 0:
        yield Fault(pointer, "no_votes", Message("请填写表决票数。", "Give the votes."))
    elif (ballot.outcome is VoteOutcome.ACCEPTED) != carried(ballot):
        yield Fault(
            f"{pointer}/outcome",
            "outcome_against_votes",
            Message(
                f"同意票须超过 {ballot.share_percent}% 方为通过，请核对结果与票数。",
                f"It is accepted with more than {ballot.share_percent} % in favour; check outcome and votes.",
            ),
        )


def carried(ballot: Ballot) -> bool:
    """Whether more than the area's share of the votes cast are in favour."""
    cast = ballot.in_favour + ballot.against + ballot.abstained
    return ballot.in_favour * 100 > cast * ballot.share_percent


def out_of_range(places: Sequence[int], present: int) -> bool:
    """Whether a list of places names somebody who is not on the list of attendees."""
    return any(not 0 <= place < present for place in places)
