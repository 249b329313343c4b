"""Ask every operation as every role from every place, and say what is wrong with the answers.

A post is asked from five places: its own division over the object's place, a sibling of that, the division above, one
below that does not hold the object, and another province. Posts that an issuer would refuse (a cadre of a whole town)
are asked too: what may be seen follows from the post's division alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx

from chassis.http.application import create_app
from chassis.http.document import operations
from chassis.security.scope import Area, Role, level_of
from chassis.service import Service
from chassis.start import make_idle_program
from tests.safety.cases import Case
from tests.safety.maker import CLERK, DEPARTMENT, World
from tests.safety.running import Running, undone

ROLES = [role for role in Role if role is not Role.PROGRAM]

_COUNTY_LEVEL = {
    "own": 610999000000,
    "sibling": 610998000000,
    "parent": 610900000000,
    "child": 610999102000,
    "other province": 510999000000,
}
_VILLAGE_LEVEL = {
    "own": 610999101203,
    "sibling": 610999101204,
    "parent": 610999101000,
    "other province": 510999101203,
}
POSTS: dict[Role, dict[str, int]] = dict.fromkeys(ROLES, _COUNTY_LEVEL) | {
    Role.PROVINCE_OFFICER: {
        "own": 610000000000,
        "sibling": 620000000000,
        "child": 610800000000,
        "other province": 510000000000,
    },
    Role.CITY_OFFICER: {
        "own": 610900000000,
        "sibling": 610800000000,
        "parent": 610000000000,
        "child": 610998000000,
        "other province": 510900000000,
    },
    Role.TOWN_OFFICER: {
        "own": 610999101000,
        "sibling": 610999102000,
        "parent": 610999000000,
        "child": 610999101204,
        "other province": 510999101000,
    },
    Role.VILLAGE_CADRE: _VILLAGE_LEVEL,
    Role.GRID_WORKER: _VILLAGE_LEVEL,
}
"""Nothing lies above a province, and nothing below a village."""


def operations_of(service: Service) -> dict[str, tuple[str, Any]]:
    """Method and route of every documented operation, by its name."""
    app = create_app(service, make_idle_program(service.name))
    return {
        str(route.operation_id): (method, route) for _path, route in operations(app) for method in route.methods or ()
    }


def tokens_of(service: Running) -> dict[tuple[Role, int], str]:
    """A token for each role in each of its places."""
    clerk = {"department": DEPARTMENT, "subject": CLERK}
    return {
        (role, region): service.token(role, region, **(clerk if role is Role.DEPARTMENT_CLERK else {}))
        for role, places in POSTS.items()
        for region in places.values()
    }


async def wrong_answers(
    service: Running,
    method: str,
    case: Case,
    world: World,
    tokens: Mapping[tuple[Role, int], str],
    row: Mapping[str, str],
) -> list[str]:
    """What each role reaches of one operation, against its row of the table; nothing of it is committed."""
    places = [(role, place, region) for role in ROLES for place, region in POSTS[role].items()]
    # No more at once than the pool serves: who waits too long for a connection hears of an outage.
    served = asyncio.Semaphore(service.program.settings.database_pool_size)

    async def answer(role: Role, region: int) -> httpx.Response:
        async with served:
            return await asked(service, method, _of(case, role), world, tokens[role, region])

    with undone():
        answers = await asyncio.gather(*(answer(role, region) for role, _place, region in places))
    return [
        f"{role.value} of its {place} {region}: {fault}"
        for (role, place, region), answer in zip(places, answers, strict=True)
        for fault in _faults(row[role.value], case, world, region, answer, hidden=role in case.hidden_from)
    ]


def _of(case: Case, role: Role) -> Case:
    """The case as this role asks it."""
    return replace(case, fields=case.otherwise.get(role, case.fields))


async def asked(service: Running, method: str, case: Case, world: World, token: str) -> httpx.Response:
    return await service.ask(method, case.path.format(**world), token, **case.fields(world))


def _faults(cell: str, case: Case, world: World, region: int, answer: httpx.Response, *, hidden: bool) -> Iterator[str]:
    said = f"{answer.status_code} {answer.text[:300]}"
    if cell == "deny" or (case.level is not None and level_of(region) is not case.level):
        if answer.status_code != 403:
            yield f"must be 403, is {said}"
        return
    if case.outside == "mine":
        if answer.status_code != 404:
            yield f"must be 404 for somebody else, is {said}"
        return
    area = Area.of(region)
    inside = case.outside == "same" or area.contains(case.at) or (case.around and Area.of(case.at).covers(area))
    marker = _marker(case, world)
    if inside and not hidden:
        if not (answer.is_success or answer.status_code == 304):
            yield f"must succeed, is {said}"
        elif case.outside == "each" and _ends(answer) != {"applied"}:
            yield f"must apply each, is {said}"
        elif marker is not None and marker not in answer.text:
            yield f"must show {case.marker}, is {said}"
        elif case.named:
            yield from _mask_faults(cell, answer.text)
    elif not _keeps_out(case, marker, answer):
        yield f"must keep out ({case.outside}), is {said}"


def _keeps_out(case: Case, marker: str | None, answer: httpx.Response) -> bool:
    """Whether the answer to somebody outside the object's area tells and does nothing."""
    if case.outside == "empty":
        return answer.is_success and (marker is None or marker not in answer.text)
    if case.outside == "nothing":
        return answer.is_success and answer.json()["created"] == 0
    if case.outside == "each":
        return answer.is_success and _ends(answer) == {"not_found"}
    if case.outside == "named" and answer.status_code == 422:
        codes = {fault["code"] for fault in answer.json()["errors"]}
        return "county_needed" in codes or any("outside" in code for code in codes)
    return answer.status_code in ({404} if answer.request.method == "GET" else {403, 404})


def _ends(answer: httpx.Response) -> set[str]:
    results = answer.json()["results"]
    return {one["problem"]["code"] if one["problem"] else one["outcome"] for one in results}


def _marker(case: Case, world: World) -> str | None:
    thing = world[case.marker] if case.marker else None
    return thing["id"] if isinstance(thing, dict) else thing


def _mask_faults(cell: str, text: str) -> Iterator[str]:
    if "610999197403123010" in text:
        yield "shows an identity number whole"
    if ("陈大山" in text) == (cell == "masked"):
        yield f"shows names {'whole' if cell == 'masked' else 'masked'}"
    if cell == "masked" and "陈**" not in text:
        yield "shows no masked name at all"
