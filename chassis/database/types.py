"""Column types that PostgreSQL has and SQLAlchemy does not know."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[int]):
    """A 64-bit transaction id (``xid8``), an ``int`` in Python; it never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"

    def bind_processor(self, dialect: Any) -> Any:  # noqa: ARG002
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: Any, coltype: Any) -> Any:  # noqa: ARG002
        return lambda value: None if value is None else int(value)


PGDialect.ischema_names["xid8"] = Xid8  # so that a reflected column is recognised
