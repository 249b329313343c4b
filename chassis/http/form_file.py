"""Take the one file out of a multipart form while the form streams in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from chassis.errors import Fault, InvalidInput, MalformedRequest, Message

_PART_HEADER_BYTES_MAX: Final = 4_096


@dataclass
class FormFile:
    """Takes the part ``file`` out of a multipart body while it streams; ``name`` is its file name, once known."""

    boundary: bytes
    name: str | None = None
    _field: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _header_bytes: int = 0

    _files: int = 0
    _ended: bool = False
    _pieces: list[bytes] = field(default_factory=list)

    async def read(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The bytes of the part.

        :raises MalformedRequest: if the body is no multipart form, or is cut off.
        :raises InvalidInput: without exactly one part named ``file``.
        """
        if not self.boundary:
            raise MalformedRequest
        parser = MultipartParser(self.boundary, self._callbacks())
        try:
            async for chunk in chunks:
                parser.write(chunk)
                pieces, self._pieces = self._pieces, []
                for piece in pieces:
                    yield piece
        except MultipartParseError:
            raise MalformedRequest from None
        if not self._ended:
            raise MalformedRequest
        if self._files != 1:
            raise _one_file()

    def _callbacks(self) -> Any:
        handlers: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._take_field,
            "on_header_value": self._take_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take_data,
            "on_end": self._end,
        }
        return handlers

    def _begin_part(self) -> None:
        self._headers, self._header_bytes = {}, 0

    def _take_field(self, data: bytes, start: int, end: int) -> None:
        self._field += self._bounded(data[start:end])

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._bounded(data[start:end])

    def _bounded(self, part: bytes) -> bytes:
        self._header_bytes += len(part)
        if self._header_bytes > _PART_HEADER_BYTES_MAX:
            raise MalformedRequest
        return part

    def _end_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != b"file":
            raise _one_file()
        self._files += 1
        if self._files > 1:
            raise _one_file()
        self.name = options.get(b"filename", b"").decode("utf-8", "replace") or None

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _end(self) -> None:
        self._ended = True


def _one_file() -> InvalidInput:
    message = Message("表单中应只有一个名为 file 的文件。", "The form takes exactly one part, named file.")
    return InvalidInput(message, faults=[Fault("/file", "one_file", message)])
