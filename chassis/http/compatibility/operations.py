"""Compare two OpenAPI documents operation by operation, and the names that generated code is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chassis.http.compatibility.alternatives import Node, resolved
from chassis.http.compatibility.schemas import Comparison

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_GONE: Final = "was removed"


def breaks(old: Node, new: Node) -> list[str]:
    """One sentence for each difference that a client of ``old`` trips over, sorted; empty if ``new`` may replace it."""
    return sorted(set(_breaks(old, new)))


def _breaks(old: Node, new: Node) -> Iterator[str]:
    comparison = Comparison(old, new)
    after = dict(_operations(new))
    for name, before in _operations(old):
        if name not in after:
            yield f"{name}: {_GONE}"
            continue
        yield from _Pair(comparison, name, before, after[name]).breaks()
    yield from _names(old, new)
    yield from _problems(old, new)


def _operations(document: Node) -> Iterator[tuple[str, Node]]:
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                yield f"{method.upper()} {path}", {**operation, "parameters": parameters}


def _names(old: Node, new: Node) -> Iterator[str]:
    """Named parts: a generated client has a type of each schema's name."""
    for section in ("schemas", "securitySchemes"):
        before, after = (document.get("components", {}).get(section, {}) for document in (old, new))
        for name in sorted(before.keys() - after.keys()):
            yield f"{name}: {_GONE} or renamed; generated clients have a type of this name"


def _problems(old: Node, new: Node) -> Iterator[str]:
    after = {entry["code"]: entry for entry in new.get("x-problems", ())}
    for entry in old.get("x-problems", ()):
        code = entry["code"]
        if code not in after:
            yield f"problem {code}: {_GONE}; clients act on it"
        elif after[code]["status"] != entry["status"]:
            yield f"problem {code}: status was {entry['status']} and is {after[code]['status']}"


class _Pair:
    """One operation as it was and as it is."""

    def __init__(self, comparison: Comparison, name: str, old: Node, new: Node) -> None:
        self._comparison = comparison
        self._name = name
        self._old = old
        self._new = new

    def breaks(self) -> Iterator[str]:
        for keyword, meaning in (("operationId", "generated functions"), ("tags", "generated groups")):
            before, after = self._old.get(keyword), self._new.get(keyword)
            if before != after:
                yield f"{self._name}: {keyword} was {before!r} and is {after!r}; {meaning} are named after it"
        if self._new.get("security") and not self._old.get("security"):
            yield f"{self._name}: needs a sign-in now"
        yield from self._parameters()
        yield from self._body()
        yield from self._answers()

    def _parameters(self) -> Iterator[str]:
        before, after = _parameters(self._old, self._comparison.old), _parameters(self._new, self._comparison.new)
        for key in sorted(before.keys() - after.keys()):
            yield f"{self._name}: {key} {_GONE}"
        for key, parameter in sorted(after.items()):
            where, known = f"{self._name} {key}", before.get(key)
            if parameter.get("required") and not (known or {}).get("required"):
                yield f"{where}: is required now"
            if known is None:
                continue
            for keyword in ("style", "explode"):
                if known.get(keyword) != parameter.get(keyword):
                    yield f"{where}: {keyword} was {known.get(keyword)!r} and is {parameter.get(keyword)!r}"
            yield from self._comparison.sent(known.get("schema", {}), parameter.get("schema", {}), where)

    def _body(self) -> Iterator[str]:
        before, after = self._old.get("requestBody"), self._new.get("requestBody")
        where = f"{self._name} body"
        if before is None:
            if after is not None and resolved(after, self._comparison.new).get("required"):
                yield f"{where}: is required now"
            return
        if after is None:
            yield f"{where}: {_GONE}"
            return
        before, after = resolved(before, self._comparison.old), resolved(after, self._comparison.new)
        if after.get("required") and not before.get("required"):
            yield f"{where}: is required now"
        for media, was, now in _contents(before, after):
            if now is None:
                yield f"{where}: {media} is no longer taken"
            else:
                yield from self._comparison.sent(was.get("schema", {}), now.get("schema", {}), where)

    def _answers(self) -> Iterator[str]:
        before, after = self._old.get("responses", {}), self._new.get("responses", {})
        for status in sorted(before):
            where = f"{self._name} answer {status}"
            if status not in after:
                # A refusal that no longer comes hurts nobody.
                if status.startswith("2"):
                    yield f"{where}: {_GONE}"
                continue
            was = resolved(before[status], self._comparison.old)
            now = resolved(after[status], self._comparison.new)
            for name in sorted(was.get("headers", {}).keys() - now.get("headers", {}).keys()):
                yield f"{where}: header {name} {_GONE}"
            for media, old, new in _contents(was, now):
                if new is None:
                    yield f"{where}: is no longer given as {media}"
                else:
                    yield from self._comparison.received(old.get("schema", {}), new.get("schema", {}), where)


def _parameters(operation: Node, document: Node) -> dict[str, Node]:
    found = (resolved(parameter, document) for parameter in operation["parameters"])
    return {f"{one['in']} parameter {one['name']}": one for one in found}


def _contents(old: Node, new: Node) -> Iterator[tuple[str, Node, Mapping[str, Any] | None]]:
    after = new.get("content", {})
    for media, was in sorted(old.get("content", {}).items()):
        yield media, was, after.get(media)
