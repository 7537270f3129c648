"""The environment of the SageMaker SDK v3: made once, below the one that tests run in."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sagehen.executors.environments import pip_settings
from sagehen.executors.environments.uv import Uv, UvFailed, UvMissing, find_uv, settings

_LIST = Path(__file__).parents[2] / "requirements" / "sdk3.txt"


def interpreter() -> Path:
    """Return its Python. It is made where it is not there, or was made from another list.

    Raises:
        subprocess.CalledProcessError: Neither uv nor pip can install it.
    """
    folder = Path(sys.prefix) / "sdk3"
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(_LIST.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / ".wanted"
    with (Path(sys.prefix) / ".sdk3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs of one checkout
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
            _install(python)
            stamp.write_text(wanted)
    return python


def _install(python: Path) -> None:
    # Bytecode comes with the first import, for what is imported: all of it would take five times as long.
    chosen = ["--no-deps", "-r", str(_LIST)]
    try:
        uv = Uv(find_uv(), settings(pip_settings.of_host(), os.environ), print)
        uv.run(["pip", "install", "--quiet", "--python", str(python), *chosen], quiet=True)
    except (UvMissing, UvFailed):
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", "--no-compile", *chosen], check=True)
