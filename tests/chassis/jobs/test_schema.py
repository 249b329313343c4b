"""The queue in our database: no notification inside a write, every right for the role that works with it."""

from __future__ import annotations

from collections.abc import Callable

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

from chassis.database.engine import driver_url
from chassis.database.provision import ServiceDatabase
from chassis.jobs import schema
from chassis.program import Program

_LEFT = text(
    """
    SELECT relname FROM pg_class WHERE starts_with(relname, 'procrastinate_')
    UNION ALL SELECT proname FROM pg_proc WHERE starts_with(proname, 'procrastinate_')
    UNION ALL SELECT typname FROM pg_type WHERE starts_with(ltrim(typname, '_'), 'procrastinate_')
    """
)


async def test_no_trigger_of_the_queue_notifies(make_job_program: Callable[..., Program]):
    program = make_job_program()
    async with program.database.engine.begin() as connection:
        sources = await connection.execute(
            text("SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal")
        )
        bodies = [source for (source,) in sources]
        notifying = await connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~* 'notify'")
        )
    assert bodies, "the queue keeps its other triggers"
    assert not [body for body in bodies if "notify" in body.lower()]
    assert notifying == 0


async def test_the_role_app_may_use_every_part_of_the_queue(make_job_program: Callable[..., Program]):
    program = make_job_program()
    async with program.database.engine.begin() as connection:
        rights = await connection.execute(
            text(
                """
                SELECT relname, has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE') FROM pg_class
                WHERE relkind = 'r' AND starts_with(relname, 'procrastinate_')
                UNION ALL SELECT relname, has_sequence_privilege(oid, 'USAGE, SELECT') FROM pg_class
                WHERE relkind = 'S' AND starts_with(relname, 'procrastinate_')
                UNION ALL SELECT proname, has_function_privilege(oid, 'EXECUTE') FROM pg_proc
                WHERE starts_with(proname, 'procrastinate_')
                UNION ALL SELECT typname, has_type_privilege(oid, 'USAGE') FROM pg_type
                WHERE starts_with(typname, 'procrastinate_')
                """
            )
        )
        found = dict(rights.all())
    assert {"procrastinate_jobs", "procrastinate_jobs_id_seq", "procrastinate_fetch_job_v2"} <= found.keys()
    assert [name for name, allowed in found.items() if not allowed] == []


def test_uninstalling_leaves_nothing_of_the_queue_and_installing_again_works(
    make_database: Callable[..., ServiceDatabase],
):
    engine = create_engine(driver_url(make_database().migrate_url))
    with engine.begin() as connection:
        owner = connection.execute(text("SELECT regexp_replace(current_user, '_migrate$', '_owner')")).scalar_one()
        connection.execute(text("SELECT set_config('role', :owner, true)"), {"owner": owner})
        operations = Operations(MigrationContext.configure(connection))
        before = left(connection)
        if not before:
            schema.install(operations)
        assert "procrastinate_jobs" in left(connection)
        body = connection.scalar(text("SELECT prosrc FROM pg_proc WHERE proname = 'procrastinate_retry_job_v2'"))
        assert "(job id: %)" in body, "the library's text arrived unchanged"
        schema.uninstall(operations)
        assert left(connection) == set()
        schema.install(operations)
        assert "procrastinate_jobs" in left(connection)
    engine.dispose()


def left(connection: Connection) -> set[str]:
    return set(connection.execute(_LEFT).scalars())
