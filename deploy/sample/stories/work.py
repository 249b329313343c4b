"""Work, wages, the main worker, resettled households, small credit: R15, R16, R20, R24, R25."""

from __future__ import annotations

from typing import Final

from deploy.sample.model import Person
from deploy.sample.tale import Tale

_WAGES, _CREDIT, _LEDGER = "work.wages", "finance.credit", "reform.resettlement"


def all_jobless_three_months(tale: Tale) -> None:
    tale.home(skip=["work.status"])
    tale.jobless(tale.head, tale.other, months=3)
    tale.fires("R15")


def all_jobless_two_months(tale: Tale) -> None:
    tale.home(skip=["work.status"])
    tale.jobless(tale.head, months=6)
    tale.jobless(tale.other, months=2)
    tale.silent("R15", "one of them worked two months ago")


def one_still_works(tale: Tale) -> None:
    tale.home(skip=["work.status"])
    tale.jobless(tale.head, months=9)
    tale.at_work(tale.other)
    tale.silent("R15", "one of them works")


def one_is_not_known(tale: Tale) -> None:
    tale.home(skip=["work.status"])
    tale.jobless(tale.head, months=9)
    tale.silent("R15", "nobody told about the other")


def wages_fell_by_thirty_percent(tale: Tale) -> None:
    tale.home()
    _wages(tale, 4_000_000, 2_800_000)
    tale.fires("R16", tale.head)


def wages_fell_a_fen_less(tale: Tale) -> None:
    tale.home()
    _wages(tale, 4_000_000, 2_800_001)
    tale.silent("R16", "one fen short of 30 percent", tale.head)


def overdue_thirty_days(tale: Tale) -> None:
    tale.home()
    _credit(tale, 30)
    tale.fires("R20", tale.head)


def overdue_twenty_nine_days(tale: Tale) -> None:
    tale.home()
    _credit(tale, 29)
    tale.silent("R20", "29 days", tale.head)


def main_worker_died(tale: Tale) -> None:
    _lone_worker(tale)
    tale.row("security.status", tale.head, event_date=tale.moments.ago(8), life_status="dead")
    tale.fires("R24", tale.head)


def main_worker_imprisoned(tale: Tale) -> None:
    _lone_worker(tale)
    tale.row("justice.status", tale.head, event_date=tale.moments.ago(8), life_status="imprisoned")
    tale.fires("R24", tale.head)


def main_worker_detained(tale: Tale) -> None:
    _lone_worker(tale)
    tale.row("security.status", tale.head, event_date=tale.moments.ago(8), life_status="detained")
    tale.silent("R24", "detained is neither dead nor imprisoned", tale.head)


def elder_died(tale: Tale) -> None:
    elder = _lone_worker(tale)
    tale.row("security.status", elder, event_date=tale.moments.ago(8), life_status="dead")
    tale.silent("R24", "not the main worker", elder)


def resettled_without_work(tale: Tale) -> None:
    tale.home(resettled=True, skip=["work.status"])
    tale.jobless(tale.head, tale.other, months=1)
    tale.fires("R25")
    tale.silent("R15", "they worked last month but one")


def resettled_with_one_at_work(tale: Tale) -> None:
    tale.home(resettled=True, skip=["work.status", _LEDGER])
    tale.jobless(tale.head, months=1)
    tale.at_work(tale.other)
    tale.row(_LEDGER, tale.head, event_date=tale.moments.quarter_end, employed_count=0)
    tale.silent("R25", "one of them works, whatever the ledger of the last quarter says")


def resettled_without_work_by_the_ledger(tale: Tale) -> None:
    tale.home(resettled=True, skip=["work.status", _LEDGER])
    tale.row(_LEDGER, tale.head, event_date=tale.moments.quarter_end, employed_count=0)
    tale.fires("R25")


def jobless_but_not_resettled(tale: Tale) -> None:
    tale.home(skip=["work.status"])
    tale.jobless(tale.head, tale.other, months=1)
    tale.silent("R25", "not resettled")


def _wages(tale: Tale, before_fen: int, now_fen: int) -> None:
    month = tale.moments.month()
    tale.row(f"{_WAGES}@before", tale.head, event_date=month.replace(year=month.year - 1), wage_12m_fen=before_fen)
    tale.row(_WAGES, tale.head, event_date=month, wage_12m_fen=now_fen)


def _credit(tale: Tale, days: int) -> None:
    tale.row(
        _CREDIT, tale.head, event_date=tale.moments.month_end(), loan_no=f"XD2023-{tale.household.index:06d}",
        credit_days_overdue=days, overdue_amount_fen=2_000_000,
    )  # fmt: skip


def _lone_worker(tale: Tale) -> Person:
    tale.family.head()
    tale.family.child(8)
    elder = tale.family.parent()
    tale.home()
    return elder


STORIES: Final = (
    all_jobless_three_months, all_jobless_two_months, one_still_works, one_is_not_known, wages_fell_by_thirty_percent,
    wages_fell_a_fen_less, overdue_thirty_days, overdue_twenty_nine_days, main_worker_died, main_worker_imprisoned,
    main_worker_detained, elder_died, resettled_without_work, resettled_with_one_at_work,
    resettled_without_work_by_the_ledger, jobless_but_not_resettled,
)  # fmt: skip
