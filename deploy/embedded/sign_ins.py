"""Keep who may sign in, with random passwords, in ``sign-ins.json`` (0600)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from chassis.errors import Message
from deploy.embedded.directory import Installation
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.private_files import SecretUnusable, read_private, replace_private

if TYPE_CHECKING:
    from deploy.sample.model import SampleOfficer

PASSWORD_BYTES: Final = 12


class SignInsUnreadable(SecretUnusable):
    """The file of sign-ins is damaged; the message says what to do."""


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


def keep_sign_ins(installation: Installation, officers: Sequence[SampleOfficer]) -> list[SignIn]:
    """Give a password to each officer who has none yet, and write both files; whoever is there stays.

    Whoever has one of which no hash is kept, since that file was removed, keeps the password too.
    """
    known = {entry.username: entry for entry in read_sign_ins(installation)}
    new = {
        officer.username: SignIn(
            officer.username,
            secrets.token_urlsafe(PASSWORD_BYTES),
            officer.role.value,
            f"{officer.region:012d}",
            officer.title,
            officer.department,
        )
        for officer in officers
        if officer.username not in known
    }
    entries = known | new
    book = PasswordBook(installation.password_book)
    unhashed = {name: entry.password for name, entry in entries.items() if name in new or name not in book}
    if unhashed:
        book.keep(unhashed)
    if new:
        text = json.dumps([asdict(entry) for entry in entries.values()], ensure_ascii=False, indent=2)
        replace_private(installation.sign_ins, text.encode())
    return [entries[officer.username] for officer in officers]


def read_sign_ins(installation: Installation) -> list[SignIn]:
    """The sign-ins of this data directory; none before somebody was admitted.

    :raises SignInsUnreadable: if the file is damaged.
    """
    path = installation.sign_ins
    content = read_private(path)
    try:
        return [SignIn(**entry) for entry in json.loads(content)] if content else []
    except (ValueError, TypeError):
        # Not chained: what json says of a file repeats a piece of it, and it holds passwords.
        raise SignInsUnreadable(
            Message(
                f"{path} 已损坏：请从备份恢复，或删除它以生成新密码。",
                f"{path} is damaged: restore it from a backup, or remove it for new passwords.",
            )
        ) from None
