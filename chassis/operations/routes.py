"""Take operations in over HTTP: ``POST /operations`` of every service that registers kinds."""

# No postponed annotations here: FastAPI could not resolve those that name the parameters of a factory.

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request

from chassis.errors import NotAllowed
from chassis.http.acting import Acting, actor_of
from chassis.http.language import language_of
from chassis.http.routers import service_router
from chassis.http.trace import traceparent_of
from chassis.operations.actions import Push, push_operations
from chassis.operations.definition import OperationKind
from chassis.operations.schemas import OperationResults, push_model
from chassis.program import program_of
from chassis.security.scope import Actor, Permission


class _Pushing(Acting):
    """Opens nothing: a push is many transactions."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override]
        actor = await actor_of(request)
        if not self.permission.allows(actor.role):
            raise NotAllowed
        return actor


def operations_router(service: str, kinds: Sequence[OperationKind[Any]]) -> APIRouter:
    """The push's route; who may hand in one kind at least may push.

    :param service: its name, which makes the operation's id unique across services.
    """
    router = service_router("operations")
    by_name = {kind.name: kind for kind in kinds}
    permission = Permission("operations.push", frozenset().union(*(kind.permission.roles for kind in kinds)))
    pushed = Depends(_Pushing(permission, changes=False))  # each operation brings its own key
    body_model: Any = push_model(service, kinds)

    @router.post("/operations", operation_id=f"{service}_operations_push", summary="离线操作 · Operations made offline")
    async def push(body: body_model, request: Request, actor: Annotated[Actor, pushed]) -> OperationResults:
        """Hand in what was done without a network, up to 500 operations, each with an end of its own.

        An edit whose record has moved on is merged if others changed other fields, else it is a `conflict` with both
        values. The same push may be handed in again for thirty days: what ended shows as a `duplicate` with its result.
        """
        parts = Push(
            program_of(request),
            by_name,
            actor,
            language_of(request),
            request.scope["path"],
            traceparent_of(request.scope),
        )
        return OperationResults(results=await push_operations(parts, cast("Any", body).operations))

    return router
