"""What every writer of tables is, and what their formats have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType
from typing import BinaryIO, Final, Self

from chassis.tabular.model import Cell

TEXT_FORMAT: Final = "@"
SURROGATES: Final = re.compile("[\ud800-\udfff]")


class TableWriter:
    """Takes rows of cells under a header that is already written. Use it in a ``with`` statement."""

    def __init__(self, stream: BinaryIO, *, ours: bool) -> None:
        self._stream, self._ours = stream, ours
        self.written = 0

    def write(self, cells: Sequence[Cell]) -> None:
        """Append one row."""
        self._put(cells)
        self.written += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
            else:
                self._abandon()
        finally:
            if self._ours:
                self._stream.close()

    def _put(self, cells: Sequence[Cell]) -> None:
        raise NotImplementedError

    def _finish(self) -> None:
        """Complete the file."""

    def _abandon(self) -> None:
        """Let go of what was begun; the file is not valid."""
