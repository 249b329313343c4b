"""Hear that somebody wants the platform to end, from the first moment of its start on."""

from __future__ import annotations

import signal


class Ending:
    """Whether the end was asked for: by Ctrl-C, by a closed terminal, or by an orderly kill; a second changes nothing.

    While the platform starts, the first interrupts whatever it waits for. An interrupt may be lost, for example in an
    import, whose callbacks may not raise: so the start also looks, see :meth:`check`.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._interrupts = True

    def listen(self) -> None:
        """From now on, signals ask. Only in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, _signal: int = 0, _frame: object = None) -> None:
        """Ask for the end.

        :raises KeyboardInterrupt: the first time, while the platform starts.
        """
        interrupts = self._interrupts and not self.is_asked
        self.is_asked = True
        if interrupts:
            raise KeyboardInterrupt

    def check(self) -> None:
        """
        :raises KeyboardInterrupt: if the end was asked for.
        """
        if self.is_asked:
            raise KeyboardInterrupt

    def wait_for_watch(self) -> None:
        """The platform runs, and whoever watches it looks whether the end was asked for: nothing is interrupted."""
        self._interrupts = False
