"""``python -m services.monitoring api|worker|migrate|openapi``."""

from chassis.main import command_line
from services.monitoring.app import SERVICE

command_line(SERVICE)()
