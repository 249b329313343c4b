"""Run a real Kafka broker without Docker: for tests and for the cluster of one machine, never outliving its program."""

from chassis.bus.broker.cluster import Brokers
from chassis.bus.broker.distribution import BrokerMissing, fetch

__all__ = ["BrokerMissing", "Brokers", "fetch"]
