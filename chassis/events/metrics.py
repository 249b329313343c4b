"""Count what is published, applied and parked, and show how far delivery lags."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

published = Counter("xianjie_events_published", "Events that the bus acknowledged.", ["service"])
pending_events = Gauge("xianjie_events_pending", "Events recorded and not acknowledged yet.", ["service"])
pending_seconds = Gauge("xianjie_events_pending_seconds", "Age of the oldest event not acknowledged.", ["service"])
relay_failures = Counter("xianjie_relay_failures", "Batches that the bus did not acknowledge.", ["service"])
applied = Counter("xianjie_events_applied", "Events whose effect was taken.", ["consumer"])
parked_events = Counter("xianjie_events_parked", "Events moved aside, by the state they got.", ["consumer", "state"])
consumer_lag = Gauge(
    "xianjie_consumer_lag", "Events of a partition that the group has yet to take.", ["consumer", "topic", "partition"]
)
expired_events = Counter(
    "xianjie_events_expired", "Events that a topic no longer kept when the group came to them.", ["consumer", "topic"]
)
foreign_records = Counter("xianjie_records_foreign", "Records that are no event of ours.", ["consumer", "topic"])
