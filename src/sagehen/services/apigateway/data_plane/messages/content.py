"""Binary and text: which bodies are bytes, and how they are turned into one another.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TypeVar

from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.snapshot.apis import ContentHandling

JSON_TYPE = "application/json"
T = TypeVar("T")


class BinaryTypes:
    """The media types that an API treats as bytes: exact ones, `image/*`, `*/*`."""

    def __init__(self, media_types: tuple[str, ...]) -> None:
        self._all = "*/*" in media_types
        self._exact = frozenset(name.lower() for name in media_types)
        self._families = tuple(name[:-1].lower() for name in media_types if name.endswith("/*"))

    def includes(self, content_type: str | None) -> bool:
        """Whether bodies of a Content-Type (JSON where there is none) are bytes."""
        if self._all:
            return True
        name = media_type(content_type)
        return name in self._exact or name.startswith(self._families)


def media_type(header: str | None) -> str:
    """Return a Content-Type without its parameters; JSON where there is none."""
    if not header:
        return JSON_TYPE
    return header.partition(";")[0].strip().lower() or JSON_TYPE


def first_accepted(header: str | None) -> str | None:
    """Return the first type of an Accept header: API Gateway looks at no other."""
    if not header:
        return None
    # Documented: Working with binary media types: the first Accept media type counts.
    return header.partition(",")[0].partition(";")[0].strip().lower() or None


def template_for(templates: Mapping[str, T], accept: str | None) -> tuple[str, T | None]:
    """Choose the template of an answer; gateway responses and integration responses do so alike.

    Returns:
        The answer's media type and its template: of the type that the client accepts first, else of
        JSON, else the first that was made (from memory). None where there is no template at all.
    """
    for content_type in (first_accepted(accept), JSON_TYPE):
        if content_type is not None and content_type in templates:
            return content_type, templates[content_type]
    for content_type, template in templates.items():
        return content_type, template
    return JSON_TYPE, None


def text_of_bytes(body: bytes) -> str:
    """Return a body as the text that templates and events hold."""
    return body.decode("utf-8", "replace")


def decode_base64(text: bytes | str) -> bytes:
    """Decode, as strictly as AWS.

    Raises:
        ConfigurationError: It is no base64.
    """
    raw = text.encode() if isinstance(text, str) else text
    try:
        # Line breaks are let pass, as Java's MIME decoder does; nothing else is (from memory).
        return base64.b64decode(raw.translate(None, b"\r\n"), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError("Unable to base64 decode the body.") from None


def convert(
    body: bytes, *, is_binary: bool, handling: ContentHandling | None, accepts_binary: bool | None = None
) -> tuple[bytes, bool]:
    """Apply a content handling, as AWS's tables of conversions have it.

    What is text is made so: bytes that are no UTF-8 are replaced, which is how an image ends up broken
    behind an API that does not list its type.

    Args:
        body: As it came.
        is_binary: Whether its media type is one of the API's binary types.
        handling: None passes it through.
        accepts_binary: On the way back, whether the client's first accepted type is a binary one. If
            nothing else is said, he gets base64 of bytes if not, and what a text is the base64 of if so
            (recorded). None on the way in.

    Returns:
        The body, and whether it is bytes now.

    Raises:
        ConfigurationError: A text that is to become bytes is no base64.
    """
    # Row by row as the page above has it; a test has the same rows.
    if not is_binary:
        if handling == "CONVERT_TO_BINARY" or (handling is None and accepts_binary and body):
            return decode_base64(body), True
        return text_of_bytes(body).encode(), False
    if handling == "CONVERT_TO_TEXT" or (handling is None and accepts_binary is False):
        return base64.b64encode(body), False
    return body, True
