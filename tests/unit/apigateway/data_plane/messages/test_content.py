"""Conversions of bodies, row by row as AWS's page has them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""

from __future__ import annotations

import pytest

from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.messages.content import convert, template_for

IMAGE = b"\x89PNG\xff"
BASE64 = b"iVBORw=="


@pytest.mark.parametrize(
    ("body", "binary", "handling", "expected"),
    [
        (b"text", False, None, b"text"),
        (b"dGV4dA==", False, "CONVERT_TO_BINARY", b"text"),
        (b"text", False, "CONVERT_TO_TEXT", b"text"),
        (IMAGE, True, None, IMAGE),
        (IMAGE, True, "CONVERT_TO_BINARY", IMAGE),
        (b"\x89PNG", True, "CONVERT_TO_TEXT", BASE64),
        # Of a type that is not declared binary, bytes become text, and are broken.
        (IMAGE, False, None, "\ufffdPNG\ufffd".encode()),
    ],
)
def test_requests(body: bytes, binary: bool, handling: str | None, expected: bytes) -> None:
    assert convert(body, is_binary=binary, handling=handling)[0] == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "binary", "accepts", "handling", "expected"),
    [
        (b"text", False, False, None, b"text"),
        (b"dGV4dA==", False, True, None, b"text"),
        (b"", False, True, None, b""),
        (b"dGV4dA==", False, False, "CONVERT_TO_BINARY", b"text"),
        (b"dGV4dA==", False, True, "CONVERT_TO_BINARY", b"text"),
        (IMAGE, True, True, None, IMAGE),
        (b"\x89PNG", True, False, None, BASE64),
        (IMAGE, True, False, "CONVERT_TO_BINARY", IMAGE),
        (b"\x89PNG", True, True, "CONVERT_TO_TEXT", BASE64),
        (b"\x89PNG", True, False, "CONVERT_TO_TEXT", BASE64),
    ],
)
def test_responses(body: bytes, binary: bool, accepts: bool, handling: str | None, expected: bytes) -> None:
    converted, _ = convert(body, is_binary=binary, handling=handling, accepts_binary=accepts)  # type: ignore[arg-type]
    assert converted == expected


@pytest.mark.parametrize("body", [b"no base64!", b"this is a text", b"dGV4 dA=="])
def test_text_that_is_no_base64(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        convert(body, is_binary=False, handling="CONVERT_TO_BINARY")
    with pytest.raises(ConfigurationError):
        convert(body, is_binary=False, handling=None, accepts_binary=True)


@pytest.mark.parametrize(
    ("templates", "accept", "chosen"),
    [
        ({}, None, ("application/json", None)),
        ({}, "text/html", ("application/json", None)),
        ({"application/json": "j"}, None, ("application/json", "j")),
        ({"application/json": "j", "text/html": "h"}, "text/html", ("text/html", "h")),
        (
            {"application/json": "j", "text/html": "h"},
            "text/html;q=0.1, application/json",
            ("text/html", "h"),
        ),
        # Only the first accepted type is looked at.
        ({"application/json": "j", "text/html": "h"}, "text/xml, text/html", ("application/json", "j")),
        ({"text/html": "h", "text/xml": "x"}, "text/plain", ("text/html", "h")),
        ({"text/html": "h", "text/xml": "x"}, None, ("text/html", "h")),
        ({"text/html": None}, "text/html", ("text/html", None)),  # left empty: the body passes through
    ],
)
def test_which_template_answers(
    templates: dict[str, str | None], accept: str | None, chosen: tuple[str, str | None]
) -> None:
    assert template_for(templates, accept) == chosen
