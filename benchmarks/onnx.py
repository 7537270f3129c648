"""PyTorch models served by ONNX Runtime, against themselves: the same server, the same file."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torchvision.models import mobilenet_v3_small, resnet18

from benchmarks.modelserver import serve
from benchmarks.rounds import Address, Sample, in_turn, load
from benchmarks.servers import convolution
from benchmarks.table import Row, Table, milliseconds, per_second, times

_ROUNDS = 5
_SECONDS = 2.0
_MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "three convolutions, 32 pixels": (convolution.load, (3, 32, 32)),
    "ResNet-18, 64 pixels": (lambda: resnet18().eval(), (3, 64, 64)),
    "MobileNet V3 small, 224 pixels": (lambda: mobilenet_v3_small().eval(), (3, 224, 224)),
}


def measure(say: Callable[[str], None]) -> Table:
    """Serve each model by both."""
    return Table(
        "A PyTorch model by ONNX Runtime",
        peer="PyTorch",
        method=(
            "TorchScript files and the PyTorch container's own hooks, one image as NPY at a time, one worker "
            f"of one thread, 1 connection; medians of {_ROUNDS} rounds of {_SECONDS:g} s in turn."
        ),
        rows=[_row(name, make(), shape, say) for name, (make, shape) in _MODELS.items()],
    )


def _row(name: str, model: nn.Module, shape: tuple[int, ...], say: Callable[[str], None]) -> Row:
    body = io.BytesIO()
    np.save(body, np.random.default_rng(0).random((1, *shape), dtype=np.float32))
    head = "POST /invocations HTTP/1.1\r\nhost: m\r\ncontent-type: application/x-npy\r\n"
    request = f"{head}content-length: {len(body.getvalue())}\r\n\r\n".encode() + body.getvalue()
    with tempfile.TemporaryDirectory(prefix="sagehen-bench-") as folder, contextlib.ExitStack() as stack:
        traced: Any = torch.jit.trace(model, torch.zeros(1, *shape))  # type: ignore[no-untyped-call]
        traced.save(str(Path(folder) / "model.pt"))
        wishes = {"onnx": ",".join(map(str, shape)), "pytorch": ""}
        ports = {
            label: stack.enter_context(_server(Path(folder), wish, request)) for label, wish in wishes.items()
        }

        def run(label: str) -> Sample:
            return load(Address(port=ports[label]), [request], connections=1, seconds=_SECONDS)

        runs: dict[str, Callable[[], Sample]] = {label: partial(run, label) for label in ports}
        found = in_turn(runs, rounds=_ROUNDS, say=say, what=name)
        if not (Path(folder) / ".sagehen.onnx").exists():
            raise RuntimeError(f"{name} stayed on PyTorch")
    ours, peer = found["onnx"], found["pytorch"]
    latencies = f"p50 {milliseconds(ours.p50)} against {milliseconds(peer.p50)}"
    return Row(name, per_second(ours.rate), per_second(peer.rate), times(ours.rate, peer.rate), latencies)


@contextlib.contextmanager
def _server(folder: Path, wish: str, request: bytes) -> Iterator[int]:
    environment = {
        "SM_MODEL_DIR": str(folder),
        "SAGEHEN_FRAMEWORK": "pytorch",
        "SAGEHEN_CPUS": "1",
        "SAGEHEN_ONNX": wish,
    }
    command = ["-m", "sagehen.modelserver", "--port"]
    yield from serve("sagehen", lambda port: [*command, str(port)], environment, request)
