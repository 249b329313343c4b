"""Lay out the embedded server's files: private, short enough for a socket, and readable by the user that runs it.

In the data directory: ``cluster`` (PostgreSQL's own files), ``superuser.password``, ``port``, ``postgresql.log``. Run
by root, the server runs as an unprivileged user, who may be unable to enter root's folders: then ``cluster`` is a link
to a folder below :data:`SHARED_ROOT`. That folder is root's, and only ``cluster`` and ``socket`` in it are the user's,
so that the user cannot plant a link where root writes.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.database.server import failures

SHARED_ROOT: Final = Path("/var/lib/xianjie")
"""Where root keeps what an unprivileged user must reach."""

_SOCKET_PATH_BYTES_MAX: Final = 103  # macOS; Linux takes 107
_SOCKET_NAME: Final = "/.s.PGSQL.65535"


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user that runs the server when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Folders:
    """Where one embedded server's files are; ``home`` is ``data`` itself unless root runs it."""

    data: Path
    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def lock(self) -> Path:
        """Beside the cluster, so that two data directories that link to one cluster exclude each other."""
        return self.home / "lock"

    @property
    def log(self) -> Path:
        return self.data / "postgresql.log"

    @property
    def password(self) -> Path:
        return self.data / "superuser.password"

    @property
    def port(self) -> Path:
        return self.data / "port"

    @property
    def name(self) -> str:
        """Names this server in the titles of all its processes, by which a later run finds them."""
        return f"xianjie-{_digest(self.home)}"

    def own(self, path: Path) -> None:
        """Hand ``path`` to the user that runs the server."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)


def prepare(data_directory: Path, *, homes: Path | None = None) -> Folders:
    """Make the folders that are missing. Raises PostgresFailed for what cannot be written.

    :param homes: where the server's files go when root runs it, :data:`SHARED_ROOT` if None; others must be able to
        pass through it.
    """
    data = data_directory.absolute()
    with failing_at(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.chmod(0o700)
        data = data.resolve()
        link = data / "cluster"
        if link.is_symlink():
            return _linked(data, link)
        if os.geteuid() != 0:
            return Folders(data, data, None)
        if link.is_dir():  # root would leave files there that its owner could not open again
            raise failures.belongs_to(link, uid=link.stat().st_uid)
        folders = Folders(data, _new_home(data, homes or shared_root()), _unprivileged())
        link.symlink_to(folders.cluster)
        return folders


def existing(data_directory: Path) -> Folders | None:
    """The folders of a server that was prepared before, or None."""
    data = data_directory.resolve()
    link = data / "cluster"
    if link.is_symlink():
        home = link.readlink().parent
        return Folders(data, home if home.is_dir() else data, None)
    return Folders(data, data, None) if data.is_dir() else None


def erase(folders: Folders) -> None:
    """Delete this server's files and nothing else: a data directory that holds other things stays, with them."""
    with failing_at(folders.data):
        if folders.home != folders.data:
            shutil.rmtree(folders.home)
        elif folders.cluster.is_dir() and not folders.cluster.is_symlink():
            shutil.rmtree(folders.cluster)
        for leftover in (*folders.data.glob("cluster.new-*"), folders.data / "socket"):
            shutil.rmtree(leftover, ignore_errors=True)
        if (short := _short_socket_directory(folders)).exists() and _is_private(short):
            shutil.rmtree(short)
        for path in (folders.password, folders.port, folders.log, folders.log.with_suffix(".log.1"), folders.lock):
            path.unlink(missing_ok=True)
        if (folders.data / "cluster").is_symlink():
            (folders.data / "cluster").unlink()
        if not any(folders.data.iterdir()):
            folders.data.rmdir()


def socket_directory(folders: Folders) -> Path:
    """A private folder whose socket's path is short enough, the same one at every start where possible."""
    with failing_at(folders.home):
        inside = folders.home / "socket"
        if len(os.fsencode(inside)) + len(_SOCKET_NAME) <= _SOCKET_PATH_BYTES_MAX:
            inside.mkdir(mode=0o700, exist_ok=True)
            folders.own(inside)
            return inside
        short = _short_socket_directory(folders)
        try:
            short.mkdir(mode=0o700)
        except FileExistsError:
            if not _is_private(short):  # another user took the name in the common folder
                return Path(tempfile.mkdtemp(prefix="xianjie-", dir="/tmp"))
        return short


def write_private(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner alone, and have it on disk before returning."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def failing_at(path: Path) -> Iterator[None]:
    """Turn an operating-system error within the block into the sentence for the file it names, or for ``path``."""
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else path
        raise failures.unusable(named, error) from error


def _linked(data: Path, link: Path) -> Folders:
    home = link.readlink().parent
    if not home.is_dir():  # the folder is made before the link, so it was taken away since
        raise failures.files_missing(link, link.readlink())
    if os.geteuid() != 0:
        return Folders(data, home, None)
    status = link.stat() if link.is_dir() else None  # the same user at every start, whoever is added meanwhile
    return Folders(data, home, Account(status.st_uid, status.st_gid) if status else _unprivileged())


def _new_home(data: Path, homes: Path) -> Path:
    """A folder of its own: a taken name may hold the files of a data directory that was moved since, so leave it."""
    digest = _digest(data)
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        home = homes / f"{digest}{suffix}"
        try:
            home.mkdir()
        except FileExistsError:
            continue
        home.chmod(0o711)
        return home
    raise failures.not_a_cluster(homes / digest)


def shared_root() -> Path:
    """:data:`SHARED_ROOT`, made so that others may pass through it whatever our umask is."""
    if not SHARED_ROOT.is_dir():
        SHARED_ROOT.mkdir(parents=True)
        SHARED_ROOT.chmod(0o755)
    return SHARED_ROOT


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise failures.no_account()


def _short_socket_directory(folders: Folders) -> Path:
    return Path("/tmp") / folders.name  # noqa: S108  never used before _is_private


def _is_private(path: Path) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
