"""The recipe as a user runs it: its files on the path, its script in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
RECIPE = Path(__file__).parents[3] / "recipes" / "image_classifier"
Run = Callable[..., str]
# Seconds, on a busy machine minutes: only one that hangs is ended, before pytest ends the test.
HANGS_S = 280


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def recipe_on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(RECIPE))
    known = set(sys.modules)
    yield
    # Its modules have plain names (`images`, `settings`): leave none behind for other tests.
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and str(RECIPE) in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("digits")
    subprocess.run([sys.executable, RECIPE / "digits.py", folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def train() -> Run:
    """Run train.py to its end (or under torchrun with `ranks`) and return what it printed."""

    def run(*arguments: object, ranks: int = 0, **environment: str) -> str:
        launcher = (
            ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)] if ranks else []
        )
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SM_")}
        finished = subprocess.run(
            [sys.executable, *launcher, RECIPE / "train.py", *map(str, arguments)],
            env=clean | {"OMP_NUM_THREADS": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    return run
