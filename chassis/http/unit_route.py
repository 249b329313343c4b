"""Run each request as one transaction: commit before the answer leaves, run again what the database asks to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, Final, get_args, get_origin

import orjson
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from chassis.database.engine import SERIALIZATION_STATES, DatabaseAway, constraint_of, is_outage, sqlstate
from chassis.errors import DomainError, Fault, InvalidInput, Message
from chassis.http.acting import Acting
from chassis.http.conflicts import conflict_over
from chassis.http.edge import Replayed, new_edge
from chassis.http.reference import is_reference, tagged
from chassis.http.versioned import tagged_document, version_field

ATTEMPTS_MAX: Final = 4
_TAKEN: Final = "23505"
_REPEATED: Final = Message(
    "此查询参数只能给出一次，请去掉多余的。", "Give this query parameter once; leave out the others."
)


class StrictRequest(Request):
    """Reads JSON strictly: no NaN, no lone surrogates."""

    async def json(self) -> Any:
        return orjson.loads(await self.body())


class UnitRoute(APIRoute):
    """The route class of every router of a service."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()
        known = dict(_query_names(self.dependant))
        may_be_unchanged = is_reference(self.endpoint)
        version = version_field(self)

        async def handle(request: Request) -> Response:
            _refuse_query(request, known)
            if not isinstance(request, StrictRequest):  # else its body was read already
                request = StrictRequest(request.scope, request.receive)
            for attempt in range(1, ATTEMPTS_MAX + 1):
                edge = new_edge(request)
                try:
                    response = await original(request)
                    await edge.finish(request, response)
                except Replayed as replayed:
                    return replayed.response
                except DomainError:
                    await edge.refused(request)
                    raise
                except (DBAPIError, PoolTimeout) as error:
                    if attempt < ATTEMPTS_MAX and may_run_again(error, attempt):
                        continue
                    raise refusal_of(error) from None
                else:
                    if version is not None:
                        return tagged_document(request, response, version)
                    return tagged(request, response) if may_be_unchanged else response
                finally:
                    await edge.close()
            raise AssertionError("the last attempt returns or raises")

        return handle


def acting_of(route: APIRoute) -> Acting | None:
    """The dependency that says which permission the route needs, if it is not public."""
    return next((call for call in calls_of(route) if isinstance(call, Acting)), None)


def calls_of(route: APIRoute) -> Iterator[Callable[..., Any]]:
    """The route's function and every dependency of it, however far down."""
    return (part.call for part in _flat(route.dependant) if part.call is not None)


def _flat(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for child in dependant.dependencies:
        yield from _flat(child)


def _query_names(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Each parameter's name and whether it may be given several times."""
    for part in _flat(dependant):
        for field in part.query_params:
            kind = field.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                for name, inner in kind.model_fields.items():
                    yield inner.alias or name, _is_list(inner.annotation)
            else:
                yield field.alias, _is_list(kind)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list or any(_is_list(part) for part in get_args(kind))


def _refuse_query(request: Request, known: Mapping[str, bool]) -> None:
    given = request.query_params
    faults = []
    if unknown := set(given) - known.keys():
        # A mistyped filter must never be read as no filter. Its name is the client's own text: not repeated.
        choices = sorted(known)
        message = Message(
            f"有 {len(unknown)} 个未知的查询参数，可用：{'、'.join(choices) or '无'}。",
            f"{len(unknown)} unknown query parameter(s); available: {', '.join(choices) or 'none'}.",
        )
        faults.append(Fault("?", "unknown_parameter", message))
    # Which of the two is meant nobody can tell: whoever reads the last one filters by what a proxy did not see.
    if len(given.multi_items()) > len(given):
        faults += [
            Fault(f"?{name}", "repeated_parameter", _REPEATED)
            for name, may_repeat in sorted(known.items())
            if not may_repeat and len(given.getlist(name)) > 1
        ]
    if faults:
        raise InvalidInput(faults=faults)


def may_run_again(error: Exception, attempt: int) -> bool:
    """A lost race for a unique value runs once more, so that the action's own check can name it."""
    state = sqlstate(error)
    if state in SERIALIZATION_STATES or constraint_of(error) == "pk_idempotency":
        return True
    return state == _TAKEN and attempt == 1


def refusal_of(error: Exception) -> DomainError | Exception:
    """What a client is told of an error of the database; the error itself if that is nobody's business but ours."""
    if is_outage(error) or sqlstate(error) in SERIALIZATION_STATES:
        return DatabaseAway()
    state = sqlstate(error) or ""
    if state.startswith("23"):
        return conflict_over(error)
    if state == "55P03":
        return DatabaseAway(Message("记录正被他人处理，请稍后重试。", "Someone is working on this record; retry."))
    return error
