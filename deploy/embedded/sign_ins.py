"""Let people sign in: posts stand in monitoring's staff, random passwords in ``sign-ins.json`` (0600)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.program import Program
from chassis.security.scope import Area, Role, program
from deploy.embedded.installation import Installation
from deploy.embedded.issuer import Holder
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.private_files import read_private, replace_private
from deploy.sample.model import SampleOfficer
from services.monitoring.staff.actions.load import NewOfficer, register_first_administrator, register_officers
from services.monitoring.staff.queries.holders import holder_by_username

PASSWORD_BYTES: Final = 12
_FIRST: Final = "administrator"
_SOMEWHERE: Final = 110000000000  # a program's actor needs some division; its reach is the area given beside it


class SignInsUnreadable(Exception):
    """The file of sign-ins is damaged; the text says what to do."""


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


async def admit_officers(
    installation: Installation, monitoring: Program, officers: Sequence[SampleOfficer], *, starts_on: date
) -> list[SignIn]:
    """Register ``officers`` in monitoring's staff and let them sign in; who is there already stays as he is."""
    async with _platform_unit(monitoring) as unit:
        await register_officers(unit, [_registered(officer, starts_on) for officer in officers])
    return keep_sign_ins(installation, officers)


async def admit_first_administrator(
    installation: Installation, monitoring: Program, region: int, *, starts_on: date
) -> SignIn | None:
    """Give an installation without the sample its security administrator, who grants every other post; None if it
    has one."""
    administrator = SampleOfficer(_FIRST, "安全管理员", Role.SECURITY_ADMINISTRATOR, region, "安全管理员")
    async with _platform_unit(monitoring) as unit:
        if not await register_first_administrator(unit, _registered(administrator, starts_on)):
            return None
    return keep_sign_ins(installation, [administrator])[0]


def keep_sign_ins(installation: Installation, officers: Sequence[SampleOfficer]) -> list[SignIn]:
    """Give a password to each officer who has none yet, and write both files; whoever is there stays."""
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
    if new:
        PasswordBook(installation.password_book).keep({name: entry.password for name, entry in new.items()})
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
            f"{path} is damaged: restore it from a backup, or remove it for new passwords"
        ) from None


def holders(monitoring: Program) -> Callable[[str], Awaitable[Holder | None]]:
    """Who signs in under a user name, and with which posts: what monitoring's staff says today is what tokens carry."""

    async def holder(username: str) -> Holder | None:
        async with _platform_unit(monitoring) as unit:
            found = await holder_by_username(unit, username)
        return None if found is None else Holder(found.subject, found.assignments)

    return holder


def _platform_unit(monitoring: Program) -> UnitOfWork:
    """A unit that acts for the platform, everywhere: a person's posts may lie in several areas."""
    return monitoring.unit(program("sign-in", _SOMEWHERE), area=Area.everywhere())


def _registered(officer: SampleOfficer, starts_on: date) -> NewOfficer:
    return NewOfficer(
        username=officer.username,
        subject=f"sample:{officer.username}",
        name=officer.name,
        role=officer.role,
        region=officer.region,
        starts_on=starts_on,
        title=officer.title,
        department=officer.department,
    )
