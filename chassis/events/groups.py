"""Name a service's consumer groups and make its consumers: one for its reactions, one for each projection."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.events.consumer import Consumer
from chassis.events.subscriptions import AnySubscription
from chassis.program import Program
from chassis.service import Service


def group_names(service: Service) -> list[str]:
    """Every consumer group of ``service``: ``assets`` for its reactions, ``assets.people`` for those whom it knows."""
    own = [service.name] if service.subscriptions else []
    return [*own, *(f"{service.name}.{projection.name}" for projection in service.projections)]


def consumers_of(service: Service, program: Program) -> list[Consumer]:
    """One member of each of the service's groups, for its worker or for a replay."""
    own = [Consumer(program, service.name, service.subscriptions)] if service.subscriptions else []
    projections = [
        Consumer(program, f"{service.name}.{projection.name}", projection.subscriptions, forget=projection.forget)
        for projection in service.projections
    ]
    return [*own, *projections]


def read_by(service: Service, group: str) -> Sequence[AnySubscription]:
    """What one of the service's groups subscribes to; nothing for a group that it has not."""
    if group == service.name:
        return service.subscriptions
    chosen = [each for each in service.projections if group == f"{service.name}.{each.name}"]
    return [subscription for projection in chosen for subscription in projection.subscriptions]
