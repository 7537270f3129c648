"""Errors that become HTTP answers.

Exception
└── ServingError                 has the status that the caller gets
    ├── UnsupportedContentType   415, a request body that no decoder takes
    ├── UnsupportedAccept        406, an answer in a form that no encoder makes
    └── BadInput                 400, a body that is not what its content type says
"""

from __future__ import annotations

import json


class ServingError(Exception):
    """An answer other than 200. `status_code` is also looked for on users' own exceptions."""

    status_code = 500


class UnsupportedContentType(ServingError):
    """No decoder takes the request's Content-Type."""

    status_code = 415

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")


class UnsupportedAccept(ServingError):
    """No encoder makes any form that Accept names."""

    status_code = 406

    def __init__(self, accept: str) -> None:
        super().__init__(f"Accept type {accept} is not supported by this framework.")


class BadInput(ServingError):
    """The body is not what its content type says."""

    status_code = 400


def status_of(error: BaseException) -> int:
    """Return the status for an exception: its own `status_code` where it has a sensible one, else 500."""
    code = getattr(error, "status_code", 500)
    return int(code) if isinstance(code, int) and 400 <= code <= 599 else 500  # HTTPStatus is no plain number


def as_text(message: str, status: int) -> tuple[bytes, str]:
    """Return the body and the content type of a failure: its words."""
    return message.encode("utf-8", "replace"), "text/plain"


def as_mms(message: str, status: int) -> tuple[bytes, str]:
    """Return them as AWS's Multi Model Server does, from messages that people show in public issues."""
    told = {"code": status, "type": "InternalServerException", "message": message}
    return f"{json.dumps(told, indent=2)}\n".encode(), "application/json"
