"""What the Extensions API and its neighbours at the same address answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def document(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer in JSON."""
    return Reply(status, json.dumps(content).encode(), {**_JSON, **(headers or {})})


def refused(error_type: str, message: str, status: int = 403) -> Reply:
    """Return an error as AWS's supervisor words it."""
    return document(status, {"errorMessage": message, "errorType": error_type})


ACCEPTED = document(202, {"status": "OK"})
