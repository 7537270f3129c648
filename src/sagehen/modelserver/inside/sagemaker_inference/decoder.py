"""decode: a request's body into a numpy array."""

from __future__ import annotations

from typing import Any

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import UnsupportedContentType

from . import content_types, errors


def decode(obj: str | bytes, content_type: str) -> Any:
    """Return the array in a JSON, CSV or NPY body.

    Raises:
        UnsupportedFormatError: Another content type (scipy's .npz among them).
    """
    try:
        return content.decode_array(obj, content_type or content_types.JSON)
    except UnsupportedContentType:
        raise errors.UnsupportedFormatError(content_type) from None
