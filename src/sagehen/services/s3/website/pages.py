"""The pages that a website answers errors with; as AWS was recorded to write them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from http import HTTPStatus

from sagehen.api.errors import ServiceError


def error_page(
    error: ServiceError, status: int, ids: Mapping[str, str], custom: ServiceError | None
) -> bytes:
    """Return the page of an error.

    Args:
        error: What went wrong.
        status: Its status.
        ids: `RequestId` and `HostId`.
        custom: What went wrong with the website's own error document, where there should be one.
    """
    title = f"{status} {HTTPStatus(status).phrase}"
    lines = [
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<h1>{title}</h1>",
        *_listed(error, ids),
    ]
    if custom is not None:
        lines += [
            "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>",
            *_listed(custom, {}),
        ]
    lines += ["<hr/>", "</body>", "</html>", ""]
    return "\n".join(lines).encode()


def _listed(error: ServiceError, ids: Mapping[str, str]) -> list[str]:
    told = {"Code": error.code, "Message": error.message, **error.members, **ids}
    items = (f"<li>{name}: {escape(str(value))}</li>" for name, value in told.items() if value is not None)
    return ["<ul>", *items, "</ul>"]
