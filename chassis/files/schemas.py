"""What every route takes that starts from a file."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import Model


class FileQuery(Model):
    """The query of such a route; its own query extends it."""

    file_id: UUID | None = Field(
        None, description="Instead of a body: a file that you uploaded in parts for this purpose."
    )
