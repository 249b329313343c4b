"""Keep a workbook's shared texts in one buffer: a list of ``str`` would take several times their size in the file."""

from __future__ import annotations

from array import array

from chassis.tabular.guard import damaged


class TextStore:
    """Texts by index, in the order in which they were added."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", (0,))

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", errors="surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> str:
        """
        :raises InvalidInput: for an index that the file never filled.
        """
        if not 0 <= index < len(self._ends) - 1:
            raise damaged()
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode("utf-8", errors="surrogatepass")
