"""Show operators what a program does: log lines, metrics and traces, none of which holds a personal value."""

from chassis.telemetry.logging import configure_logging

__all__ = ["configure_logging"]
