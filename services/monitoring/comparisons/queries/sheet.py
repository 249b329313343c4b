"""Write what waits for a department as a table that its clerk can fill."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.audit.reads import READ_IDS_MAX, sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.tabular import Format, write_table
from services.monitoring.comparisons.queries.one import person_rows, show_requests
from services.monitoring.comparisons.queries.requests import REQUEST, visible
from services.monitoring.comparisons.schemas import ComparisonRequestRead
from services.monitoring.comparisons.sheet import COLUMNS, sheet_rows
from services.monitoring.households.numbers import PERSON, open_sealed

REQUESTS_MAX: Final = 200
"""A sheet holds the requests that are due first; when they are answered, the next sheet holds the next."""


async def waiting_sheet(unit: UnitOfWork, form: Format, purpose: str) -> bytes:
    """The department's open requests, the earliest due first, with names and numbers whole: the read is audited."""
    statement = select(REQUEST).where(*visible(unit), REQUEST.c.state == "open")
    ordered = statement.order_by(REQUEST.c.due_at, REQUEST.c.id).limit(REQUESTS_MAX)
    found = (await unit.connection.execute(ordered)).all()
    documents = await show_requests(unit, found)
    persons = list(dict.fromkeys(who for row in found for who in row.persons))
    people = {
        one.id: (one.name, open_sealed(unit.vault, one.identity_number, column="identity_number", row=one.id))
        for one in await person_rows(unit, persons)
    }
    shown = list(people)
    for start in range(0, len(shown), READ_IDS_MAX):
        ids = shown[start : start + READ_IDS_MAX]
        await sensitive_read(
            unit, "comparison.download_sheet", PERSON, ids, purpose, fields=["identity_number", "name"]
        )
    return await asyncio.to_thread(_written, documents, people, form)


def _written(
    documents: Sequence[ComparisonRequestRead], people: Mapping[UUID, tuple[str, str | None]], form: Format
) -> bytes:
    content = io.BytesIO()
    write_table(content, COLUMNS, sheet_rows(documents, people), form=form)
    return content.getvalue()
