"""The model server against a plain Starlette app and against mosec: same handlers, same processes."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.processes import accepts, free_port, server, wait_until
from benchmarks.rounds import Address, Result, in_turn, load
from benchmarks.table import Row, Table, milliseconds, per_second, times

_REPOSITORY = Path(__file__).parent.parent
_ROUNDS = 5
_SECONDS = 1.0
_SETTLE_S = 3.0
_CONNECTIONS = (1, 8, 32)
_BODIES = {"echo": b"x" * 1000, "convolution": bytes(3 * 32 * 32 * 4)}
# The hooks of SageMaker's PyTorch container around the same two functions.
_INFERENCE = """
from benchmarks.servers import {handler} as handler

def model_fn(model_dir):
    return handler.load()

def transform_fn(model, data, content_type, accept):
    return handler.predict(model, data), "application/octet-stream"
"""
_BATCHED = """
from benchmarks.servers import {handler} as handler

def model_fn(model_dir):
    return handler.load()

def input_fn(data, content_type):
    return data

def predict_batch_fn(inputs, model):
    return handler.predict_batch(model, inputs)

def output_fn(prediction, accept):
    return prediction, "application/octet-stream"
"""


def measure(say: Callable[[str], None]) -> Table:
    """Measure the echo handler, the network, and the network in batches."""
    workers = len(os.sched_getaffinity(0))
    rows: list[Row] = []
    for handler in _BODIES:
        rows += _compare(handler, workers, 1, say)
    rows += _compare("convolution", 1, 32, say)
    return Table(
        "The model server against Starlette and mosec",
        peer="Starlette / mosec",
        method=(
            f"{workers} worker processes of one thread each behind every server (uvicorn with uvloop "
            "and httptools; mosec with a Rust front), over loopback TCP. "
            "Echo: 1 kB; convolution: three layers on a 32x32 image, 12 kB in; batched: one worker, up to 32 "
            "images in a forward pass, which plain Starlette cannot. "
            f"Medians of {_ROUNDS} rounds of {_SECONDS:g} s in turn."
        ),
        rows=rows,
    )


def _compare(handler: str, workers: int, batch: int, say: Callable[[str], None]) -> list[Row]:
    name = f"{handler}, batched" if batch > 1 else handler
    request = _request(_BODIES[handler])
    rows = []
    with contextlib.ExitStack() as stack:
        say(f"{name}: starting the servers")
        ports = {"sagehen": stack.enter_context(_sagehen(handler, workers, batch))}
        if batch == 1:
            ports["starlette"] = stack.enter_context(_starlette(handler, workers))
        ports["mosec"] = stack.enter_context(_mosec(handler, workers, batch))
        # An answer may come from the first of several workers while the others still load torch.
        time.sleep(_SETTLE_S)
        for connections in _CONNECTIONS if batch == 1 else _CONNECTIONS[1:]:
            runs = {
                label: lambda port=port, n=connections: load(
                    Address(port=port), [request], connections=n, seconds=_SECONDS
                )
                for label, port in ports.items()
            }
            found = in_turn(runs, rounds=_ROUNDS, say=say, what=f"{name}, {connections} connections")
            rows.append(_row(name, connections, found))
    return rows


def _row(name: str, connections: int, found: dict[str, Result]) -> Row:
    ours = found.pop("sagehen")
    latencies = [f"{milliseconds(r.p50)}/{milliseconds(r.p99)}" for r in (ours, *found.values())]
    return Row(
        f"{name}, {connections} connection" + ("s" if connections > 1 else ""),
        per_second(ours.rate),
        " / ".join(per_second(peer.rate) for peer in found.values()),
        " / ".join(times(ours.rate, peer.rate) for peer in found.values()),
        "p50/p99 " + ", ".join(latencies),
    )


def _request(body: bytes) -> bytes:
    head = "POST /invocations HTTP/1.1\r\nhost: m\r\ncontent-type: application/octet-stream\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


@contextlib.contextmanager
def _sagehen(handler: str, workers: int, batch: int) -> Iterator[int]:
    with tempfile.TemporaryDirectory(prefix="sagehen-bench-") as folder:
        code = Path(folder) / "code"
        code.mkdir()
        (code / "inference.py").write_text((_BATCHED if batch > 1 else _INFERENCE).format(handler=handler))
        environment = {
            "SM_MODEL_DIR": folder,
            "SAGEMAKER_SUBMIT_DIRECTORY": str(code),
            "SAGEMAKER_MODEL_SERVER_WORKERS": str(workers),
            "SAGEHEN_BATCH_MAX_SIZE": str(batch),
            "SAGEHEN_CPUS": str(workers),  # one thread each
        }
        yield from serve(
            "sagehen",
            lambda port: ["-m", "sagehen.modelserver", "--port", str(port)],
            environment,
            _request(_BODIES[handler]),
        )


@contextlib.contextmanager
def _starlette(handler: str, workers: int) -> Iterator[int]:
    def command(port: int) -> list[str]:
        app = ["-m", "uvicorn", "benchmarks.servers.starlette_app:app", "--port", str(port)]
        fast = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return [*app, *fast, "--workers", str(workers)]

    yield from serve("starlette", command, {"BENCH_HANDLER": handler}, _request(_BODIES[handler]))


@contextlib.contextmanager
def _mosec(handler: str, workers: int, batch: int) -> Iterator[int]:
    def command(port: int) -> list[str]:
        return ["-m", "benchmarks.servers.mosec_server", "--port", str(port), "--path", f"/tmp/mosec-{port}"]

    environment = {"BENCH_HANDLER": handler, "BENCH_WORKERS": str(workers), "BENCH_BATCH": str(batch)}
    yield from serve("mosec", command, environment, _request(_BODIES[handler]))


def serve(
    name: str, command: Callable[[int], list[str]], environment: dict[str, str], request: bytes
) -> Iterator[int]:
    """Run a server until an answer of it was used; yield its port."""
    port = free_port()
    everywhere = {
        "PYTHONPATH": f"{_REPOSITORY}:{os.environ.get('PYTHONPATH', '')}",
        "OMP_NUM_THREADS": "1",
        **environment,
    }
    with tempfile.TemporaryDirectory(prefix="sagehen-bench-") as folder:
        log = Path(folder) / "log"
        with server([sys.executable, *command(port)], log=log, environment=everywhere) as process:

            def ready() -> bool:
                if process.poll() is not None:
                    raise RuntimeError(f"{name} did not start:\n{log.read_text()[-2000:]}")
                # Some listen before their workers have loaded the model: only an answer counts.
                if not accepts(port):
                    return False
                return not load(Address(port=port), [request], connections=1, seconds=0).errors

            wait_until(ready, seconds=90, step=0.1, what=f"{name}'s start")
            yield port
