"""The lines and keys of data capture: AWS's documented examples, and what is no text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sagehen.services.sagemaker_runtime.capture.event import CapturedEvent, Payload, key_of, line_of
from sagehen.serving.capture import CaptureSettings

SETTINGS = CaptureSettings("b", "p", 100, csv_types=("text/csv",), json_types=("application/json",))
AT = datetime(2019, 11, 20, 23, 33, 12, 391_000, tzinfo=UTC)
EVENT = CapturedEvent(
    AT, Payload("text/csv", b"132,25,113.2"), Payload("text/csv; charset=utf-8", b"0.01076381653547287")
)


def test_a_line_is_aws_s_documented_example() -> None:
    """Documented: SageMaker Developer Guide, Capture data from real-time endpoint (View captured data)."""
    assert line_of(EVENT, "feca1ab1-8025-47e3-8f6a-99e3fdd7b8d9", SETTINGS).endswith(b"\n")
    assert json.loads(line_of(EVENT, "feca1ab1-8025-47e3-8f6a-99e3fdd7b8d9", SETTINGS)) == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "132,25,113.2",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "0.01076381653547287",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {
            "eventId": "feca1ab1-8025-47e3-8f6a-99e3fdd7b8d9",
            "inferenceTime": "2019-11-20T23:33:12Z",
        },
        "eventVersion": "0",
    }


@pytest.mark.parametrize(
    ("content_type", "body", "encoding", "data"),
    [
        ("text/csv", b"1,2\n", "CSV", "1,2\n"),
        ("TEXT/CSV", b"1", "CSV", "1"),
        ("application/json;q=1", '{"a": "\u00e9\u2028"}'.encode(), "JSON", '{"a": "\u00e9\u2028"}'),
        ("application/json", b"\xff\x00", "BASE64", "/wA="),
        ("application/x-npy", b"abc", "BASE64", "YWJj"),
        ("", b"", "BASE64", ""),
    ],
)
def test_encodings(content_type: str, body: bytes, encoding: str, data: str) -> None:
    event = replace(EVENT, request=Payload(content_type, body), answer=None)
    line = line_of(event, "i", SETTINGS)
    assert line.count(b"\n") == 1
    written = json.loads(line)["captureData"]
    assert set(written) == {"endpointInput"}
    assert (written["endpointInput"]["encoding"], written["endpointInput"]["data"]) == (encoding, data)
    assert written["endpointInput"]["observedContentType"] == content_type or "application/octet-stream"


def test_without_listed_types_everything_is_base64() -> None:
    line = json.loads(line_of(EVENT, "i", CaptureSettings("b", "", 1)))
    assert {one["encoding"] for one in line["captureData"].values()} == {"BASE64"}


def test_ids_and_attributes_are_told() -> None:
    event = replace(EVENT, request=None, inference_id="mine", custom_attributes="a=1")
    line = json.loads(line_of(event, "i", SETTINGS))
    assert set(line["captureData"]) == {"endpointOutput"}
    assert line["eventMetadata"]["inferenceId"] == "mine"
    assert line["eventMetadata"]["customAttributes"] == ["a=1"]


@pytest.mark.parametrize(
    ("prefix", "at", "key"),
    [
        ("p", AT, "p/e/v/2019/11/20/23/33-12-391-u.jsonl"),
        ("p/q/", AT, "p/q/e/v/2019/11/20/23/33-12-391-u.jsonl"),
        ("", AT, "e/v/2019/11/20/23/33-12-391-u.jsonl"),
        ("p", AT.astimezone(timezone(timedelta(hours=2))), "p/e/v/2019/11/20/23/33-12-391-u.jsonl"),
    ],
)
def test_keys(prefix: str, at: Any, key: str) -> None:
    assert key_of(replace(SETTINGS, prefix=prefix), "e", "v", at, "u") == key
