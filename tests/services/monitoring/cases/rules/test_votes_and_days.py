"""A related party does not vote, an outcome is what the votes say, and only whole days of publicity count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.monitoring.cases.rules.meeting import Ballot, ballot_faults
from services.monitoring.cases.rules.publicity import Span, days_shown, over_on, passes_on, publicity_fault
from services.monitoring.codes.cases import VoteOutcome

BALLOT = Ballot(
    outcome=VoteOutcome.ACCEPTED,
    in_favour=8,
    against=1,
    abstained=0,
    present=10,
    related=frozenset({3}),
    recused=frozenset({3}),
    share_percent=50,
)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"recused": frozenset()}, ["related_party_voted"]),
        ({"abstained": 1}, ["more_votes_than_voters"]),
        ({"in_favour": 0, "against": 0}, ["no_votes"]),
        ({"in_favour": 4, "against": 4}, ["outcome_against_votes"]),
        ({"outcome": VoteOutcome.REFUSED}, ["outcome_against_votes"]),
        ({"recused": frozenset(), "in_favour": 9}, ["related_party_voted", "more_votes_than_voters"]),
    ],
)
def test_a_vote_is_refused_for_everything_that_stands_against_it(change, codes):
    assert [one.code for one in ballot_faults(replace(BALLOT, **change), "/cases/0")] == codes


def test_published_on_the_eighth_passes_on_the_thirteenth_and_not_before():
    spans = [Span(date(2024, 6, 8))]
    assert days_shown(spans, date(2024, 6, 12)) == 4
    refused = publicity_fault(spans, date(2024, 6, 12), days=5, pointer="/cases/0")
    assert refused is not None
    assert refused.message.en == "Published 4 of 5 days; go on from 2024-06-13."
    assert publicity_fault(spans, date(2024, 6, 13), days=5, pointer="") is None


def test_an_objection_that_fails_leaves_the_days_that_were_left():
    spans = [Span(date(2024, 6, 8), date(2024, 6, 10)), Span(date(2024, 6, 12))]
    assert days_shown(spans, date(2024, 6, 14)) == 4
    assert passes_on(spans, date(2024, 6, 12), days=5) == date(2024, 6, 15)
    assert over_on(spans, days=5) == date(2024, 6, 14)
    assert over_on(spans[:1], days=5) is None
    assert over_on([Span(date(2024, 6, 8))], days=5) == date(2024, 6, 12), "as the acceptance village has it"
