"""The bus over Kafka: the only part of the platform that knows its client."""

from chassis.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
