"""Draw the publishing of each event that belongs to a trace, and hand the event on with that step as its parent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from chassis.bus.protocol import Bus, Membership, Subscriber
from chassis.events.event import Envelope
from chassis.telemetry import tracing


class TracedBus:
    """The bus as the relay of ``program`` sees it."""

    def __init__(self, bus: Bus, program: str) -> None:
        self._bus = bus
        self._program = program

    async def publish(self, envelopes: Sequence[Envelope], *, only: str | None = None) -> None:
        if not tracing.is_on():
            await self._bus.publish(envelopes, only=only)
            return
        steps = [self._step(envelope) for envelope in envelopes]
        sent = [replace(each, traceparent=step.traceparent) for each, step in zip(envelopes, steps, strict=True)]
        failure: BaseException | None = None
        try:
            await self._bus.publish(sent, only=only)
        except BaseException as error:
            failure = error
            raise
        finally:
            for step in steps:
                step.end(failure)

    def _step(self, envelope: Envelope) -> tracing.Step:
        if envelope.traceparent is None:
            return tracing.Step(None)
        attributes = {
            "messaging.operation.type": "send",
            "messaging.message.id": str(envelope.id),
            "xianjie.event.type": envelope.type,
        }
        name = f"publish {envelope.type}"
        return tracing.begin(self._program, name, kind="PRODUCER", parent=envelope.traceparent, attributes=attributes)

    async def join(self, subscriber: Subscriber) -> Membership:
        return await self._bus.join(subscriber)

    async def skip_backlog(self, subscriber: Subscriber, types: Collection[str]) -> None:
        await self._bus.skip_backlog(subscriber, types)

    async def close(self) -> None:
        await self._bus.close()
