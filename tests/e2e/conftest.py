"""Journeys with real processes: one platform per test file, seen through real clients."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import RunningSagehen


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path_factory.mktemp("sagehen") / "data")
    running.start()
    yield running
    running.stop()


def shell_environment(sagehen: RunningSagehen, role: str | None = None) -> dict[str, str]:
    """Return what a shell has after `eval "$(sagehen env [--role ROLE])"`, and no more of AWS."""
    command = [sys.executable, "-m", "sagehen.cli", "env", "--data", str(sagehen.data_folder)]
    if role:
        command += ["--role", role]
    exports = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    clean["PATH"] = f"{Path(sys.executable).parent}:{clean['PATH']}"
    clean["HOME"] = str(sagehen.data_folder.parent)  # nobody's own ~/.aws
    shell = subprocess.run(
        ["bash", "-c", 'eval "$1"; env -0', "shell", exports],
        check=True,
        capture_output=True,
        text=True,
        env=clean,
    )
    return dict(line.split("=", 1) for line in shell.stdout.split("\0") if "=" in line)
