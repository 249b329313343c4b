"""Page by key, never by offset: a page costs the same wherever it lies, and a moving list skips nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar

import orjson
from pydantic import Field

from chassis.errors import InvalidInput
from chassis.security.cursors import CursorSigner
from chassis.types import Model

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 200

Item = TypeVar("Item")


class Page(Model, Generic[Item]):
    """One page; every list answers with a named subclass. ``next_cursor`` is absent on the last one."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="Give it as `cursor` for the next page; opaque and signed.")


class PageQuery(Model):
    """The query of a list; subclasses add typed filters."""

    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT
    cursor: Annotated[str | None, Field(max_length=1024)] = None

    def context(self, operation: str) -> str:
        """What a cursor is bound to: the operation and the filters, so that it can't be carried to another list."""
        filters = self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)
        digest = hashlib.sha256(orjson.dumps(filters, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        return f"{operation}:{digest}"

    def position(self, signer: CursorSigner, operation: str) -> list[Any] | None:
        """The key after which this page starts, or None for the first page.

        :raises InvalidInput: for a cursor that is not ours, was changed, or belongs to other filters.
        """
        if self.cursor is None:
            return None
        payload = signer.read(self.cursor, context=self.context(operation))
        after = payload.get("after")
        if not isinstance(after, list):
            raise InvalidInput
        return after


def keyset(
    statement: Select[Any], keys: Sequence[ColumnElement[Any]], after: Sequence[Any] | None, limit: int
) -> Select[Any]:
    """Order ``statement`` by ``keys`` (together unique), start after the position, and fetch one row too many."""
    from sqlalchemy import tuple_  # here, because schemas are also read by processes that know no database

    if after is not None:
        bound = [_cast(key, value) for key, value in zip(keys, after, strict=True)]
        statement = statement.where(tuple_(*keys) > tuple_(*bound))
    return statement.order_by(*keys).limit(limit + 1)


def _cast(key: ColumnElement[Any], value: Any) -> Any:
    python = key.type.python_type
    if isinstance(value, str) and python is not str:
        parse = getattr(python, "fromisoformat", python)
        return parse(value)
    return value


def next_cursor(
    rows: Sequence[Any],
    query: PageQuery,
    signer: CursorSigner,
    operation: str,
    key_of: Callable[[Any], Sequence[Any]],
) -> tuple[Sequence[Any], str | None]:
    """Cut the row too many and make the cursor that leads past the last one kept."""
    kept = rows[: query.limit]
    if len(rows) <= query.limit:
        return kept, None
    after = [value if isinstance(value, int | str) else str(value) for value in key_of(kept[-1])]
    return kept, signer.sign({"after": after}, context=query.context(operation))
