"""Answer with figures: each with the list behind it, each ratio with what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area, Level, level_of
from services.monitoring.classification.parameters import type_labels
from services.monitoring.codes.monitoring import HEALTH_RISKS, ClassificationBasis, MonitoringType, Risk
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.parameters import book_kept, book_of
from services.monitoring.regions.queries.pasts import reach_past
from services.monitoring.regions.tables import DivisionRow
from services.monitoring.statistics.queries.counting import Cell, Question, count_cells, count_present, settle
from services.monitoring.statistics.rules import (
    QUERY_VERSION,
    Count,
    CountedBasis,
    Figure,
    Grouping,
    Ratio,
    add_up,
    elimination_rates,
)
from services.monitoring.statistics.schemas import (
    FigureGroup,
    FigureRead,
    FiguresQuery,
    FiguresRead,
    RatioRead,
    percent_text,
)

_DIVISION: Final = rows(DivisionRow)
_TAKEN_OVER: Final = "其他系统转入，未注明依据"
LIST: Final = "/v1/monitoring/statistics/households"
_MONTHS: Final = {Figure.REGISTERED: "registered_month", Figure.ELIMINATED: "eliminated_month"}


async def read_figures(unit: UnitOfWork, query: FiguresQuery) -> FiguresRead:
    """The figures that ``query`` asks for.

    :raises NotFound: for a division outside the caller's area.
    :raises InvalidInput: as :func:`settle`.
    """
    question = await asked(unit, query)
    present = await count_present(unit, question)
    if present is None:
        await unit.begin()
        known_at = await settle(unit, question)
        found, revision = await count_cells(unit, question, known_at), None
    else:
        known_at, found, revision = present.known_at, present.cells, present.revision
    cells = [cell for cell in found if _may_know(unit, question, cell)]
    labels = await _labels(unit, question, cells, revision)
    pinned = urlencode({"on": question.on.isoformat(), "known_at": known_at.isoformat()})
    by_key = {key: list(group) for key, group in groupby(cells, lambda cell: cell.key)} or {None: []}
    return FiguresRead(
        region=question.region,
        on=question.on,
        known_at=known_at,
        query_version=QUERY_VERSION,
        by=question.by,
        groups=[
            _group(question, key, labels.get(key or ""), group, pinned)
            for key, group in by_key.items()
            if key is not None or question.by is None
        ],
    )


async def asked(unit: UnitOfWork, query: Any) -> Question:
    """The question that a query's ``region``, ``on``, ``known_at`` and ``by`` make.

    A division that became a part of the caller's own is asked about for the days before, or nobody could any more.

    :raises NotFound: for a division outside the caller's area.
    """
    region = query.region if query.region is not None else unit.actor.assignment.region
    on = query.on or unit.clock.today()
    if not unit.area.covers(Area.of(region)):
        await unit.begin()
        await reach_past(unit, region, on)
    return Question(region, on, query.known_at, getattr(query, "by", None))


def may_be_told(unit: UnitOfWork, figures: FiguresRead) -> FiguresRead:
    """What was counted for somebody else, without what this caller may not know of a village."""
    if figures.by is not Grouping.RISK or _knows_health_of(unit, figures.region):
        return figures
    told = [group for group in figures.groups if group.key not in HEALTH_RISKS]
    return figures.model_copy(update={"groups": told})


def _knows_health_of(unit: UnitOfWork, region: int) -> bool:
    """Whether the caller may be told how many are ill in ``region``: in one village that may name a family."""
    return unit.actor.role in KNOWS_HEALTH or level_of(region) is not Level.VILLAGE


def _may_know(unit: UnitOfWork, question: Question, cell: Cell) -> bool:
    return question.by is not Grouping.RISK or cell.key not in HEALTH_RISKS or _knows_health_of(unit, question.region)


def _group(question: Question, key: str | None, label: str | None, cells: Sequence[Cell], pinned: str) -> FigureGroup:
    if question.by is Grouping.MONTH:
        counts = {cell.figure: cell.count for cell in cells}
        told = {figure: counts.get(figure, Count()) for figure in (Figure.REGISTERED, Figure.ELIMINATED)}
        rates: Sequence[Ratio] = ()
    else:
        told = dict(add_up((cell.figure, cell.count) for cell in cells))
        rates = elimination_rates(told, on=question.on)
    lists = _lists(question, key, tuple(told), pinned)
    return FigureGroup(
        key=key,
        label=label,
        figures=[
            FigureRead(figure=figure, households=count.households, persons=count.persons, list=lists[figure])
            for figure, count in told.items()
        ],
        elimination_rate=[
            RatioRead(
                numerator=rate.numerator,
                denominator=rate.denominator,
                unit=rate.unit,
                on=rate.on,
                percent=percent_text(rate.percent),
                numerator_list=lists[Figure.ELIMINATED],
                denominator_list=lists[Figure.REGISTERED],
            )
            for rate in rates
        ],
    )


def _lists(question: Question, key: str | None, figures: Sequence[Figure], pinned: str) -> dict[Figure, str]:
    """Where the households behind each figure of a group are listed; a division below replaces the one above.

    :param pinned: what all addresses of an answer share, encoded once.
    """
    by = question.by
    region = key if by is Grouping.REGION and key is not None else question.region
    shared = f"region={region}&{pinned}"
    if by is Grouping.MONTH and key is not None:
        return {one: _list(one, f"{shared}&{_MONTHS[one]}={key}") for one in figures}
    if by is not None and by is not Grouping.REGION and key is not None:
        shared += f"&{by.value}={key}"
    return {one: _list(one, shared) for one in figures}


def _list(figure: Figure, narrowed: str) -> str:
    return f"{LIST}?figure={figure.value}&{narrowed}"


async def _labels(
    unit: UnitOfWork, question: Question, cells: Sequence[Cell], revision: int | None
) -> Mapping[str, str]:
    """What the groups are called.

    :param revision: that of the parameters, if it was read along with the figures.
    """
    keys = {cell.key for cell in cells if cell.key is not None}
    if question.by is Grouping.TYPE:
        book = book_kept(unit, question.region)
        if book is None or book.revision != revision:
            await unit.begin()
            book = await book_of(unit, question.region)
        labels = type_labels(book, region=question.region, on=question.on)
        return {key: labels[MonitoringType(key)] for key in keys}
    if question.by is Grouping.RISK:
        return {key: Risk(key).label for key in keys}
    if question.by is Grouping.BASIS:
        return {key: _TAKEN_OVER if key == CountedBasis.TAKEN_OVER else ClassificationBasis(key).label for key in keys}
    if question.by is not Grouping.REGION:
        return {key: key for key in keys}
    await unit.begin()
    column = _DIVISION.c
    named = select(column.code, column.name).where(
        column.code.in_([int(key) for key in keys]),
        column.valid_from <= question.on,
        or_(column.valid_to.is_(None), column.valid_to >= question.on),
    )
    return {str(row.code): row.name for row in await unit.connection.execute(named)}
