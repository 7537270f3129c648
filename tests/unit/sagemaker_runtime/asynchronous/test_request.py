"""What InvokeEndpointAsync accepts, and where answers and errors will be."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.sagemaker_runtime.asynchronous.outcome import MOST_LOSSES, again_in_s
from sagehen.services.sagemaker_runtime.asynchronous.request import accepted, request_of_document
from sagehen.services.sagemaker_runtime.errors import ValidationError
from sagehen.serving.asynchronous import AsyncSettings, Place

SETTINGS = AsyncSettings(Place("b", "out/"), Place("f", ""), 4, "key")


@pytest.mark.parametrize(
    ("request_", "output", "failure"),
    [
        ({}, ("b", "out/u.out"), ("f", "u-error.out")),
        ({"InferenceId": "mine"}, ("b", "out/u.out"), ("f", "u-error.out")),
        ({"Filename": "a.json"}, ("b", "out/a.json"), ("f", "a.json-error.out")),
        ({"S3OutputPathExtension": "x/y/"}, ("b", "out/x/y/u.out"), ("f", "u-error.out")),
        ({"S3OutputPathExtension": "x", "Filename": "r"}, ("b", "out/x/r"), ("f", "r-error.out")),
    ],
)
def test_where_answers_and_errors_are(request_: Any, output: Any, failure: Any) -> None:
    kept = accepted(request_, SETTINGS, "role", {"accept": "a"}, "u")
    assert (kept.output, kept.failure, kept.kms_key_id) == (output, failure, "key")
    assert kept.inference_id == request_.get("InferenceId", "u")
    assert kept.headers == {"accept": "a", "x-amzn-sagemaker-inference-id": kept.inference_id}
    assert (kept.ttl_s, kept.timeout_s) == (21_600, 900)
    assert request_of_document(kept.document()) == kept


def test_without_a_path_for_failures_there_is_no_place_for_them() -> None:
    kept = accepted({"RequestTTLSeconds": 60}, AsyncSettings(Place("b", ""), None, 1), "r", {}, "u")
    assert (kept.failure, kept.output, kept.ttl_s) == (None, ("b", "u.out"), 60)
    assert request_of_document(kept.document()) == kept


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("s3://in/a/b", ("in", "a/b")),
        ("https://in.s3.us-east-1.amazonaws.com/a", ("in", "a")),
        ("s3://in", None),
        ("s3://in/", None),
        ("https://example.com/a", None),
    ],
)
def test_inputs(location: str, found: tuple[str, str] | None) -> None:
    if found is None:
        with pytest.raises(ValidationError, match="not the S3 URI"):
            accepted({"InputLocation": location}, SETTINGS, "r", {}, "u")
    else:
        kept = accepted({"InputLocation": location}, SETTINGS, "r", {}, "u")
        assert (kept.bucket, kept.key) == found


def test_pauses_before_a_request_is_asked_again() -> None:
    assert [again_in_s(losses) for losses in range(MOST_LOSSES + 1)] == [0.5, 1.0, 2.0, 4.0]
