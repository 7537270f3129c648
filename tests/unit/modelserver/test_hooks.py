"""Hook combinations, through a real server process."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.waiting import eventually


def test_the_three_hooks_and_the_default_output(start_server: Any) -> None:
    server = start_server(
        """
        import json
        def model_fn(model_dir): return {"factor": 3}
        def input_fn(data, content_type):
            assert isinstance(data, str), type(data)
            return json.loads(data)
        def predict_fn(data, model):
            print("a line of the user's")
            return [x * model["factor"] for x in data]
        """
    )
    status, headers, body = server.invoke("[1, 2]")
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", [3, 6])
    assert "a line of the user's" in server.log()
    assert server.invoke("[1]", accept="text/csv")[2] == b"3\n"
    status, _, body = server.invoke("[1]", accept="image/png")
    assert (status, body) == (406, b"Accept type image/png is not supported by this framework.")


def test_hooks_with_context_read_and_set_headers(start_server: Any) -> None:
    server = start_server(
        """
        def model_fn(model_dir, context): return context.system_properties["model_dir"]
        def input_fn(data, content_type, context): return data
        def predict_fn(data, model, context):
            context.set_response_header(0, "X-Amzn-SageMaker-Custom-Attributes", "out;" +
                context.get_request_header(0, "X-Amzn-SageMaker-Custom-Attributes"))
            return len(data)
        def output_fn(prediction, accept, context): return str(prediction), "text/plain"
        """
    )
    status, headers, body = server.invoke(
        b"\xff\x00\x01", "application/octet-stream", X_Amzn_SageMaker_Custom_Attributes="in"
    )
    assert (status, body, headers["content-type"]) == (200, b"3", "text/plain")
    assert headers["x-amzn-sagemaker-custom-attributes"] == "out;in"


def test_transform_fn_gets_everything_and_excludes_the_others(start_server: Any) -> None:
    code = (
        "def model_fn(model_dir): return 'M'\n"
        "def transform_fn(model, data, content_type, accept):\n"
        "    return f'{model}|{data}|{content_type}|{accept}'\n"
    )
    server = start_server(code)
    assert server.invoke("x", "text/csv", accept="text/csv")[2] == b"M|x|text/csv|text/csv"
    failing = start_server(code + "def predict_fn(data, model): return data\n", wait=False)
    assert failing.process.wait(30) == 1
    assert "Cannot use transform_fn implementation with predict_fn" in failing.log()


def test_errors_have_their_status_and_their_traceback_is_in_the_log(start_server: Any) -> None:
    server = start_server(
        """
        def model_fn(model_dir): return None
        class Unsupported(Exception): status_code = 415
        def input_fn(data, content_type):
            if content_type == "image/png": raise Unsupported("no pictures")
            raise ValueError("bad\\r\\nweather")
        def predict_fn(data, model): return data
        """
    )
    assert server.invoke(b"x", "image/png")[::2] == (415, b"no pictures")
    assert server.invoke("1")[::2] == (500, b"bad\r\nweather")
    assert "Traceback" in server.log() and "ValueError: bad" in server.log()
    assert server.invoke(b"\xff", "application/json")[0] == 400


def test_a_model_that_cannot_be_loaded_ends_the_server(start_server: Any) -> None:
    server = start_server("def model_fn(model_dir): raise OSError('no weights')", wait=False)
    assert server.process.wait(30) == 1
    assert "no weights" in server.log()
    missing = start_server(None, wait=False)
    assert missing.process.wait(30) == 1
    assert "Please provide a model_fn implementation" in missing.log()


def test_a_crashing_handler_costs_one_answer_and_not_the_server(start_server: Any) -> None:
    server = start_server(
        """
        import os, time
        def model_fn(model_dir): return None
        def predict_fn(data, model):
            if data == "die": os._exit(9)
            if data == "hang": time.sleep(60)
            return data
        """,
        SAGEMAKER_MODEL_SERVER_TIMEOUT="1",
    )
    assert server.invoke('"die"')[::2] == (503, b"Worker died.")
    assert server.invoke('"fine"')[2] == b'"fine"'
    status, _, body = server.invoke('"hang"')
    assert status == 504 and b"SAGEMAKER_MODEL_SERVER_TIMEOUT" in body
    assert server.invoke('"fine"')[2] == b'"fine"'


def test_workers_share_the_model_by_fork(start_server: Any) -> None:
    server = start_server(
        """
        import os
        def model_fn(model_dir):
            print("loading the model")
            return os.getpid()
        def predict_fn(data, model): return [model, os.getpid()]
        """,
        SAGEMAKER_MODEL_SERVER_WORKERS="3",
    )
    assert server.invoke("1")[0] == 200
    assert server.log().count("loading the model") == 1


def test_sigterm_answers_what_is_in_flight(start_server: Any) -> None:
    server = start_server(
        """
        import time
        def model_fn(model_dir): return None
        def predict_fn(data, model):
            print("it is in flight", flush=True)
            time.sleep(0.5)
            return data
        """
    )
    answers: list[Any] = []
    caller = threading.Thread(target=lambda: answers.append(server.invoke("7")))
    caller.start()
    eventually(lambda: "it is in flight" in server.log())
    assert server.stop() == 0
    caller.join()
    assert answers[0][::2] == (200, b"7")


def test_unknown_paths_and_methods(start_server: Any) -> None:
    server = start_server("def model_fn(m): return None\ndef predict_fn(d, m): return d")
    assert server.request("GET", "/invocations")[0] == 405
    assert server.request("GET", "/models")[0] == 404


def test_a_transform_job_is_told_how_many_calls_keep_the_workers_busy(start_server: Any) -> None:
    code = "def model_fn(m): return None\n"
    plain = start_server(code + "def predict_fn(d, m): return d", SAGEMAKER_MODEL_SERVER_WORKERS="3")
    answer = plain.request("GET", "/execution-parameters")
    assert answer[::2] == (200, b'{"MaxConcurrentTransforms": 6}')
    batched = start_server(code + "def predict_batch_fn(d, m): return d", SAGEMAKER_MODEL_SERVER_WORKERS="1")
    assert batched.request("GET", "/execution-parameters")[2] == b'{"MaxConcurrentTransforms": 64}'


@pytest.mark.torch
# Deprecated for new models, but what the containers' default model_fn loads.
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_pytorch_defaults_serve_a_torchscript_model(start_server: Any) -> None:
    torch = pytest.importorskip("torch")

    def save(model_dir: Path) -> None:
        module = torch.jit.ScriptModule()
        module.define("def forward(self, x):\n    return x * 2\n")
        torch.jit.save(module, str(model_dir / "other-name.pth"))

    server = start_server(None, prepare=save)
    assert json.loads(server.invoke("[[1, 2], [3, 4]]")[2]) == [[2.0, 4.0], [6.0, 8.0]]
    stream = io.BytesIO()
    np.save(stream, np.ones((2, 2), dtype=np.float32))
    status, headers, body = server.invoke(stream.getvalue(), "application/x-npy", accept="application/x-npy")
    assert status == 200 and headers["content-type"] == "application/x-npy"
    assert np.array_equal(np.load(io.BytesIO(body)), 2 * np.ones((2, 2)))
    assert server.invoke("1,2\n3,4", "text/csv", accept="text/csv")[2] == b"2.0,4.0\n6.0,8.0\n"
    status, _, body = server.invoke(b"x", "image/png")
    assert (status, body) == (500, b"Content type image/png is not supported by this framework.")
    assert server.invoke("[1, ")[0] == 500
    assert server.invoke("[1]", "application/json; charset=utf-8")[0] == 500  # another type to the toolkit
    assert server.invoke("[1]", accept="text/html")[0] == 500


@pytest.mark.torch
def test_pytorch_without_one_model_says_so(start_server: Any) -> None:
    server = start_server(None, wait=False, SAGEHEN_FRAMEWORK="pytorch")
    assert server.process.wait(60) == 1
    assert "Exactly one .pth or .pt file is required for PyTorch models: []" in server.log()


def test_sklearn_predicts_with_what_the_script_loads(start_server: Any) -> None:
    joblib = pytest.importorskip("joblib")
    linear = pytest.importorskip("sklearn.linear_model")
    model = linear.LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    server = start_server(
        "import joblib\ndef model_fn(folder): return joblib.load(folder + '/model.joblib')",
        prepare=lambda folder: joblib.dump(model, folder / "model.joblib"), SAGEHEN_FRAMEWORK="sklearn",
    )  # fmt: skip
    assert np.allclose(json.loads(server.invoke("[[2], [3]]")[2]), [4, 6])
    assert server.invoke("[1, ")[0] == 500
    assert server.invoke("[1]", "image/png")[0] == 415
    assert server.invoke("[[1]]", accept="image/png")[0] == 406


def test_sklearn_without_a_script_says_what_is_missing(start_server: Any) -> None:
    server = start_server(None, wait=False, SAGEHEN_FRAMEWORK="sklearn")
    assert server.process.wait(60) == 1
    assert "Please provide a model_fn implementation" in server.log()


def test_requirements_are_installed_before_the_code_is_loaded(start_server: Any, tmp_path: Path) -> None:
    # A wheel made by hand: nothing is fetched.
    wheel = tmp_path / "greeting-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("greeting.py", "TEXT = 'hello'")
        archive.writestr(
            "greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"
        )
        archive.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("greeting-1.0.dist-info/RECORD", "")

    server = start_server(
        "import greeting\ndef model_fn(m): return greeting.TEXT\ndef predict_fn(d, m): return m",
        prepare=lambda folder: (folder / "code" / "requirements.txt").write_text(f"{wheel}\n"),
    )
    assert server.invoke("1")[2] == b'"hello"'
    assert "Installing the packages of" in server.log()
