"""What comes in as an event and goes out as an answer: bounded, and never parsed as a whole."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.unit.lambda_.conftest import Lambda

from sagehen.services.lambda_.errors import InvalidRequestContentException
from sagehen.services.lambda_.payloads import as_json, check_payload, error_type

WIDE = b"[" + b"[]," * 2_000_000 + b"1]"
DEEP = b"[" * 2000 + b"]" * 2000


async def test_nothing_is_made_of_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("json", "orjson"):
        monkeypatch.setattr(f"{module}.loads", None)
    for payload in (WIDE, b' {"a": [1, 2.5e3, null, true, "\xc3\xa9"]}\n', b""):
        assert await check_payload(payload, "RequestResponse") is None


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"1 2",
        b'"\xff"',
        b'"\n"',
        DEEP,
        WIDE[:-1],
        b'"' + b"x" * 70_000 + b'\xff"',
    ],
    ids=range(9),
)
async def test_what_is_no_json_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidRequestContentException, match="Could not parse request body into json"):
        await check_payload(payload, "RequestResponse")


async def test_half_a_surrogate_pair_is_taken() -> None:
    assert await check_payload(b'"\\ud83d"', "Event") is None


@pytest.mark.parametrize("text", ["[" * 1300 + "]" * 1300, "{", "\ud83d"])
async def test_a_client_context_that_is_none(lambda_: Lambda, text: str) -> None:
    await lambda_.create()
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    with pytest.raises(InvalidRequestContentException, match="Client context must be"):
        await lambda_("Invoke", FunctionName="f", ClientContext=encoded)


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (b'{"errorType": "ValueError"}', "ValueError"),
        (b'{"errorType": ["ValueError"]}', "Unhandled"),
        (b"[1]", "Unhandled"),
        (b"{", "Unhandled"),
        (DEEP, "Unhandled"),
        (WIDE, "Unhandled"),
    ],
    ids=range(6),
)
def test_the_type_of_an_error(document: bytes, name: str) -> None:
    assert error_type(document) == name


@pytest.mark.parametrize("payload", [b"no", DEEP, b"\xff"])
def test_what_is_no_json_becomes_a_text(payload: bytes) -> None:
    shown: Any = json.loads(as_json(payload))
    assert shown == payload.decode(errors="replace")
