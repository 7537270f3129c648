"""Handlers that yield their answer piece by piece."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.modelserver.conftest import UnixConnection

CODE = """
    import time

    def model_fn(model_dir):
        return None

    def input_fn(data, content_type):
        return data

    def predict_fn(data, model):
        return data

    def output_fn(prediction, accept):
        if prediction == '"plain"':
            return "plain"
        return tokens(prediction), "text/event-stream"

    def tokens(prediction):
        if prediction == '"early"':
            raise ValueError("before the first part")
        for number in range(3):
            yield f"data: {number}\\n"
            if prediction == '"late"' and number == 1:
                raise ValueError("in the middle")
            if prediction == '"flood"':
                for _ in range(400):
                    yield b"x" * 65536
            time.sleep(0.15)
"""


@pytest.fixture
def connect() -> Iterator[Any]:
    with contextlib.ExitStack() as stack:
        yield lambda server: stack.enter_context(contextlib.closing(UnixConnection(server.socket)))


def test_parts_arrive_as_they_are_yielded(start_server: Any, connect: Any) -> None:
    server = start_server(CODE)
    connection = connect(server)
    connection.request("POST", "/invocations", b'"go"', {"content-type": "application/json"})
    response = connection.getresponse()
    assert response.getheader("content-type") == "text/event-stream"
    assert response.getheader("transfer-encoding") == "chunked"
    times = []
    for number in range(3):
        assert response.readline() == f"data: {number}\n".encode()
        times.append(time.monotonic())
    assert times[1] - times[0] > 0.1 and times[2] - times[1] > 0.1
    assert response.read() == b""
    connection.request("POST", "/invocations", b'"plain"', {"content-type": "application/json"})
    assert connection.getresponse().read() == b"plain"  # the same connection goes on
    assert "/ping" not in server.log()


def test_a_failure_before_the_first_part_has_a_status_and_a_later_one_breaks_off(start_server: Any) -> None:
    server = start_server(CODE)
    status, _, body = server.invoke('"early"')
    assert (status, body) == (500, b"before the first part")
    with pytest.raises(http.client.IncompleteRead):
        server.invoke('"late"')
    assert "in the middle" in server.log()
    assert server.invoke('"plain"')[2] == b"plain"


def test_a_caller_that_goes_away_does_not_keep_the_worker(start_server: Any, connect: Any) -> None:
    server = start_server(CODE)
    connection = connect(server)
    connection.request("POST", "/invocations", b'"flood"', {"content-type": "application/json"})
    response = connection.getresponse()
    assert response.readline() == b"data: 0\n"
    response.close()
    connection.close()
    assert server.invoke('"plain"')[2] == b"plain"


def test_a_slow_caller_gets_everything(start_server: Any, connect: Any) -> None:
    server = start_server(CODE)
    connection = connect(server)
    connection.request("POST", "/invocations", b'"flood"', {"content-type": "application/json"})
    response = connection.getresponse()
    time.sleep(0.3)
    assert len(response.read()) == 3 * (8 + 400 * 65536)


def test_the_inference_toolkit_s_names_are_there(start_server: Any) -> None:
    code = """
        import sys
        sys.path.insert(0, "INSIDE")
        from sagemaker_inference import content_types, decoder, encoder, errors
        from sagemaker_inference.default_inference_handler import DefaultInferenceHandler

        handler = DefaultInferenceHandler()

        def model_fn(model_dir):
            return None

        def input_fn(data, content_type):
            return decoder.decode(data, content_type)

        def predict_fn(data, model):
            return data * 2

        def output_fn(prediction, accept):
            return handler.default_output_fn(prediction, accept)
    """
    inside = str(__import__("pathlib").Path("src/sagehen/modelserver/inside").resolve())
    server = start_server(code.replace("INSIDE", inside))
    assert server.invoke("[1, 2]")[2] == b"[2, 4]"
    assert server.invoke("1,2", "text/csv", accept="text/csv")[2] == b"2.0\n4.0\n"
    status, _, body = server.invoke("x", "text/odd")
    assert (status, body) == (415, b"Content type text/odd is not supported by this framework.")
