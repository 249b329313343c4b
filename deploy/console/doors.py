"""Act for the operator as one of the people who may sign in to this platform, over its gateway like anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer

from chassis.errors import Message
from chassis.security.scope import Role
from deploy.console.saying import NO_ANSWER, NOT_RUNNING, fail, language
from deploy.embedded.installation import Installation, NotRunning
from deploy.embedded.sign_ins import SignIn, read_sign_ins
from deploy.embedded.supervisor import HOST
from deploy.sample.doors import GatewayDoors, LoadRefused

T = TypeVar("T")

As = Annotated[str | None, typer.Option("--as", help="以谁的账号（见 sign-ins.json）/ as which user of sign-ins.json")]
Region = Annotated[
    int | None,
    typer.Option(min=10**11, max=10**12 - 1, help="县级区划代码，12 位 / the county's division code, 12 digits"),
]


def act(
    data: Path, choose: Callable[[Sequence[SignIn]], SignIn], work: Callable[[httpx.AsyncClient], Awaitable[T]]
) -> T:
    """Do ``work`` with a client of monitoring that is signed in; whatever hinders it ends as a sentence.

    :param choose: who acts, of those who may sign in; it fails itself where nobody fits.
    """
    installation = Installation(data)
    try:
        port = installation.read_run().port
        who = choose(read_sign_ins(installation))
    except NotRunning:
        fail(NOT_RUNNING)

    async def run() -> T:
        doors = GatewayDoors(f"http://{HOST}:{port}", {who.username: who.password}, language=language())
        async with doors:
            return await work(await doors.of(who.username))

    try:
        return asyncio.run(run())
    except LoadRefused as refused:
        fail(refused.message)
    except httpx.TransportError:
        fail(NO_ANSWER)


def named(username: str) -> Callable[[Sequence[SignIn]], SignIn]:
    """Chooses who was named."""

    def choose(known: Sequence[SignIn]) -> SignIn:
        for entry in known:
            if entry.username == username:
                return entry
        names = "、".join(entry.username for entry in known) or "（无）"
        return fail(
            Message(f"没有账号 {username}；可选：{names}。", f"There is no user {username}; there are: {names}.")
        )

    return choose


def county_officer(region: int | None) -> Callable[[Sequence[SignIn]], SignIn]:
    """Chooses a county's officer; that of ``region``, or of the only county."""

    def choose(known: Sequence[SignIn]) -> SignIn:
        officers = [entry for entry in known if entry.role == Role.COUNTY_OFFICER]
        fitting = [entry for entry in officers if region is None or entry.area == f"{region:012d}"]
        counties = sorted({entry.area for entry in fitting})
        if len(counties) > 1:
            listed = "、".join(counties)
            fail(
                Message(f"有多个县，请用 --region 指定：{listed}。", f"Name one of the counties by --region: {listed}.")
            )
        if not fitting:
            fail(
                Message(
                    "sign-ins.json 中没有该县的县级账号，请用 --as 指定账号。",
                    "sign-ins.json has no officer of that county; name a user with --as.",
                )
            )
        return fitting[0]

    return choose


def clerk_of(department: str, region: int | None) -> Callable[[Sequence[SignIn]], SignIn]:
    """Chooses a department's clerk, or the county's officer where it has none."""

    def choose(known: Sequence[SignIn]) -> SignIn:
        for entry in known:
            if entry.department == department and (region is None or entry.area == f"{region:012d}"):
                return entry
        return county_officer(region)(known)

    return choose
