"""One operation as it is asked, and the ways of asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from chassis.security.scope import Level, Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.safety.maker import World

Outside: TypeAlias = Literal["refused", "named", "empty", "same", "nothing", "each", "mine"]
"""``refused``: 404, or 403 for a write. ``named``: as well 422 that names the field whose division lies outside.
``empty``: a list without the marker. ``same``: no area matters. ``nothing``:
an answer that counts nothing done. ``each``: an answer in which each part is refused as not found; within the area each
is applied. ``mine``: only who made it may reach it; whoever is asked here is somebody else, and is told 404."""


@dataclass(frozen=True)
class Case:
    """One operation.

    :param at: where the object lies that is asked about.
    :param fields: gives body, query, version of one request.
    :param marker: what an answer within the area must contain, and a list outside must not; a key of the world.
    :param around: what holds for a division may be read below it too.
    :param level: of the posts that alone may do it; posts of other levels are refused whatever their role.
    :param hidden_from: roles that may use the operation and yet meet nothing of this object: a clue that no row of
        their department raised.
    :param otherwise: what those roles ask for instead of ``fields``, where each has its own share of the operation.
    :param named: the answer shows people's names, so that ``masked`` and ``allow`` differ.
    """

    path: str
    at: int = VILLAGE
    fields: Callable[[World], Mapping[str, Any]] = lambda _: {}
    outside: Outside = "refused"
    marker: str | None = None
    around: bool = False
    level: Level | None = None
    named: bool = False
    hidden_from: tuple[Role, ...] = ()
    otherwise: Mapping[Role, Callable[[World], Mapping[str, Any]]] = field(default_factory=dict)


def with_body(**fields: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda _: {"json": fields}


def with_query(**params: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda _: {"params": params}


def changing(thing: str, **fields: Any) -> Callable[[World], Mapping[str, Any]]:
    """A change of what was read as ``thing``, in the version read."""
    return lambda world: {"json": fields, "version": world[thing]["version"]}


OF_COUNTY = with_query(region=str(COUNTY))

ON_A_DAY = {"on": "2024-06-01"}

CHEN = "/households/{household}"


def putting(thing: str, **fields: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda world: {
        "json": fields,
        "version": world[thing]["version"],
        "params": {"region": str(COUNTY)},
    }


VISITED = {"summary": "家中有人住院", "risks": ["02"]}

PUBLIC_LIST = "/public-lists/{public_list[id]}"


def id_of(world: World, thing: str) -> Any:
    found = world[thing]
    return found["id"] if isinstance(found, dict) else found
