"""Alembic's entry: run versions on the connection that :mod:`chassis.database.migrate` opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlmodel.sql.sqltypes import AutoString

from chassis.database.migrate import is_ours
from chassis.database.types import Xid8


def _render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(thing, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(thing, Xid8):
        autogen.imports.add("from chassis.database.types import Xid8")
        return "Xid8()"
    return False


def _guard_new_tables(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """A drafted migration that makes a table with a region also forces its policy."""
    upgrades = directives[0].upgrade_ops
    for operation in list(upgrades.ops):
        if isinstance(operation, ops.CreateTableOp) and any(
            getattr(column, "name", None) == "region" for column in operation.columns
        ):
            directives[0].imports.add("from chassis.database.migrate import guard")
            upgrades.ops.append(_Guard(operation.table_name))


class _Guard(ops.MigrateOperation):
    def __init__(self, table: str) -> None:
        self.table = table

    def reverse(self) -> ops.MigrateOperation:
        return self


def _render_guard(_autogen: AutogenContext, operation: _Guard) -> str:
    return f"guard(op, {operation.table!r})"


from alembic.autogenerate import renderers  # noqa: E402

renderers.dispatch_for(_Guard)(_render_guard)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    include_name=is_ours,
    render_item=_render_item,
    process_revision_directives=_guard_new_tables,
    transaction_per_migration=True,
    on_version_apply=context.config.attributes.get("on_version"),
)
with context.begin_transaction():
    context.run_migrations()
