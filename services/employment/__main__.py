"""``python -m services.employment api|migrate|openapi``."""

from chassis.main import command_line
from services.employment.app import SERVICE

command_line(SERVICE)()
