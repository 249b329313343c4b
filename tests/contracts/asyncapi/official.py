"""What AsyncAPI's own schema says of a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

OFFICIAL = json.loads((Path(__file__).parent / "3.0.0.json").read_text("utf-8"))


def faults(document: dict[str, Any]) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(OFFICIAL).iter_errors(document)]
