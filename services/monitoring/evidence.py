"""Photos and scanned sheets that stand behind what was recorded."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotFound
from chassis.files.files import Files, StoredFile

EVIDENCE_BYTES_MAX: Final = 20 << 20
NO_EVIDENCE: Final = Message("没有这份佐证文件，请先上传。", "There is no such evidence; upload it first.")


async def evidence_of(unit: UnitOfWork, file_id: UUID, *, purpose: str) -> StoredFile | None:
    """The uploaded file, or None where the caller's area has none for ``purpose``."""
    files: Files = unit.extras[Files]
    try:
        file = await files.find(unit, file_id)
    except NotFound:
        return None
    return file if file.purpose == purpose else None
