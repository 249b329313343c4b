"""Let people sign in: their posts stand in monitoring's staff, their passwords in the data directory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.program import Program
from chassis.security.scope import Area, Role, program
from deploy.embedded.directory import Installation
from deploy.embedded.issuer import Holder
from deploy.embedded.sign_ins import SignIn, keep_sign_ins
from deploy.sample.model import SampleOfficer
from services.monitoring.staff.actions.load import NewOfficer, register_first_administrator, register_officers
from services.monitoring.staff.queries.holders import holder_by_username

_FIRST: Final = "administrator"
_SOMEWHERE: Final = 110000000000  # a program's actor needs some division; its reach is the area given beside it


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
