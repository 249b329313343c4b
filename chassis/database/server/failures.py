"""Say why PostgreSQL could not be started, and what the person at the terminal can do about it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from chassis.errors import Message

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class PostgresFailed(Exception):
    """PostgreSQL cannot be prepared or started; ``message`` says why and what to do, in both languages."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def another_version(cluster: Path, *, found: str, expected: str) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"数据目录 {cluster} 是 PostgreSQL {found} 建立的，本程序使用 PostgreSQL {expected}，不能直接打开。"
            f"请用 PostgreSQL {found} 的 pg_dump 导出后再导入，或换一个数据目录（XIANJIE_DATA_DIR=）重新开始。",
            f"The data directory {cluster} was made by PostgreSQL {found}; this program runs PostgreSQL {expected} and "
            f"cannot open it. Dump it with pg_dump of PostgreSQL {found} and load the dump, or start afresh in another "
            "data directory (XIANJIE_DATA_DIR=).",
        )
    )


def not_a_cluster(cluster: Path) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{cluster} 不是 PostgreSQL 的数据目录。请把它移走，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"{cluster} is not a PostgreSQL data directory. Move it away, or choose another data directory "
            "(XIANJIE_DATA_DIR=).",
        )
    )


def files_missing(link: Path, target: Path) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{link} 指向 {target}，但那里已没有数据库文件。请从备份恢复，或删除数据目录后重新开始。",
            f"{link} points to {target}, where the database files are no longer. Restore them from a backup, or remove "
            "the data directory to start afresh.",
        )
    )


def password_missing(path: Path) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"数据库已存在，但找不到管理员密码文件 {path}。请从备份恢复该文件，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"The database exists, but its superuser password {path} is missing. Restore that file from a backup, or "
            "choose another data directory (XIANJIE_DATA_DIR=).",
        )
    )


def password_refused(path: Path) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{path} 中的密码与数据库不符。请从同一份备份恢复该文件和数据库。",
            f"The password in {path} is not the one of this database. Restore both from the same backup.",
        )
    )


def unusable(path: Path, error: OSError) -> PostgresFailed:
    """The failure for an operating-system error met at ``path``: a full disk, or a folder that cannot be written."""
    if error.errno in _FULL:
        return disk_full(path)
    return PostgresFailed(
        Message(
            f"无法读写 {path}（{error.strerror}）。请修改其属主或权限，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"{path} cannot be read or written ({error.strerror}). Change its owner or permissions, or choose "
            "another data directory (XIANJIE_DATA_DIR=).",
        )
    )


def disk_full(path: Path) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{path} 所在磁盘空间不足。请清理出至少 1 GB 后重新启动，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"The disk that holds {path} is full. Free at least 1 GB and start again, or choose another data directory "
            "(XIANJIE_DATA_DIR=).",
        )
    )


def in_use(data: Path, *, pid: int) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"数据目录 {data} 正被进程 {pid} 使用。请先停止该进程，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"The data directory {data} is in use by process {pid}. Stop that process first, or choose another data "
            "directory (XIANJIE_DATA_DIR=).",
        )
    )


def belongs_to(cluster: Path, *, uid: int) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{cluster} 属于用户 {uid}。请以该用户（而不是 root）启动，或换一个数据目录（XIANJIE_DATA_DIR=）。",
            f"{cluster} belongs to user {uid}. Start as that user instead of root, or choose another data directory "
            "(XIANJIE_DATA_DIR=).",
        )
    )


def port_taken(port: int) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"数据库意外退出后，其端口 {port} 已被其他程序占用。请重新启动平台。",
            f"The database ended, and another program has taken its port {port} since. Start the platform again.",
        )
    )


def no_account() -> PostgresFailed:
    return PostgresFailed(
        Message(
            "PostgreSQL 不能以 root 身份运行，而本机没有 postgres 或 nobody 用户。请改用普通用户启动。",
            "PostgreSQL refuses to run as root, and this machine has no user postgres or nobody. Start as an ordinary "
            "user.",
        )
    )


def not_installed(major: str) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"没有找到 PostgreSQL {major} 的程序文件。请按锁定文件重新安装依赖（make run 会自动安装）。",
            f"The programs of PostgreSQL {major} are not installed. Install the locked dependencies again (make run "
            "does it).",
        )
    )


def failed(step: Message, *, log: Path, last_lines: str) -> PostgresFailed:
    return PostgresFailed(
        Message(
            f"{step.zh}。请查看日志 {log}，其最后几行是：\n{last_lines}",
            f"{step.en}. See the log {log}; its last lines are:\n{last_lines}",
        )
    )


def known_reason(text: str, *, cluster: Path, log: Path) -> PostgresFailed | None:
    """The failure that the server's own words name and that no retry would mend; None for any other."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return disk_full(cluster)
    if "Permission denied" in text or "Read-only file system" in text:
        step = Message("PostgreSQL 无权访问它的文件", "PostgreSQL may not access its files")
        return failed(step, log=log, last_lines=text)
    if any(sign in text for sign in ("unrecognized configuration parameter", "invalid value for parameter")):
        step = Message("PostgreSQL 的参数有误", "A setting of PostgreSQL is wrong")
        return failed(step, log=log, last_lines=text)
    return None
