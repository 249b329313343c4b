"""Turn pydantic's errors into faults that say what to do and never repeat the input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chassis.errors import Fault, Message
from chassis.http.bounds import bound_of

_SAY: Final[Mapping[str, Message]] = {
    "missing": Message("缺少此项，请补充。", "This is required; add it."),
    "extra_forbidden": Message("没有这个字段，请删除或改正字段名。", "There is no such field; remove or rename it."),
    "json_invalid": Message(
        "不是有效的 JSON，请用 UTF-8 编码、不带 BOM。", "This is not valid JSON; send it in UTF-8 without a BOM."
    ),
    "json_type": Message("不是有效的 JSON。", "This is not valid JSON."),
    "model_attributes_type": Message("请提交 JSON 对象。", "Send a JSON object."),
    "dict_type": Message("请提交 JSON 对象。", "Send a JSON object."),
    "list_type": Message("请提交列表。", "Send a list."),
    "string_type": Message("请提交文本。", "Send text."),
    "text_type": Message("请提交文本。", "Send text."),
    "text_signs": Message("文本中含有无法保存的字符。", "The text holds signs that cannot be stored."),
    "string_too_short": Message("内容过短。", "This is too short."),
    "string_too_long": Message("内容过长。", "This is too long."),
    "string_pattern_mismatch": Message("格式不符合要求。", "This does not have the required form."),
    "too_long": Message("项数过多。", "There are too many items."),
    "too_short": Message("项数过少。", "There are too few items."),
    "enum": Message("不在可选值之列。", "This is none of the listed values."),
    "literal_error": Message("不在可选值之列。", "This is none of the listed values."),
    "integer": Message("请提交整数。", "Send a whole number."),
    "int_type": Message("请提交整数。", "Send a whole number."),
    "int_parsing": Message("请提交整数。", "Send a whole number."),
    "int_from_float": Message("请提交整数。", "Send a whole number."),
    "bool_type": Message("请提交 true 或 false。", "Send true or false."),
    "bool_parsing": Message("请提交 true 或 false。", "Send true or false."),
    "money": Message(
        "请以文本提交金额，单位元，至多两位小数。", "Send the amount in 元 as text, two decimals at most."
    ),
    "region": Message("请提交 12 位区划代码。", "Send a division code of 12 digits."),
    "day": Message(
        "请按 YYYY-MM-DD 提交真实存在的日期（1900 至 2999 年）。",
        "Send a date that exists, of the years 1900 to 2999, as YYYY-MM-DD.",
    ),
    "instant": Message("请提交带时区的时间（ISO 8601）。", "Send an instant with its offset (ISO 8601)."),
    "person_name": Message(
        "请按户口簿填写姓名，不含数字。", "Give the name as in the household register, without digits."
    ),
    "uuid_parsing": Message("请提交有效的 UUID。", "Send a valid UUID."),
    "client_id": Message("请提交第 7 版（或第 4 版）UUID。", "Give a UUID of version 7 (or 4)."),
    "uuid_type": Message("请提交有效的 UUID。", "Send a valid UUID."),
    "greater_than": Message("数值过小。", "The number is too small."),
    "greater_than_equal": Message("数值过小。", "The number is too small."),
    "less_than": Message("数值过大。", "The number is too large."),
    "less_than_equal": Message("数值过大。", "The number is too large."),
    "union_tag_invalid": Message("不在可选类型之列。", "This is none of the listed kinds."),
    "union_tag_not_found": Message("缺少类型字段。", "The field that names the kind is missing."),
}
_FIELD_NAME: Final = re.compile(r"[a-zA-Z_]{1,40}")
_OTHER: Final = Message("内容无效，请对照接口文档修改。", "This is invalid; compare it with the API document.")


def faults_of(errors: Iterable[Mapping[str, Any]], *, body: Any = None) -> list[Fault]:
    """One fault for each of pydantic's errors.

    A custom error may carry its own words in ``ctx`` as ``zh`` and ``en``: made by our types, free of input.

    :param body: what was handed in: by it a union's kinds, which pydantic puts into locations, are told from fields.
    """
    return [Fault(_pointer(_known(error, body)), str(error["type"]), _message(error)) for error in errors]


def _known(error: Mapping[str, Any], body: Any) -> Iterable[int | str]:
    """Where the fault lies. An unknown field's name is the client's own text and may be anything, a number too."""
    location = _without_kinds(tuple(error["loc"]), body)
    if error["type"] == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(location[-1])):
        return (*location[:-1], "?")
    return location


def _without_kinds(location: tuple[int | str, ...], body: Any) -> tuple[int | str, ...]:
    """``location`` without the kinds of unions: what lies on the way to a fault, and in no document, is one."""
    where, *path = location
    if where != "body":
        return location
    kept: list[int | str] = []
    for place, part in enumerate(path):
        if isinstance(body, dict) and part not in body and place < len(path) - 1:
            continue
        kept.append(part)
        inside = isinstance(body, dict) or (isinstance(body, list) and isinstance(part, int) and part < len(body))
        body = (body.get(part) if isinstance(body, dict) else body[part]) if inside else None
    return (where, *kept)


def _message(error: Mapping[str, Any]) -> Message:
    context = error.get("ctx") or {}
    if isinstance(context.get("zh"), str) and isinstance(context.get("en"), str):
        return Message(context["zh"], context["en"])
    kind = str(error["type"])
    return bound_of(kind, context) or _SAY.get(kind, _OTHER)


def _pointer(location: Iterable[int | str]) -> str:
    """RFC 6901 for the body; ``?name`` for the query, the header's name for a header."""
    where, *path = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if where == "body":
        return "".join(f"/{part}" for part in path)
    if where == "query":
        return "?" + ".".join(path)
    return ".".join(path) or where
