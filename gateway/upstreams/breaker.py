"""Leave a dead service alone, so that it costs its callers nothing, and notice when it is back.

Closed: requests pass. After ``failures_max`` failures in a row: open, requests are refused at once. After
``rest_seconds``: half-open, one request at a time tries; its success closes, its failure opens for another rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half_open"]


class Breaker:
    """The state of one upstream; for one event loop.

    :param monotonic: seconds that never run backwards; ``time.monotonic`` outside tests.
    """

    def __init__(self, *, failures_max: int, rest_seconds: float, monotonic: Callable[[], float]) -> None:
        self._failures_max = failures_max
        self._rest_seconds = rest_seconds
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._is_trying = False

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return "closed"
        return "half_open" if self.rest_left() == 0 else "open"

    def rest_left(self) -> float:
        """Seconds until a request may try again; 0 if one may now."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._rest_seconds - self._monotonic())

    def admit(self) -> bool:
        """Whether a request may go out now. Whoever is let in tells how it ended by exactly one of the three below."""
        if self._opened_at is None:
            return True
        if self._is_trying or self.rest_left() > 0:
            return False
        self._is_trying = True
        return True

    def succeeded(self) -> None:
        """An answer came, whichever it was."""
        self._failures = 0
        self._opened_at = None
        self._is_trying = False

    def failed(self) -> None:
        """No answer came."""
        self._is_trying = False
        self._failures += 1
        if self._failures >= self._failures_max:
            self._opened_at = self._monotonic()

    def abandoned(self) -> None:
        """The caller went away before it could be known."""
        self._is_trying = False
