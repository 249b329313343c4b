"""List the households behind a figure, as they were when it was counted."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Date, SmallInteger, Text, Uuid, any_, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotAllowed
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.codes.monitoring import HEALTH_RISKS
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.statistics.queries.counting import basis_in, bounds_of, judged_from, settle, source_of
from services.monitoring.statistics.queries.figures import asked
from services.monitoring.statistics.rules import Figure
from services.monitoring.statistics.schemas import CountedHousehold, CountedPage, CountedQuery

_LIST: Final = "statistic_households"
_MAY_NOT = Message("因病因残等名单只对办案人员开放。", "Who is ill or disabled is for those who work on the case.")


async def list_counted(unit: UnitOfWork, query: CountedQuery) -> CountedPage:
    """One page; asked with the ``known_at`` of a figure, its pages hold exactly that many households.

    :raises NotFound: for a division outside the caller's area; NotAllowed: for who is ill, to other roles.
    :raises InvalidInput: as :func:`settle`.
    """
    question = await asked(unit, query)
    if query.risk in HEALTH_RISKS and unit.actor.role not in KNOWS_HEALTH:
        raise NotAllowed(_MAY_NOT)
    known_at = await settle(unit, question)
    bound = bounds_of(question, known_at)
    by_month = query.registered_month is not None or query.eliminated_month is not None
    source = await source_of(unit, question, bound, by_month=by_month)
    told = basis_in(source) if query.basis is not None else "NULL"
    counted = f"{judged_from(source)} SELECT *, {told} AS told_basis FROM judged"  # noqa: S608  # constants of ours
    judged = text(counted).columns(*_COLUMNS).subquery("judged")
    statement = _narrowed(select(judged), judged.c, query)
    after = query.position(unit.vault.cursors, _LIST)
    keys = [judged.c.id, judged.c.registered_on]
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit), bound)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _LIST, lambda row: [str(row.id), str(row.registered_on)]
    )
    return CountedPage(items=[_shown(row) for row in kept], next_cursor=cursor)


_COLUMNS: Final = (
    column("id", Uuid()),
    column("region", BigInteger()),
    column("figure", Text()),
    column("told_basis", Text()),
    column("monitoring_type", Text()),
    column("risks", ARRAY(Text())),
    column("member_count", SmallInteger()),
    column("registered_on", Date()),
    column("eliminated_on", Date()),
)


def _narrowed(statement: Any, columns: Any, query: CountedQuery) -> Any:
    if query.figure is not Figure.REGISTERED:
        statement = statement.where(columns.figure == query.figure.value)
    if query.type is not None:
        statement = statement.where(columns.monitoring_type == query.type.value)
    if query.risk is not None:
        statement = statement.where(literal(query.risk.value) == any_(columns.risks))
    if query.basis is not None:
        statement = statement.where(columns.told_basis == query.basis.value)
    if query.registered_month is not None:
        statement = statement.where(func.to_char(columns.registered_on, "YYYY-MM") == query.registered_month)
    if query.eliminated_month is not None:
        statement = statement.where(func.to_char(columns.eliminated_on, "YYYY-MM") == query.eliminated_month)
    return statement


def _shown(row: Any) -> CountedHousehold:
    return CountedHousehold(
        id=row.id,
        region=row.region,
        figure=Figure(row.figure),
        monitoring_type=row.monitoring_type,
        members=row.member_count,
        registered_on=row.registered_on,
        eliminated_on=row.eliminated_on if row.figure == Figure.ELIMINATED.value else None,
    )
