"""How the gateway is served, by its own command line and by the embedded platform alike."""

from __future__ import annotations

import uvicorn

from chassis.http.serving import server_config
from gateway.app import Gateway


def gateway_server_config(gateway: Gateway, **where: object) -> uvicorn.Config:
    """The chassis' server settings, less what is the gateway's own to decide.

    Who the client is, is said by the setting ``trusted_proxies``, not by the server, which believes any local peer.
    """
    return server_config(gateway, proxy_headers=False, ws="none", **where)
