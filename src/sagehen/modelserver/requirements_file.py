"""code/requirements.txt: what the user's code needs, installed before it is loaded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sagehen.trainingtoolkit import requirements as installing
from sagehen.trainingtoolkit.failure import ExecuteUserScriptError

# A folder of the instance's own on disk where the platform gives one: packages can be large.
TARGET = Path(os.environ.get("SAGEHEN_PACKAGES") or "/tmp/sagehen-requirements")


class RequirementsFailed(Exception):
    """pip could not install them; its output is in the log."""


def install_requirements(code_dir: Path, target: Path = TARGET) -> None:
    """Install code_dir/requirements.txt, if there is one, where this process and its workers find it.

    Raises:
        RequirementsFailed.
    """
    requirements = code_dir / "requirements.txt"
    if not requirements.is_file() or not requirements.read_text().strip():
        return
    print(f"Installing the packages of {requirements}", flush=True)  # noqa: T201
    try:
        installing.install_missing(["-r", str(requirements)], ["--target", str(target)])
    except ExecuteUserScriptError as error:
        raise RequirementsFailed(error.error_message) from None
    # What was asked for goes before what the environment has; subprocesses of the user's see it too.
    sys.path.insert(0, str(target))
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{target}{os.pathsep}{inherited}" if inherited else str(target)
