"""Frames of ours, read by botocore's event stream parser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import botocore.exceptions
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from sagehen.api.errors import ServiceError
from sagehen.api.streams import Streamed
from sagehen.protocol.writing.serialize import serialize
from tests.protocol.botocore_side import CATALOG, service_model


class ModelStreamError(ServiceError):
    pass


class _Raw:
    """The part of urllib3's response that botocore's EventStream uses."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> Any:
        yield self.data


async def _events(*, failing: bool) -> AsyncIterator[dict[str, Any]]:
    yield {"PayloadPart": {"Bytes": b"first"}}
    yield {"PayloadPart": {"Bytes": b"second"}}
    if failing:
        raise ModelStreamError("It broke.", ErrorCode="ModelInvocationTimeExceeded")


async def _received(*, failing: bool) -> Any:
    name = "InvokeEndpointWithResponseStream"
    operation = CATALOG.service("sagemaker-runtime").operation(name)
    response = serialize(operation, "rest-json", {"Body": _events(failing=failing)}, request_id="r")
    assert response.headers["Content-Type"] == "application/vnd.amazon.eventstream"
    assert isinstance(response.body, Streamed)
    data = b"".join([chunk async for chunk in response.body.chunks])
    model = service_model("sagemaker-runtime").operation_model(name)
    raw = {
        "status_code": 200,
        "headers": HeadersDict(response.headers),
        "body": _Raw(data),
        "context": {"operation_name": name},
    }
    return create_parser("rest-json").parse(raw, model.output_shape)["Body"]


async def test_payload_parts() -> None:
    parts = list(await _received(failing=False))
    assert parts == [{"PayloadPart": {"Bytes": b"first"}}, {"PayloadPart": {"Bytes": b"second"}}]


async def test_an_error_in_mid_stream_ends_it() -> None:
    with pytest.raises(botocore.exceptions.EventStreamError, match=r"ModelStreamError.*It broke"):
        list(await _received(failing=True))
