"""Every revision of the kernel's own history goes down and up again, and the newest is what the models say."""

from __future__ import annotations

from contextlib import closing

import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from chassis.audit.rights import APPEND_ONLY
from chassis.database import migrate

TABLES = MetaData()


def revisions() -> list[str]:
    """The kernel's revisions, the oldest first."""
    script = ScriptDirectory.from_config(migrate.configuration(migrate.KERNEL_VERSIONS, TABLES))
    return [revision.revision for revision in script.walk_revisions()][::-1]


def present(url: str) -> str | None:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None


def may_rewrite(url: str) -> bool:
    """Whether the role of ``url`` may change every table of the audit; in part would be neither state."""
    asked = "SELECT array_agg(DISTINCT has_table_privilege(name, 'UPDATE')) FROM unnest(CAST(%s AS text[])) AS name"
    with closing(psycopg.connect(url)) as connection:
        [[may]] = connection.execute(asked, [list(APPEND_ONLY)]).fetchall()
    (whole,) = may
    return bool(whole)


def test_each_revision_goes_down_and_up_again(make_database):
    url = make_database().migrate_url
    found = revisions()
    assert found[:2] == ["kernel_0001", "kernel_0002"]
    assert present(url) == found[-1]
    for above, below in zip(found[::-1], [*found[-2::-1], "base"], strict=True):
        migrate.downgrade(url, migrate.KERNEL_VERSIONS, TABLES, to=below)
        assert present(url) == (None if below == "base" else below)
        migrate.upgrade(url, migrate.KERNEL_VERSIONS, TABLES, to=above)
        assert present(url) == above
        migrate.downgrade(url, migrate.KERNEL_VERSIONS, TABLES, to=below)
    migrate.upgrade(url, migrate.KERNEL_VERSIONS, TABLES)
    assert present(url) == found[-1]
    assert migrate.differences(url, TABLES) == []


def test_the_rights_over_the_audit_go_down_and_up_with_their_revision(make_database):
    database = make_database()
    assert not may_rewrite(database.app_url)
    migrate.downgrade(database.migrate_url, migrate.KERNEL_VERSIONS, TABLES, to="kernel_0001")
    assert may_rewrite(database.app_url)
    migrate.upgrade(database.migrate_url, migrate.KERNEL_VERSIONS, TABLES)
    assert not may_rewrite(database.app_url)
    assert may_rewrite(database.migrate_url)
