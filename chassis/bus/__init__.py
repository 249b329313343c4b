"""Carry events from the service that recorded them to every service that reacts, over Kafka or inside one process."""
