"""What waits for the caller over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.todo.queries.listing import count_todos, list_todos
from services.monitoring.todo.schemas import TodoCountQuery, TodoCounts, TodoPage, TodoQuery

router = service_router("todos")


@router.get("/todos", operation_id="todo_list")
async def todo_list(
    query: Annotated[TodoQuery, Query()], unit: Annotated[UnitOfWork, reads(may.TODO_READ, at_once=True)]
) -> TodoPage:
    """List what waits for you, the earliest due first, and what the levels below let lie for too long."""
    return await list_todos(unit, query)


@router.get("/todo-counts", operation_id="todo_count")
async def todo_count(
    query: Annotated[TodoCountQuery, Query()], unit: Annotated[UnitOfWork, reads(may.TODO_READ, at_once=True)]
) -> TodoCounts:
    """Count what waits for you, by kind, up to 99."""
    return await count_todos(unit, query)
