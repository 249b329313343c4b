"""Draw each commit within a step of a trace: the wait for the disk, from COMMIT to the connection's return."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, event

from chassis.program import Program
from chassis.telemetry import tracing

_KEY: Final = "xianjie.commit"


def draw(program: Program) -> None:
    """Watch the connections of ``program``; call it once for each program."""
    engine = program.database.engine.sync_engine

    @event.listens_for(engine, "commit")
    def began(connection: Connection) -> None:
        parent = tracing.current_traceparent()
        if parent is not None:
            _ended(connection.info)
            connection.info[_KEY] = tracing.begin(program.name, "commit", parent=parent)

    @event.listens_for(engine, "checkin")
    def returned(_dbapi_connection: Any, record: Any) -> None:
        _ended(record.info)

    @event.listens_for(engine, "invalidate")
    def lost(_dbapi_connection: Any, record: Any, error: BaseException | None) -> None:
        _ended(record.info, error)


def _ended(info: dict[Any, Any], error: BaseException | None = None) -> None:
    step: tracing.Step | None = info.pop(_KEY, None)
    if step is not None:
        step.end(error)
