"""InvokeEndpointWithResponseStream through boto3, and what user code may import beside its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EventStreamError

from tests.conformance.sagemaker.test_endpoints import Stage

CODE = """
import json, os, time
from sagemaker_inference import content_types, decoder, encoder, errors

def model_fn(model_dir):
    return json.load(open(os.path.join(model_dir, "weights.json")))

def input_fn(data, content_type):
    return json.loads(data)

def predict_fn(data, model):
    return data

def output_fn(prediction, accept):
    if prediction == "boom":
        raise ValueError("no")
    if prediction == "plain":
        return encoder.encode([1, 2], content_types.JSON), content_types.JSON
    return tokens(prediction), "text/event-stream"

def tokens(prediction):
    for number in range(4):
        if prediction == "late" and number == 2:
            raise ValueError("in the middle")
        yield f"{number}\\n"
        time.sleep(0.4)
"""


@pytest.fixture(scope="module")
def endpoint(client: Any) -> Iterator[tuple[Stage, str]]:
    stage = Stage(client)
    name = stage.endpoint("stream", stage.config("s", stage.model("s", 1, CODE)))
    stage.wait(name)
    yield stage, name
    stage.close()


def call(endpoint: tuple[Stage, str], text: str) -> Any:
    stage, name = endpoint
    return stage.runtime.invoke_endpoint_with_response_stream(
        EndpointName=name, ContentType="application/json", Body=f'"{text}"'
    )


def test_parts_come_while_the_handler_yields_them(endpoint: tuple[Stage, str]) -> None:
    answer = call(endpoint, "go")
    assert answer["ContentType"] == "text/event-stream"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    parts, times = [], []
    for event in answer["Body"]:
        parts.append(event["PayloadPart"]["Bytes"])
        times.append(time.monotonic())
    assert b"".join(parts) == b"0\n1\n2\n3\n"
    assert times[-1] - times[0] > 0.25


def test_an_ordinary_answer_is_one_part(endpoint: tuple[Stage, str]) -> None:
    (event,) = list(call(endpoint, "plain")["Body"])
    assert event == {"PayloadPart": {"Bytes": b"[1, 2]"}}
    stage, name = endpoint
    assert stage.invoke(name, "plain") == [1, 2]
    whole = stage.runtime.invoke_endpoint(EndpointName=name, ContentType="application/json", Body='"go"')
    assert whole["Body"].read() == b"0\n1\n2\n3\n"


def test_errors_before_and_in_mid_stream(endpoint: tuple[Stage, str]) -> None:
    with pytest.raises(ClientError, match="ModelError"):
        call(endpoint, "boom")
    seen = []
    with (
        contextlib.closing(call(endpoint, "late")["Body"]) as stream,
        pytest.raises(EventStreamError, match="ModelStreamError"),
    ):
        for event in stream:
            seen.append(event["PayloadPart"]["Bytes"])
    assert b"".join(seen) == b"0\n1\n"
    assert len(list(call(endpoint, "go")["Body"])) >= 2  # the instance serves on
