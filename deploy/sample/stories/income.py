"""Income against the line, and an allowance that stopped: R17, R21 to R23."""

from __future__ import annotations

from typing import Final

from deploy.sample.tale import LINE_FEN, Tale
from services.monitoring.codes.income import IncomeLineKind

_AID: Final = "civil.aid_change"
_PLENTY: Final = LINE_FEN + 300_000


def annual_income_a_fen_below(tale: Tale) -> None:
    _incomes(tale, annual=-1)
    tale.fires("R21")


def annual_income_at_the_line(tale: Tale) -> None:
    _incomes(tale, annual=0)
    tale.silent("R21", "below is strict")


def unavoidable_spending(tale: Tale) -> None:
    _incomes(tale, annual=300_000)
    _spend(tale, 1)
    tale.fires("R22")
    tale.silent("R21", "the net income is above the line")


def unavoidable_spending_to_the_line(tale: Tale) -> None:
    _incomes(tale, annual=300_000)
    _spend(tale, 0)
    tale.silent("R22", "what is left is the line itself")


def income_fell_by_thirty_percent(tale: Tale) -> None:
    _fell(tale, before_fen=1_200_000, now_fen=840_000)
    tale.fires("R23")
    tale.silent("R21", "still above the line")


def income_fell_a_fen_less(tale: Tale) -> None:
    _fell(tale, before_fen=1_200_000, now_fen=840_001)
    tale.silent("R23", "one fen a person short of 30 percent")


def income_fell_but_is_enough(tale: Tale) -> None:
    _fell(tale, before_fen=2_000_000, now_fen=LINE_FEN * 12 // 10)
    tale.silent("R23", "1.2 times the line, not below it")


def allowance_stopped_below_the_line(tale: Tale) -> None:
    _poor_now(tale)
    _stopped(tale, "subsistence")
    tale.fires("R17", tale.head)


def allowance_stopped_above_the_line(tale: Tale) -> None:
    tale.home()
    _stopped(tale, "subsistence")
    tale.silent("R17", "the income is above the line", tale.head)


def other_aid_stopped(tale: Tale) -> None:
    _poor_now(tale)
    _stopped(tale, "marginal")
    tale.silent("R17", "it was no subsistence allowance", tale.head)


def _incomes(tale: Tale, *, annual: int) -> None:
    """``annual``: how far the yearly update's income lies from the line, for the household."""
    tale.home(net=False)
    people = len(tale.persons)
    tale.net(tale.moments.recent, people * _PLENTY)
    tale.net(tale.moments.yearly, people * LINE_FEN + annual)
    tale.net(tale.moments.year_before, people * LINE_FEN)


def _spend(tale: Tale, below_fen: int) -> None:
    people = len(tale.persons)
    fen = people * (_PLENTY - LINE_FEN) + below_fen
    tale.income(IncomeLineKind.SELF_PAY_MEDICAL, fen, tale.moments.recent, tale.head)


def _fell(tale: Tale, *, before_fen: int, now_fen: int) -> None:
    tale.home(net=False)
    people = len(tale.persons)
    tale.net(tale.moments.recent, people * _PLENTY)
    tale.net(tale.moments.yearly, people * now_fen)
    tale.net(tale.moments.year_before, people * before_fen)


def _poor_now(tale: Tale) -> None:
    tale.home(net=False)
    people = len(tale.persons)
    tale.net(tale.moments.recent, people * LINE_FEN - 1)
    tale.net(tale.moments.yearly, people * _PLENTY)
    tale.net(tale.moments.year_before, people * _PLENTY)


def _stopped(tale: Tale, kind: str) -> None:
    tale.row(_AID, tale.head, event_date=tale.moments.month().replace(day=6), aid_kind=kind, aid_change="stopped")


STORIES: Final = (
    annual_income_a_fen_below, annual_income_at_the_line, unavoidable_spending, unavoidable_spending_to_the_line,
    income_fell_by_thirty_percent, income_fell_a_fen_less, income_fell_but_is_enough, allowance_stopped_below_the_line,
    allowance_stopped_above_the_line, other_aid_stopped,
)  # fmt: skip
