"""Keep figures as they are handed out, so that nobody has to count them again to know what was said."""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.statistics.queries.figures import read_figures
from services.monitoring.statistics.queries.publications import PUBLISHED, shown
from services.monitoring.statistics.schemas import FiguresQuery, PublicationCreate, PublicationRead

KIND: Final = "published_statistic"


async def publish_figures(unit: UnitOfWork, body: PublicationCreate) -> PublicationRead:
    """Count and keep; errors as :func:`read_figures`.

    :raises NotFound: also for a division that is over: what is published lies with one that is there.
    """
    narrowed(unit, body.region)
    result = await read_figures(unit, FiguresQuery(region=body.region, on=body.on, by=body.by))
    values = {
        "id": body.id or new_id(),
        "region": result.region,
        "title": body.title,
        "published_on": unit.clock.today(),
        "published_by": unit.actor.subject,
        "query_version": result.query_version,
        "known_at": result.known_at,
        "result": result.model_dump(mode="json"),
    }
    row = (await unit.connection.execute(insert(PUBLISHED).values(values).returning(PUBLISHED))).one()
    unit.record("statistic.publish", Aggregate(KIND, row.id, row.region, 1), fields=("result", "title"))
    return shown(row)
