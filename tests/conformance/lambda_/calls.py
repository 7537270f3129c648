"""What the tests of Lambda share: packages, names, and how an answer or an error is read."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

ECHO = "def handler(event, context):\n    return event\n"
FAILING = "def handler(event, context):\n    raise ValueError('no such thing: ' + str(event))\n"

MakeFunction = Callable[..., str]


def zipped(**files: str) -> bytes:
    """A package; `__` in a name stands for the dot before `py`, and what begins with `#!` may be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name.replace("__", "."))
            entry.external_attr = (0o755 if text.startswith("#!") else 0o644) << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def text_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Message"])


def invoke(functions: Any, **request: Any) -> dict[str, Any]:
    """Invoke with the payload read to its end, so that the connection is given back."""
    answer: dict[str, Any] = functions.invoke(**request)
    with answer["Payload"] as body:
        return {**answer, "Payload": body.read()}
