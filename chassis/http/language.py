"""Choose Chinese or English by Accept-Language; Chinese unless English is asked for first."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from chassis.errors import Language


def language_of(connection: HTTPConnection) -> Language:
    """The language that the client prefers among ours (RFC 9110, 12.5.4)."""
    return preferred(connection.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """Read an Accept-Language value; the first of the highest weight wins, and Chinese wins a tie with ``*``."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in header.split(",")[:16]:
        tag, _, parameter = part.strip().lower().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if tag.startswith("en") and weight > best[0]:
            best = (weight, "en")
        elif tag.startswith(("zh", "*")) and weight > best[0]:
            best = (weight, "zh")
    return best[1]
