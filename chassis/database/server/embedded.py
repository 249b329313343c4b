"""Start, address and stop one embedded PostgreSQL whose data survives every kind of end of its program."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self
from urllib.parse import quote

from chassis.database.server import binaries, cluster, failures, folders, keeping
from chassis.database.server.cluster import Progress
from chassis.database.server.failures import PostgresFailed
from chassis.database.server.folders import Folders, failing_at, write_private
from chassis.database.server.keeping import Keeper
from chassis.database.server.leftovers import is_ready, stop_leftovers
from chassis.errors import Message
from chassis.ports import NoFreePort, free_port, is_free

START_SECONDS_MAX: Final = 60
"""How long a start is tried again: shared memory and processes of a killed server take a moment to go."""

RECOVERY_SECONDS_MAX: Final = 900
"""How long a server that is up may replay its log: stopped earlier, it would replay it all again at the next start."""

NOTICE_SECONDS_MAX: Final = 2
"""How long the end of a killed server may take to be noticed."""

LOG_BYTES_MAX: Final = 16 * 1024 * 1024
"""At a start a longer log is set aside as ``postgresql.log.1``."""

_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # A machine of two cores and a few GiB that also runs the services.
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_connections": "200",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_level": "replica",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
)

# Statements, parameters and the details of errors hold personal data: none of them may reach the log.
_PRIVACY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
)

_WITHOUT_FSYNC: Final[Mapping[str, str]] = MappingProxyType({"fsync": "off", "full_page_writes": "off"})


class EmbeddedPostgres:
    """A running PostgreSQL on a private Unix socket and on 127.0.0.1. Made by :meth:`start`; a context manager.

    It ends when :meth:`stop` is called and, by its keeper process, when this process dies in any way.
    """

    def __init__(self, where: Folders, programs: Path, keeper: Keeper, password: str) -> None:
        self._folders = where
        self._keeper = keeper
        self._password = password
        self._settings: Mapping[str, str] = {}
        self.programs: Final = programs
        """The folder of ``psql``, ``pg_dump``, ``pgbench`` …"""
        self.socket_directory: Path = where.home
        self.port: int = 0
        self.pid: int = 0

    @classmethod
    def start(
        cls,
        data_directory: Path,
        *,
        fsync: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
        homes: Path | None = None,
        on_progress: Progress | None = None,
    ) -> Self:
        """Start the server over ``data_directory``, making the database there at the first start.

        An earlier run that was killed is waited for or stopped. ``fsync=False`` trades safety against a power cut for
        speed, for tests. ``settings`` are PostgreSQL's, over ours, except those that keep personal data out of the log.
        ``homes`` is where root keeps the server's files, as :func:`folders.prepare` says. The port stays the same from
        start to start while it is free. Raises PostgresFailed, which says what to do.
        """
        tell = on_progress or _silently
        where = folders.prepare(data_directory, homes=homes)
        with failing_at(where.data):
            _set_aside(where.log)
            keeper = Keeper.hold(where, seconds_max=START_SECONDS_MAX, on_wait=tell)
        try:
            programs = binaries.reachable(where.account)
            if stop_leftovers(where):
                tell(Message("已停止上一次运行遗留的数据库", "Stopped the database that an earlier run had left"))
            with failing_at(where.home):
                password = cluster.prepared(where, programs, fsync=fsync, tell=tell)
            server = cls(where, programs, keeper, password)
            tell(Message("正在启动数据库", "Starting the database"))
            server._settings = {**_SETTINGS, **({} if fsync else _WITHOUT_FSYNC), **settings, **_PRIVACY}
            with failing_at(where.data):
                server._run(server._settings)
        except BaseException:
            keeper.release()
            raise
        return server

    def superuser_url(self, database: str = "postgres") -> str:
        """For provisioning only; programs connect as their own roles."""
        return self.url(cluster.SUPERUSER, self._password, database)

    def url(self, role: str, password: str, database: str, *, by_loopback: bool = False) -> str:
        """The address of ``database`` by the Unix socket, or by 127.0.0.1 for clients that know no sockets."""
        user = f"{quote(role, safe='')}:{quote(password, safe='')}"
        name = quote(database, safe="")
        if by_loopback:
            return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"
        return f"postgresql://{user}@/{name}?host={quote(str(self.socket_directory), safe='')}&port={self.port}"

    @property
    def log(self) -> Path:
        """PostgreSQL's log file."""
        return self._folders.log

    def is_running(self) -> bool:
        """False once PostgreSQL has ended by itself or was killed; then :meth:`start_again`, or :meth:`stop`."""
        return not self._keeper.has_ended(within_seconds=0)

    def start_again(self) -> None:
        """Bring back a server that ended by itself or was killed, at the same addresses. It first replays its log.

        One that runs is left alone.

        :raises PostgresFailed: with what to do, also if another program took its port in between.
        """
        if not self._keeper.has_ended(within_seconds=NOTICE_SECONDS_MAX):
            return
        before = self.port
        stop_leftovers(self._folders)
        with failing_at(self._folders.data):
            self._run(self._settings)
        if self.port != before:
            self.stop()
            raise failures.port_taken(before)

    def stop(self) -> None:
        """End the server in order: what is committed is on disk, what is open is rolled back. May be repeated."""
        self._keeper.release()
        if self._folders.home not in self.socket_directory.parents:
            shutil.rmtree(self.socket_directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, settings: Mapping[str, str]) -> None:
        self.socket_directory = folders.socket_directory(self._folders)
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            self.port = _free_port(_kept_port(self._folders.port))
            log_bytes = self._folders.log.stat().st_size
            self.pid = self._keeper.start(
                self._command(settings), environment=binaries.ENVIRONMENT, account=self._folders.account
            )
            if self._became_ready():
                break
            said = keeping.last_lines(self._folders.log, since_byte=log_bytes)
            reason = failures.known_reason(said, cluster=self._folders.cluster, log=self._folders.log)
            if reason is not None:
                raise reason
            if time.monotonic() > deadline:
                step = Message(
                    f"数据库在 {START_SECONDS_MAX} 秒内未能启动",
                    f"The database did not start within {START_SECONDS_MAX} s",
                )
                raise failures.failed(step, log=self._folders.log, last_lines=said)
            time.sleep(0.2)
        if _kept_port(self._folders.port) != self.port:
            write_private(self._folders.port, f"{self.port}\n")
        self._check_password()

    def _command(self, settings: Mapping[str, str]) -> list[str]:
        all_settings = {
            **settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": '"' + str(self.socket_directory).replace('"', '""') + '"',
            "unix_socket_permissions": "0700",
            "cluster_name": self._folders.name,
        }
        words = [word for name, value in all_settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self._folders.cluster), *words]

    def _became_ready(self) -> bool:
        """True once it takes connections, False when it ended instead."""
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while not is_ready(self._folders.cluster / "postmaster.pid", pid=self.pid):
            if self._keeper.has_ended(within_seconds=0.02):
                return False
            if time.monotonic() > deadline:
                step = Message("数据库启动后长时间未就绪", "The database came up but was not ready in time")
                raise failures.failed(step, log=self.log, last_lines=keeping.last_lines(self.log))
        return True

    def _check_password(self) -> None:
        import psycopg  # a start begins its other processes before it pays for this import

        try:
            psycopg.connect(self.superuser_url(), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise failures.password_refused(self._folders.password) from None
            step = Message("数据库拒绝连接", "The database refuses connections")
            raise failures.failed(step, log=self.log, last_lines=keeping.last_lines(self.log)) from error


def remove(data_directory: Path) -> None:
    """Delete the server's files in ``data_directory``, and those it links to; other files there stay.

    Raises PostgresFailed while a program uses it, and when something cannot be deleted.
    """
    where = folders.existing(data_directory)
    if where is None:
        return
    with failing_at(where.data):
        keeper = Keeper.hold(where, seconds_max=START_SECONDS_MAX, on_wait=_silently)
    try:
        stop_leftovers(where)
        folders.erase(where)
    finally:
        keeper.release()


def _kept_port(path: Path) -> int | None:
    text = path.read_text("utf-8").strip() if path.is_file() else ""
    return int(text) if text.isdigit() else None


def _free_port(wanted: int | None) -> int:
    if wanted is not None and is_free(wanted):
        return wanted
    try:
        return free_port()
    except NoFreePort as none:
        raise PostgresFailed(none.message) from none


def _set_aside(log: Path) -> None:
    if log.is_file() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))


def _silently(_: Message) -> None:
    return
