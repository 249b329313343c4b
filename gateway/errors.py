"""Everything that the gateway itself refuses, beside what the services answer."""

from __future__ import annotations

from chassis.errors import DomainError, MalformedRequest, Message


class UnknownAddress(DomainError):
    code, status = "unknown_address", 404
    title = Message("没有这个地址，全部接口见 /docs。", "There is no such address; /docs lists them all.")


class PathRefused(MalformedRequest):
    code, status = "path_refused", 400
    title = Message(
        "地址的写法不被接受，请按接口文档原样书写路径。",
        "The address is written in a way that is not accepted; write the path as the documentation has it.",
    )


class AddressTooLong(DomainError):
    code, status = "address_too_long", 414
    title = Message("地址过长，请缩短查询条件。", "The address is too long; shorten the query.")


class HeadersTooLarge(DomainError):
    code, status = "headers_too_large", 431
    title = Message("请求头过多或过长，请减少后重试。", "The request's headers are too many or too long; send fewer.")


class ClientTooSlow(DomainError):
    code, status = "client_too_slow", 408
    title = Message(
        "上传中断或过慢，请检查网络后重试。", "The request came in too slowly; check the network and retry."
    )


class UpstreamBroken(DomainError):
    """The connection broke before an answer came: whether the request took effect is unknown."""

    code, status = "upstream_broken", 502
    title = Message(
        "服务中断，未能确认结果；如为提交操作，请用同一 Idempotency-Key 重试。",
        "The service broke off, the outcome is unknown; repeat a change with the same Idempotency-Key.",
    )


class UpstreamTimedOut(DomainError):
    """The service took the request and did not answer in time: whether it took effect is unknown."""

    code, status = "upstream_timed_out", 504
    title = Message(
        "服务未在时限内答复；如为提交操作，请稍后用同一 Idempotency-Key 重试。",
        "The service did not answer in time; repeat a change with the same Idempotency-Key, later.",
    )
