"""Send several statements of one transaction at once, where each answer would cost a round trip of its own.

Each still sees what the ones before it did, and under READ COMMITTED has a snapshot of its own: a lock taken by the
first is held when the second reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

Statement: TypeAlias = tuple[str, Mapping[str, Any]]
"""SQL with ``%(name)s`` for its parameters, as the driver writes them, and the parameters."""


async def pipelined(
    connection: AsyncConnection, *statements: Statement, commit: bool = False
) -> list[list[tuple[Any, ...]]]:
    """Run ``statements`` in order on the connection's open transaction; gives the rows of each.

    :param commit: let the COMMIT travel with them; after a statement that fails the server passes it over.
    :raises psycopg.Error: the driver's own, for the first that fails; the transaction must then be rolled back.
    :raises DBAPIError: for what the COMMIT itself says.
    """
    driver: Any = (await connection.get_raw_connection()).driver_connection
    async with driver.pipeline():
        cursors = [await driver.execute(sql, parameters) for sql, parameters in statements]
        if commit:
            await connection.commit()
    return [await cursor.fetchall() if cursor.description else [] for cursor in cursors]
