"""Bound how often the public form is used, by address and by phone.

Counted in the database, one upsert a request: the limit then holds across all workers and restarts without a further
server, which the library's memory storage would not give. Keys are keyed digests, rows go when their window is over.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from chassis.errors import Message, TooManyRequests
from chassis.parameters.reader import ParameterReader
from chassis.parameters.rules import NATION
from chassis.program import Program
from chassis.security.blind_index import BlindIndex
from chassis.security.scope import Area
from services.monitoring.clues.rules import PER_ADDRESS, PER_PHONE

_COUNT: Final = text(
    """
    WITH gone AS (
        DELETE FROM self_report_tally WHERE key IN (
            SELECT key FROM self_report_tally WHERE expires_at < :now AND key <> :key
            ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO self_report_tally AS t (key, count, expires_at) VALUES (:key, 1, :expires_at)
    ON CONFLICT (key) DO UPDATE
    SET count = CASE WHEN t.expires_at < :now THEN 1 ELSE t.count + 1 END,
        expires_at = CASE WHEN t.expires_at < :now THEN excluded.expires_at ELSE t.expires_at END
    RETURNING count AS used, expires_at
    """
)


async def count_address(program: Program, address: str, region: int = NATION) -> None:
    """Count one use by a network address.

    :param region: whose bound counts: the division that the report goes to, where one is named.
    :raises TooManyRequests: beyond the bound.
    """
    await _count(program, "ADDRESS", address.encode().hex().upper(), PER_ADDRESS, region)


async def count_phone(program: Program, phone: str, region: int) -> None:
    """Count one use of a phone, whatever address it comes from.

    :raises TooManyRequests: beyond the bound of the division that the report goes to.
    """
    await _count(program, "PHONE", phone, PER_PHONE, region)


async def _count(program: Program, kind: str, value: str, keys: tuple[str, str], region: int) -> None:
    key = BlindIndex(program.vault.ring, kind="self_report_tally").of(kind + value).hex()
    reader: ParameterReader = program.extras[ParameterReader]
    now, today = program.clock.system_now(), program.clock.today()
    async with program.database.transaction(Area.everywhere()) as connection:
        book = await reader.book(connection, region)
        most, hours = (book.integer(name, region=region, on=today) for name in keys)
        bound = {"key": key, "now": now, "expires_at": now + timedelta(hours=hours)}
        row = (await connection.execute(_COUNT, bound)).one()
    if row.used > most:
        wait = max(1, int((row.expires_at - now).total_seconds()))
        until = max(1, -(-wait // 3600))
        # Who is in trouble has to learn of a way that is open now.
        detail = Message(
            f"提交次数已达上限，请在 {until} 小时后再试；急事请直接告诉村干部，或拨打 12317、12345。",
            f"There were too many today; try again in {until} hours. What is urgent, tell the village's cadre, or call "
            "12317 or 12345.",
        )
        raise TooManyRequests(detail, headers={"Retry-After": str(wait)})
