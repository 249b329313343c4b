"""Keep a village's new cases of one day within its share; what is beyond waits at the county, by severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from chassis.parameters.reader import ParameterBook
from services.monitoring.cases.parameters import DISPATCH_CAP
from services.monitoring.parameters import book_of

# Whoever sends clues of a county waits for the other to be done: so two cannot fill one village beyond its share.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('cases.dispatch', :county))")
_SENT: Final = text(
    """
    SELECT region, count(*) AS sent FROM case_step
    WHERE action = 'dispatch' AND on_day = :today AND region BETWEEN :county AND :county + 999999 GROUP BY region
    """
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shares:
    """What villages of some counties were sent today, and may be sent.

    :param sent: by village, without those that were sent nothing. ``books``: the parameters by county.
    """

    today: date
    sent: Mapping[int, int]
    books: Mapping[int, ParameterBook]
    caps: dict[int, int] = field(default_factory=dict)

    def cap(self, village: int) -> int:
        """New cases that the village is sent on one day."""
        if village not in self.caps:
            book = self.books[village // 10**6 * 10**6]
            self.caps[village] = book.integer(DISPATCH_CAP, region=village, on=self.today)
        return self.caps[village]

    def room(self, village: int) -> int:
        """How many more the village can be sent today; urgent ones count too, and may have gone beyond."""
        return max(0, self.cap(village) - self.sent.get(village, 0))

    @property
    def goes_on(self) -> date:
        """The day on which a full village can be sent more."""
        return self.today + _DAY

    def faults(self, village: int, today: date) -> list[Fault]:
        """Why the village is sent no more today, or nothing."""
        if self.room(village):
            return []
        sent, cap = self.sent.get(village, 0), self.cap(village)
        said = Message(
            f"该村 {today} 已分派 {sent} 户，每日上限 {cap} 户；请于 {self.goes_on} 起分派，紧急的请开通绿色通道。",
            f"The village was sent {sent} of {cap} cases on {today}; send this from {self.goes_on}, or mark it urgent.",
        )
        return [Fault("", "village_full", said)]


async def shares_of(unit: UnitOfWork, counties: Iterable[int]) -> Shares:
    """The shares of the counties' villages, which nobody else uses up until this transaction ends."""
    sent, books = dict[int, int](), {}
    for county in sorted(counties):
        await unit.connection.execute(_ALONE, {"county": county})
        bound = {"county": county, "today": unit.clock.today()}
        sent |= {row.region: row.sent for row in await unit.connection.execute(_SENT, bound)}
        books[county] = await book_of(unit, county)
    return Shares(unit.clock.today(), sent, books)
