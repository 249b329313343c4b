"""Join the documents of several programs to one, sharing what is the same and keeping apart what is not.

Nothing is dropped in silence: whatever two programs say differently is listed under ``x-conflicts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

Document = dict[str, Any]
Named = tuple[str, str]
"""A component: its section, such as ``schemas``, and its name."""

OWN: Final = "gateway"
"""Under this name the gateway's own document stands among those of the services."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_REFERENCE: Final = "#/components/"
_SIGN_IN: Final = "signIn"


def join(documents: Mapping[str, Document], *, info: Document, servers: list[Document]) -> Document:
    """The joined document. ``documents`` is not changed.

    Equal components are shared. If two programs give one name to different things, each gets the program's name as a
    prefix, and so does whatever refers to them. A repeated ``operationId`` gets one too.
    """
    parts: dict[str, Document] = {name: orjson.loads(orjson.dumps(part)) for name, part in documents.items()}
    conflicts: list[Document] = []
    _rename_components(parts, conflicts)
    whole: Document = {
        "openapi": "3.1.0",
        "info": info,
        "servers": servers,
        "paths": {},
        "components": {},
        "tags": [],
        "x-problems": [],
    }
    for name, part in parts.items():
        _add_paths(whole, name, part, conflicts)
        for section, components in part.get("components", {}).items():
            whole["components"].setdefault(section, {}).update(components)
    _rename_operations(whole, conflicts)
    _add_tags(whole, parts)
    _add_problems(whole, parts, conflicts)
    _keep_sign_in_only_if_served(whole)
    if conflicts:
        whole["x-conflicts"] = conflicts
    return whole


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Path, method and operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _rename_components(parts: Mapping[str, Document], conflicts: list[Document]) -> None:
    holders: dict[Named, list[str]] = {}
    for program, part in parts.items():
        for section, components in part.get("components", {}).items():
            for name in components:
                holders.setdefault((section, name), []).append(program)
    apart = _to_keep_apart(parts, {named: programs for named, programs in holders.items() if len(programs) > 1})
    taken = {named for named in holders if named not in apart}
    for program, part in parts.items():
        renamed: dict[Named, str] = {}
        for section, name in sorted(apart):
            if program in holders[section, name]:
                new = pascal(program) + name
                while (section, new) in taken:
                    new += "_"
                taken.add((section, new))
                renamed[section, name] = new
        if renamed:
            _rename_in(part, renamed)
    for section, name in sorted(apart):
        programs = holders[section, name]
        conflicts.append({"kind": "component", "name": f"{section}/{name}", "programs": programs})


def _to_keep_apart(parts: Mapping[str, Document], shared: Mapping[Named, list[str]]) -> set[Named]:
    """Names whose contents differ, or refer to a name whose contents do."""

    def content(program: str, named: Named) -> Any:
        return parts[program]["components"][named[0]][named[1]]

    apart = {
        named
        for named, programs in shared.items()
        if any(content(program, named) != content(programs[0], named) for program in programs[1:])
    }
    references = {named: set(_references(content(programs[0], named))) for named, programs in shared.items()}
    while True:
        more = {named for named, targets in references.items() if named not in apart and targets & apart}
        if not more:
            return apart
        apart |= more


def _references(node: Any) -> Iterator[Named]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str) and (named := _named(value)) is not None:
                yield named
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _named(reference: str) -> Named | None:
    section, slash, name = reference.removeprefix(_REFERENCE).partition("/")
    return (section, name) if reference.startswith(_REFERENCE) and slash else None


def _rename_in(part: Document, renamed: Mapping[Named, str]) -> None:
    def moved(reference: str) -> str:
        named = _named(reference)
        return f"{_REFERENCE}{named[0]}/{renamed[named]}" if named in renamed and named is not None else reference

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref" and isinstance(value, str):
                    node[key] = moved(value)
                elif key == "mapping" and isinstance(value, dict) and "propertyName" in node:
                    node[key] = {k: moved(v) if isinstance(v, str) else v for k, v in value.items()}
                else:
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(part)
    for section, components in part["components"].items():
        part["components"][section] = {renamed.get((section, name), name): body for name, body in components.items()}
    schemes = {name: new for (section, name), new in renamed.items() if section == "securitySchemes"}
    for holder in (part, *(operation for _, _, operation in operations(part))):
        if "security" in holder:
            holder["security"] = [
                {schemes.get(scheme, scheme): scopes for scheme, scopes in either.items()}
                for either in holder["security"]
            ]


def _add_paths(whole: Document, program: str, part: Document, conflicts: list[Document]) -> None:
    base = f"/v1/{program}"
    for path, item in part.get("paths", {}).items():
        # What lies elsewhere would not be passed on to the service.
        is_reachable = program == OWN or path == base or path.startswith(base + "/")
        if not is_reachable or path in whole["paths"]:
            kind = "path" if is_reachable else "path_out_of_reach"
            conflicts.append({"kind": kind, "name": path, "programs": [program]})
            continue
        if "security" in part:
            for method in METHODS:
                if method in item:
                    item[method].setdefault("security", part["security"])
        whole["paths"][path] = item


def _rename_operations(whole: Document, conflicts: list[Document]) -> None:
    found: dict[str, list[tuple[str, Document]]] = {}
    for path, _, operation in operations(whole):
        if "operationId" in operation:
            found.setdefault(operation["operationId"], []).append((path, operation))
    taken = set(found)
    for identifier, several in found.items():
        if len(several) == 1:
            continue
        conflicts.append({"kind": "operation_id", "name": identifier, "paths": [path for path, _ in several]})
        for path, operation in several:
            new = f"{path.split('/')[2] if path.startswith('/v1/') else OWN}_{identifier}"
            while new in taken:
                new += "_"
            taken.add(new)
            operation["operationId"] = new


def _add_tags(whole: Document, parts: Mapping[str, Document]) -> None:
    described: dict[str, Document] = {}
    for part in parts.values():
        for tag in part.get("tags", []):
            described.setdefault(tag["name"], tag)
    used = dict.fromkeys(tag for _, _, operation in operations(whole) for tag in operation.get("tags", []))
    whole["tags"] = [described.get(name, {"name": name}) for name in used]


def _add_problems(whole: Document, parts: Mapping[str, Document], conflicts: list[Document]) -> None:
    known: dict[str, Document] = {}
    for program, part in parts.items():
        conflicts.extend(
            {"kind": "problem", "name": entry["code"], "programs": [program]}
            for entry in part.get("x-problems", [])
            if known.setdefault(entry["code"], entry) != entry
        )
    whole["x-problems"] = [known[code] for code in sorted(known)]


def _keep_sign_in_only_if_served(whole: Document) -> None:
    """The password flow has its token address in embedded mode alone; elsewhere a bearer token comes from an issuer."""
    schemes = whole["components"].get("securitySchemes", {})
    scheme = schemes.get(_SIGN_IN)
    if scheme is None or scheme["flows"]["password"]["tokenUrl"] in whole["paths"]:
        return
    del schemes[_SIGN_IN]
    for _, _, operation in operations(whole):
        if "security" in operation:
            operation["security"] = [either for either in operation["security"] if _SIGN_IN not in either]
