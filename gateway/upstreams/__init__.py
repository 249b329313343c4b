"""Talk to the services over HTTP. Nothing outside this folder knows which client library does it."""

from gateway.upstreams.breaker import Breaker
from gateway.upstreams.upstream import Answer, Body, Document, Upstream
from gateway.upstreams.upstreams import Upstreams

__all__ = ["Answer", "Body", "Breaker", "Document", "Upstream", "Upstreams"]
