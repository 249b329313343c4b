"""Say what went wrong and what to do about it, in Chinese and English, without ever repeating an input.

Every error that a person or a program may meet is a subclass of :class:`DomainError`. It has a stable
``code`` (also the last part of its RFC 9457 ``type``), an HTTP ``status`` and a ``title``; the ``detail`` given
when it is raised tells the reader what to do. The catalogue at ``/v1/problems`` is read off these classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple

Language = Literal["zh", "en"]


class Message(NamedTuple):
    """One sentence in both languages of the platform; Chinese comes first."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason among several why a request, a row or a state change was refused.

    ``pointer`` is a JSON pointer into the request body (RFC 6901), a query parameter's or a column's name, or
    ``""`` for the whole; ``code`` is stable and machine-readable; ``message`` says what would satisfy it.
    """

    pointer: str
    code: str
    message: Message


def placed(faults: Sequence[Fault], at: str) -> list[Fault]:
    """``faults`` of a document that lies at ``at`` inside the one handed in; what is of no field stays so."""
    return [replace(one, pointer=at + one.pointer) if one.pointer.startswith("/") else one for one in faults]


class DomainError(Exception):
    """A refusal that the caller can understand. Subclass it; never raise it bare."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[Message]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = [name for name in ("code", "status", "title") if name in cls.__dict__]
        if declared and len(declared) < 3:
            raise TypeError(f"{cls.__name__} must declare code, status and title together")

    def __init__(
        self,
        detail: Message | None = None,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__((detail or self.title).en)
        self.detail = detail or self.title
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


def catalogue() -> Iterator[type[DomainError]]:
    """Yield every concrete error class that has been imported, in order of code, each code once."""
    seen: dict[str, type[DomainError]] = {}
    stack: list[type[DomainError]] = [DomainError]
    while stack:
        for sub in stack.pop().__subclasses__():
            stack.append(sub)
            if "code" in sub.__dict__:
                other = seen.setdefault(sub.code, sub)
                if other is not sub:
                    raise TypeError(f"error code {sub.code} is declared twice")
    yield from (seen[code] for code in sorted(seen))


class InvalidInput(DomainError):
    code, status = "invalid_input", 422
    title = Message("提交的内容有误，请按各项提示修改。", "The request is invalid; correct each listed item.")


class MalformedRequest(DomainError):
    code, status = "malformed_request", 400
    title = Message("请求无法读取，请检查格式。", "The request cannot be read; check its format.")


class NotSignedIn(DomainError):
    code, status = "not_signed_in", 401
    title = Message("请先登录。", "Sign in first.")


class NotAllowed(DomainError):
    code, status = "not_allowed", 403
    title = Message("您当前的岗位不能进行这项操作。", "The post you act in may not do this.")


class NotFound(DomainError):
    code, status = "not_found", 404
    title = Message("在您的管辖范围内没有这条记录。", "There is no such record in your area.")


class MethodNotAllowed(DomainError):
    code, status = "method_not_allowed", 405
    title = Message("此地址不支持这种请求方法。", "This address does not support the method.")


class Conflict(DomainError):
    code, status = "conflict", 409
    title = Message("与已有记录冲突。", "This clashes with an existing record.")


def id_taken() -> Conflict:
    """A client chose an id that is another record's, or sent one record twice without an Idempotency-Key."""
    told = Message(
        "此编号已登记过，请先读取该记录；若是另一件事，请换一个编号提交。",
        "Something is recorded under this id already: read it; for something else send another id.",
    )
    return Conflict(told, faults=[Fault("/id", "id_taken", told)])


class StateRefused(DomainError):
    """A change of state whose guards failed; ``faults`` names every failed guard, not the first."""

    code, status = "state_refused", 409
    title = Message("条件尚未满足，暂不能进行此操作。", "The conditions for this step are not met yet.")


class VersionMissing(DomainError):
    code, status = "version_missing", 428
    title = Message("请带上 If-Match 版本号后重试。", "Send the If-Match header with the version you read.")


class VersionStale(DomainError):
    code, status = "version_stale", 412
    title = Message("这条记录已被他人修改，请刷新后重试。", "Someone changed this record; read it again and retry.")


class CursorSpoiled(DomainError):
    code, status = "cursor_spoiled", 412
    title = Message("同步位置已失效，请从头开始。", "This cursor is no longer valid; start again without one.")


class TooLarge(DomainError):
    code, status = "too_large", 413
    title = Message("内容过大，请拆分后提交。", "The content is too large; split it and send the parts.")


class UnsupportedMedia(DomainError):
    code, status = "unsupported_media", 415
    title = Message("不支持这种文件格式。", "This file format is not supported.")


class TooManyRequests(DomainError):
    code, status = "too_many_requests", 429
    title = Message("请求过于频繁，请稍后再试。", "Too many requests; try again later.")


class Internal(DomainError):
    code, status = "internal", 500
    title = Message("系统内部出错，请把追踪号告诉管理员。", "An internal error; tell the administrator the trace id.")


class Unavailable(DomainError):
    code, status = "unavailable", 503
    title = Message("服务暂时不可用，请稍后重试。", "The service is unavailable for the moment; retry later.")

    def __init__(self, detail: Message | None = None, *, retry_after_seconds: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})
