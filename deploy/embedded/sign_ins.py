"""Make sample people who can sign in: random passwords in ``sign-ins.json`` (0600), only with the sample county."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from chassis.security.scope import Assignment, Role
from deploy.embedded.installation import Installation
from deploy.embedded.issuer import Holder
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.private_files import read_private, replace_private

PASSWORD_BYTES: Final = 12


@dataclass(frozen=True)
class SignIn:
    """One line of ``sign-ins.json``.

    :param area: the division code of the post, twelve digits.
    :param department: of a department's clerk, else None.
    """

    username: str
    password: str
    role: str
    area: str
    title: str
    department: str | None = None


@dataclass(frozen=True)
class SampleOfficer:
    """Somebody of the sample county who may sign in."""

    username: str
    role: Role
    region: int
    title: str
    department: str | None = None


def keep_sign_ins(installation: Installation, officers: Sequence[SampleOfficer]) -> list[SignIn]:
    """Give a password to each officer who has none yet, and write both files; passwords that are there stay."""
    known = {entry.username: entry for entry in read_sign_ins(installation)}
    entries = [
        known.get(officer.username)
        or SignIn(
            officer.username,
            secrets.token_urlsafe(PASSWORD_BYTES),
            officer.role.value,
            f"{officer.region:012d}",
            officer.title,
            officer.department,
        )
        for officer in officers
    ]
    new = {entry.username: entry.password for entry in entries if entry.username not in known}
    if new:
        PasswordBook(installation.password_book).keep(new)
        text = json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=2)
        replace_private(installation.sign_ins, text.encode())
    return entries


def read_sign_ins(installation: Installation) -> list[SignIn]:
    """The sign-ins of this data directory; none before the sample county was loaded."""
    content = read_private(installation.sign_ins)
    return [SignIn(**entry) for entry in json.loads(content)] if content else []


def holders(installation: Installation) -> Callable[[str], Awaitable[Holder | None]]:
    """Who signs in under a user name, and with which post; read anew each time, since the sample may load later."""

    async def holder(username: str) -> Holder | None:
        for entry in read_sign_ins(installation):
            if entry.username == username:
                post = Assignment(
                    uuid5(NAMESPACE_URL, f"xianjie:post:{username}"),
                    Role(entry.role),
                    int(entry.area),
                    entry.department,
                )
                return Holder(f"sample:{username}", (post,))
        return None

    return holder
