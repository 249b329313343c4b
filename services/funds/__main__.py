"""``python -m services.funds api|migrate|openapi``."""

from chassis.main import command_line
from services.funds.app import SERVICE

command_line(SERVICE)()
