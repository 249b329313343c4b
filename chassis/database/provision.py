"""Give each service its own database and the four roles it needs, so that no program holds a right it does not use.

``<service>_owner`` owns every table and cannot log in; ``<service>_migrate`` becomes the owner by ``SET ROLE`` for
changes of tables, and bypasses row-level security for changes of data; ``<service>_app`` serves under row-level
security; ``<service>_backup`` reads everything and writes nothing.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from chassis.database.server.failures import PostgresFailed
from chassis.database.server.folders import failing_at, write_private
from chassis.errors import Message

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,50}")
_LOGINS: Final = ("migrate", "app", "backup")


@dataclass(frozen=True, slots=True)
class ServicePasswords:
    """The passwords of one service's roles that log in."""

    app: str = field(repr=False)
    migrate: str = field(repr=False)
    backup: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """Addresses of one service's database, by role; each holds a password."""

    name: str
    app_url: str = field(repr=False)
    migrate_url: str = field(repr=False)
    backup_url: str = field(repr=False)

    def in_database(self, name: str) -> ServiceDatabase:
        """The same roles in another database, such as a :func:`clone`."""
        moved = {key: _url(getattr(self, key), database=name) for key in ("app_url", "migrate_url", "backup_url")}
        return replace(self, name=name, **moved)


def provision(superuser_url: str, service: str, passwords: ServicePasswords) -> ServiceDatabase:
    """Make, or put right, the roles and the database of ``service``. May be repeated; a repetition sets the passwords.

    Rights on what the owner makes later come with it (default privileges), so migrations grant nothing. Raises
    ValueError for a name that is no plain identifier and ``psycopg.Error`` when the server refuses.
    """
    _check_name(service)
    roles = {role: sql.Identifier(f"{service}_{role}") for role in ("owner", *_LOGINS)}
    with _one_at_a_time(superuser_url) as connection:
        _make_roles(connection, service, passwords)
        _make_database(connection, service, roles)
    with psycopg.connect(_url(superuser_url, database=service), autocommit=True) as connection:
        for statement in _RIGHTS_IN_DATABASE:
            connection.execute(sql.SQL(statement).format(**roles))
    urls = {
        f"{role}_url": _url(superuser_url, database=service, login=(f"{service}_{role}", getattr(passwords, role)))
        for role in _LOGINS
    }
    return ServiceDatabase(name=service, **urls)


def clone(superuser_url: str, template: str, name: str) -> None:
    """Copy a database with its owner and grants, fast enough to give each test a fresh one.

    Raises ``psycopg.errors.ObjectInUse`` while anyone is connected to ``template``, ``DuplicateDatabase`` when ``name``
    exists, ``InvalidCatalogName`` when ``template`` does not.
    """
    # STRATEGY FILE_COPY: for 11 MB it takes a third to a seventh of WAL_LOG's time where nothing is synced to disk. Its
    # checkpoint disturbs nobody, as each test process has a server of its own.
    _check_name(name)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (template,)
        ).fetchone()
        if found is None:
            raise psycopg.errors.InvalidCatalogName(f"database {template!r} does not exist")
        connection.execute(
            sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner} STRATEGY FILE_COPY").format(
                name=sql.Identifier(name), template=sql.Identifier(template), owner=sql.Identifier(found[0])
            )
        )
        # PostgreSQL copies what is inside a database, but not the rights on the database itself.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        for grantee, privilege in connection.execute(
            "SELECT CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type FROM pg_database,"
            " aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = %s AND grantee <> datdba",
            (template,),
        ).fetchall():
            connection.execute(
                sql.SQL("GRANT {privilege} ON DATABASE {name} TO {grantee}").format(
                    privilege=sql.SQL(privilege),
                    name=sql.Identifier(name),
                    grantee=sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee),
                )
            )


def drop(superuser_url: str, name: str) -> None:
    """Drop a database if it exists, ending the sessions in it. The roles stay."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def load_or_make_passwords(path: Path, services: Iterable[str]) -> Mapping[str, ServicePasswords]:
    """The passwords kept in a JSON file that its owner alone may read; those of a service new to it are made and added.

    Raises PostgresFailed when the file cannot be read, written or understood.
    """
    with failing_at(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = read_passwords(path) if path.exists() else {}
        new = {service for service in services if service not in kept}
        for service in sorted(new):
            kept[service] = ServicePasswords(**{role: secrets.token_urlsafe(32) for role in _LOGINS})
        if new:
            content = {name: {role: getattr(kept[name], role) for role in _LOGINS} for name in sorted(kept)}
            write_private(path, json.dumps(content, indent=2) + "\n")
        else:
            path.chmod(0o600)
    return {service: kept[service] for service in services}


_RIGHTS_IN_DATABASE: Final = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}, {migrate}, {backup}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {app}, {migrate}, {backup}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {migrate}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {backup}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}, {migrate}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON SEQUENCES TO {backup}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT EXECUTE ON FUNCTIONS TO {app}, {migrate}",
)


def _make_roles(connection: psycopg.Connection, service: str, passwords: ServicePasswords) -> None:
    existing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
    for role, attributes in (
        ("owner", f"NOLOGIN NOBYPASSRLS {plain}"),
        ("migrate", f"LOGIN BYPASSRLS {plain}"),
        ("app", f"LOGIN NOBYPASSRLS {plain}"),
        ("backup", f"LOGIN BYPASSRLS {plain}"),
    ):
        name = f"{service}_{role}"
        identifier = sql.Identifier(name)
        if name not in existing:
            connection.execute(sql.SQL("CREATE ROLE {}").format(identifier))
        connection.execute(sql.SQL("ALTER ROLE {} WITH " + attributes).format(identifier))
        if role in _LOGINS:
            # The verifier is computed here, so that the password itself is in no statement that a server might log.
            verifier = connection.pgconn.encrypt_password(
                getattr(passwords, role).encode(), name.encode(), b"scram-sha-256"
            ).decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(identifier, sql.Literal(verifier)))
            # An error's first line may quote a value ("invalid input syntax … '…'"): the program that met it has it,
            # the server's log must not. LOG ranks above ERROR there; the server's own errors are still logged.
            connection.execute(sql.SQL("ALTER ROLE {} SET log_min_messages = 'log'").format(identifier))
    # Without INHERIT a table cannot be made by mistake outside SET ROLE: it would belong to the wrong role.
    connection.execute(
        sql.SQL("GRANT {owner} TO {migrate} WITH INHERIT FALSE, SET TRUE, ADMIN FALSE").format(
            owner=sql.Identifier(f"{service}_owner"), migrate=sql.Identifier(f"{service}_migrate")
        )
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(f"{service}_backup"))
    )


def _make_database(connection: psycopg.Connection, service: str, roles: Mapping[str, sql.Identifier]) -> None:
    names = {"database": sql.Identifier(service), **roles}
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (service,)).fetchone():
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
                " LOCALE_PROVIDER libc STRATEGY WAL_LOG"
            ).format(**names)
        )
    for statement in (
        "ALTER DATABASE {database} OWNER TO {owner}",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}, {migrate}",
        "GRANT CONNECT ON DATABASE {database} TO {backup}",
    ):
        connection.execute(sql.SQL(statement).format(**names))


@contextmanager
def _one_at_a_time(superuser_url: str) -> Iterator[psycopg.Connection]:
    """A session of the superuser; two at once would fail on each other's changes of the same catalogue rows."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('xianjie provision'))")
        yield connection


def _url(url: str, *, database: str, login: tuple[str, str] | None = None) -> str:
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    if login is not None:
        user = ":".join(quote(word, safe="") for word in login)
    return parts._replace(netloc=f"{user}@{place}", path="/" + quote(database, safe="")).geturl()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError("a database's name is 1 to 51 lower-case letters, digits and underscores, a letter first")


def read_passwords(path: Path) -> dict[str, ServicePasswords]:
    """The passwords that :func:`load_or_make_passwords` kept in a file.

    Raises PostgresFailed when the content is not of that form.
    """
    try:
        return {name: ServicePasswords(**entry) for name, entry in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise PostgresFailed(
            Message(
                f"密码文件 {path} 内容有误。请从备份恢复，或删除它：下次启动会生成新密码并写入数据库。",
                f"The password file {path} is damaged. Restore it from a backup, or delete it: the next start makes "
                "new passwords and sets them in the database.",
            )
        ) from error
