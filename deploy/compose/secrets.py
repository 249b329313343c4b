"""Make the secrets of one deployment, each in a file of its own, all in a folder that only its owner may enter.

The files themselves are readable, because the programs in containers run under a user of their own; who may not enter
the folder cannot reach them.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import quote

from chassis.database.provision import load_or_make_passwords
from chassis.security.keys import KeyRing
from deploy.embedded.installation import PROGRAMS

POSTGRES: Final = "postgres:5432"
ADMIN: Final = "admin"
"""The user that makes topics."""

DATABASE_PASSWORDS: Final = "database_passwords"
SUPERUSER_PASSWORD: Final = "postgres_password"  # noqa: S105  # the name of its file
KEY_RING: Final = "key_ring"
KAFKA_USERS: Final = "kafka_users"


class SecretsThere(Exception):
    """The folder holds secrets already: overwriting them would lock everybody out."""


def make_secrets(folder: Path) -> list[Path]:
    """Write every secret that docker-compose.yml names. Returns the files.

    :raises SecretsThere: if there are some already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SecretsThere(f"{folder} 已有密钥，不会覆盖 / holds secrets already; they are not overwritten")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    names = [program.name for program in PROGRAMS]
    passwords = load_or_make_passwords(folder / DATABASE_PASSWORDS, names)
    users = {name: secrets.token_urlsafe(32) for name in (ADMIN, *names)}
    contents = {
        SUPERUSER_PASSWORD: secrets.token_urlsafe(32),
        KEY_RING: KeyRing.generate(os.urandom).to_json(),
        KAFKA_USERS: "".join(f"{name}={password}\n" for name, password in users.items()),
        **{f"kafka_{name}": password for name, password in users.items()},
        **{
            f"{name}_database_url": f"postgresql://{name}_app:{quote(passwords[name].app, safe='')}@{POSTGRES}/{name}"
            for name in names
        },
    }
    for name, content in contents.items():
        (folder / name).write_text(content, "utf-8")
    made = sorted(folder.iterdir())
    for path in made:
        path.chmod(0o444)
    return made
