"""Remove a platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chassis.database.server import PostgresFailed, remove
from chassis.errors import Message
from deploy.console.saying import Data, fail, language
from deploy.embedded.directory import Installation

DEFAULT: Path = Path(".xianjie")


def clean(
    data: Data = DEFAULT,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """删除数据目录及其数据库 / remove the data directory and its database."""
    if not data.exists():
        return
    installation = Installation(data)
    if not installation.is_ours():
        fail(
            Message(
                f"{data} 不是本平台的数据目录，未删除任何内容；请核对 --data 或 XIANJIE_DATA_DIR。",
                f"{data} is no data directory of this platform, and nothing was removed; see --data or"
                " XIANJIE_DATA_DIR.",
            )
        )
    question = Message(f"删除 {data} 及其中全部数据？", f"Remove {data} and everything in it?")
    if not yes and not typer.confirm(question.in_language(language())):
        raise typer.Exit(1)
    try:
        remove(installation.postgres)
    except PostgresFailed as failure:
        fail(failure.message)
    installation.erase()
