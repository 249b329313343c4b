"""``python -m deploy.compose secrets|setup``: make a deployment's secrets, and prepare its databases and topics."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from chassis.bus.protocol import BusAway
from chassis.database.server import PostgresFailed
from deploy.compose.preparing import prepare
from deploy.compose.secrets import SecretsThere, make_secrets

FOLDER = Path("deploy/compose/secrets")
commands = typer.Typer(no_args_is_help=True, add_completion=False, help="容器部署 / the platform in containers")


@commands.command()
def secrets(
    folder: Annotated[Path, typer.Option(file_okay=False, help="目录 / where they lie")] = FOLDER,
) -> None:
    """生成全部密钥与口令，已有的不动 / make every key and password; what is there is refused."""
    try:
        made = make_secrets(folder)
    except SecretsThere as there:
        sys.exit(str(there))
    sys.stdout.write(f"{len(made)} 个文件写入 / files written to {folder}\n")
    sys.stdout.write(
        "请另存 key_ring，丢失则数据无法解密 / keep a copy of key_ring: nobody reads the data without it\n"
    )


@commands.command()
def setup() -> None:
    """建库、建角色、迁移、建主题，可重复 / databases, roles, migrations, topics; may be repeated."""
    superuser_url = os.environ["XIANJIE_SUPERUSER_URL"]
    password = Path(os.environ["XIANJIE_SUPERUSER_PASSWORD_FILE"]).read_text("utf-8").strip()
    try:
        for line in asyncio.run(prepare(superuser_url, password, Path(os.environ["XIANJIE_DATABASE_PASSWORDS_FILE"]))):
            sys.stdout.write(line + "\n")
    except (PostgresFailed, BusAway) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    commands()
