"""Say what uploaded files are for: who may send them, of which kinds, how large, for how long they are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotAllowed
from chassis.files.media import Media
from chassis.security.scope import Actor, Permission

KeepDays = Callable[[UnitOfWork, int], Awaitable[int]]
"""For how many days a division's file is kept when nothing holds it: a parameter, read in the unit."""


@dataclass(frozen=True, kw_only=True)
class UploadUse:
    """One use of uploaded files.

    :param purpose: stands with the file, which then starts this and nothing else.
    :param permission: of the route that takes the file.
    """

    purpose: str
    permission: Permission
    limit_bytes: int
    accepted: frozenset[Media]
    keep_days: KeepDays

    def require(self, actor: Actor) -> None:
        """
        :raises NotAllowed: if the actor's post may not use files so.
        """
        if not self.permission.allows(actor.role):
            raise NotAllowed


def any_permission(uses: Iterable[UploadUse]) -> Permission:
    """The right to one use at least."""
    return Permission("upload.send", frozenset().union(*(use.permission.roles for use in uses)))
