"""Workers are forks; each is as random as one that loads the model itself."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

_CODE = """
import os, threading, time
import numpy, torch
def model_fn(model_dir):
    {seed}
    return 1
def input_fn(data, content_type): return data
def predict_fn(data, model):
    time.sleep(0.05)  # so that the other worker takes the next
    if not drawn: drawn.append([numpy.random.rand(), torch.rand(1).item()])
    return [os.getpid(), *drawn[0]]
drawn = []
"""


@pytest.mark.torch
@pytest.mark.parametrize("seed", ["", "numpy.random.seed(1); torch.manual_seed(1)"])
def test_clones_differ_unless_the_model_seeds_them(start_server: Any, seed: str) -> None:
    pytest.importorskip("torch")
    code = _CODE.format(seed=seed or "pass")
    server = start_server(code, SAGEHEN_CPUS="2", SAGEHEN_FRAMEWORK="pytorch", OMP_NUM_THREADS="1")
    seen: dict[int, list[float]] = {}
    deadline = time.monotonic() + 30
    with ThreadPoolExecutor(4) as pool:
        while len(seen) < 2 and time.monotonic() < deadline:
            for status, _, body in pool.map(lambda _: server.invoke("1"), range(4)):
                assert status == 200, body
                pid, *drawn = json.loads(body)
                seen[pid] = drawn
    first, second = seen.values()
    if seed:
        assert first == second
    else:
        assert first[0] != second[0] and first[1] != second[1]
