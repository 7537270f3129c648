"""The recipe as a user runs it: its files on the path, its script in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from .forked import Script

# Asked for without an import, and imported by tests alone: every worker collects every file, torch takes 2 s.
collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]
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
def train(tmp_path: Path) -> Run:
    """Run train.py to its end and return what it printed: on several `hosts` once for each, as SageMaker
    does, with {host} in variables for its name.
    """
    numbers = itertools.count()

    def run(*arguments: object, hosts: Sequence[str] = ("algo-1",), **environment: str) -> str:
        folder = tmp_path / f"printed-{next(numbers)}"
        if len(hosts) > 1:
            environment |= {"MASTER_PORT": str(free_port())}
        words = [str(argument) for argument in arguments]
        scripts = []
        for host in hosts:
            its_own = {name: value.format(host=host) for name, value in environment.items()}
            its_own |= {"SM_HOSTS": json.dumps(list(hosts)), "SM_CURRENT_HOST": host}
            scripts.append(Script(RECIPE / "train.py", words, its_own, folder / host))
        statuses = [script.ended(HANGS_S) for script in scripts]
        assert not any(statuses), [script.output + script.errors for script in scripts]
        assert [script.output for script in scripts[1:]] == [""] * (len(hosts) - 1)  # one speaks for all
        return scripts[0].output

    return run


@pytest.fixture
def python() -> Run:
    """Run what `python` is called with, in a new process, to its end; return what it printed."""

    def run(*arguments: object, **environment: str) -> str:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SM_")}
        finished = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=clean | {"OMP_NUM_THREADS": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    return run
