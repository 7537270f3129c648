"""encode: a prediction into a response's body."""

from __future__ import annotations

from typing import Any

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import UnsupportedAccept

from . import content_types, errors

SUPPORTED_CONTENT_TYPES = (content_types.JSON, content_types.CSV, content_types.NPY)


def encode(array_like: Any, content_type: str) -> str | bytes:
    """Return JSON and CSV as text, NPY as bytes.

    Raises:
        UnsupportedFormatError: Another content type.
    """
    try:
        body, kind = content.encode(array_like, content_type)
    except UnsupportedAccept:
        raise errors.UnsupportedFormatError(content_type) from None
    return body.decode() if kind in content_types.UTF8_TYPES else body
