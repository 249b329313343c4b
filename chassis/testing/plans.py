"""Read the plans of an action's statements, as the role that serves it, over tables of a county's size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql

from chassis.database.engine import driver_url
from chassis.database.pipeline import Statement
from chassis.database.provision import ServiceDatabase
from chassis.database.unit_of_work import UnitOfWork
from chassis.program import Program
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, officer


def fill(database: ServiceDatabase, statements: str, tables: Iterable[str]) -> None:
    """Run ``statements`` past every policy, and let the planner know what ``tables`` then hold."""
    engine = create_engine(driver_url(database.migrate_url))
    with engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(text(statement))
        connection.execute(text("SELECT set_config('role', regexp_replace(current_user, '_migrate$', '_owner'), true)"))
        for table in tables:
            connection.execute(text(f"ANALYZE {table}"))
    engine.dispose()


class Explained:
    """A connection that asks for the plan of every statement that reads, before it runs."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.plans: list[str] = []

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        sql = str(compiled)
        if sql.lstrip().startswith(("SELECT", "WITH")) and "INSERT" not in sql:
            values = compiled.construct_params(parameters or {})
            plan = await self.connection.exec_driver_sql("EXPLAIN " + sql, values)
            self.plans.append("\n".join(row[0] for row in plan))
        return await self.connection.execute(statement, parameters)

    async def explain_at_once(self, statements: Iterable[Statement]) -> None:
        """The plans for any values, by which the pool of hot statements reads."""
        for statement in statements:
            sql = statement.numbered.decode().replace("%", "%%")
            plan = await self.connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {sql}")
            self.plans.append("\n".join(row[0] for row in plan))


async def plans_of(
    program: Program,
    ask: Callable[[UnitOfWork], Awaitable[object]],
    *,
    role: Role = Role.COUNTY_OFFICER,
    region: int = COUNTY,
) -> str:
    """The plans of what ``ask`` reads in a unit of an officer of ``region``."""
    actor = officer(role, region, department="civil" if role is Role.DEPARTMENT_CLERK else None)
    async with UnitOfWork(program.database, actor, program.clock, program.vault, extras=program.extras) as unit:
        explained = Explained(await unit.begin())
        unit._connection = explained  # type: ignore[assignment]  # noqa: SLF001  # stands in for the connection
        at_once = unit.read_at_once

        async def read_at_once(statements: Sequence[Statement], parameters: Mapping[str, Any]) -> list[list[Any]]:
            await explained.explain_at_once(statements)
            return await at_once(statements, parameters)

        unit.read_at_once = read_at_once  # type: ignore[method-assign]
        await ask(unit)
        unit._connection = explained.connection  # noqa: SLF001
    assert explained.plans
    return "\n\n".join(explained.plans)
