"""Know the services of the platform, and what lies in a data directory."""

from __future__ import annotations

from typing import Final

from chassis.service import Service
from deploy.embedded.directory import SOCKETS_PREFIX, Installation, NotRunning, Run
from gateway.service import SERVICE as GATEWAY
from services.assets.app import SERVICE as ASSETS
from services.employment.app import SERVICE as EMPLOYMENT
from services.funds.app import SERVICE as FUNDS
from services.monitoring.app import SERVICE as MONITORING

SERVICES: Final[tuple[Service, ...]] = (MONITORING, ASSETS, EMPLOYMENT, FUNDS)
"""Every service that this platform runs; the only list of them."""

PROGRAMS: Final[tuple[Service, ...]] = (*SERVICES, GATEWAY)
"""Everything with a database and a worker of its own: the services, and the gateway that is served apart from them."""

__all__ = ["PROGRAMS", "SERVICES", "SOCKETS_PREFIX", "Installation", "NotRunning", "Run"]
