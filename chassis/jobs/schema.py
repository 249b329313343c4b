"""Install procrastinate's tables and functions in a migration, without the triggers that notify inside a write.

``pg_notify`` takes a lock of the whole instance at commit, so one NOTIFY in every deferring transaction would put all
of them in one line. Workers poll instead.
"""

from __future__ import annotations

from contextlib import closing
from typing import Final

from alembic.operations import Operations
from procrastinate.schema import SchemaManager

_NOTIFYING: Final = (
    ("procrastinate_jobs_notify_queue_job_inserted_v1", "procrastinate_notify_queue_job_inserted_v1"),
    ("procrastinate_jobs_notify_queue_job_aborted_v1", "procrastinate_notify_queue_abort_job_v1"),
)

# The statements are read off the catalogue, so that an upgrade of the library needs no list here.
_UNINSTALL: Final = """
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure), 1 AS turn
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema() AND starts_with(p.proname, 'procrastinate_')
        UNION ALL
        SELECT format('DROP TABLE %I CASCADE', c.relname), 2
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = current_schema() AND starts_with(c.relname, 'procrastinate_')
        UNION ALL
        SELECT format('DROP TYPE %I', t.typname), 3
        FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_class AS r ON r.oid = t.typrelid
        WHERE n.nspname = current_schema() AND starts_with(t.typname, 'procrastinate_')
          AND (t.typtype = 'e' OR r.relkind = 'c')
        ORDER BY turn
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$
"""


def install(operations: Operations) -> None:
    """Make the queue of the installed procrastinate, as the owner whose default privileges give ``app`` its rights."""
    _execute(operations, SchemaManager.get_schema())
    for trigger, function in _NOTIFYING:
        _execute(operations, f"DROP TRIGGER {trigger} ON procrastinate_jobs")
        _execute(operations, f"DROP FUNCTION {function}()")


def uninstall(operations: Operations) -> None:
    """Remove whatever :func:`install` made, jobs included."""
    _execute(operations, _UNINSTALL)


def _execute(operations: Operations, script: str) -> None:
    """Several statements at once, as they are written: ``text()`` would read ``:`` and ``%`` as its own signs."""
    with closing(operations.get_bind().connection.cursor()) as cursor:
        cursor.execute(script)
