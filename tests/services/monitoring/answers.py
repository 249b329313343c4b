"""What tests read in an answer, and say of it in the next request."""

from __future__ import annotations

from typing import Any

import httpx


def match(document: dict[str, Any]) -> dict[str, str]:
    """The header by which a change says which version it is of."""
    return {"If-Match": f'"{document["version"]}"'}


def member(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A household's member of this name."""
    found: dict[str, Any] = next(one for one in document["members"] if one["name"] == name)
    return found


def codes(answer: httpx.Response) -> set[str]:
    """Of every guard that refused."""
    return {error["code"] for error in answer.json()["errors"]}
