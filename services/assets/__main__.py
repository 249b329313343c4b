"""``python -m services.assets api|migrate|openapi``."""

from chassis.main import command_line
from services.assets.app import SERVICE

command_line(SERVICE)()
