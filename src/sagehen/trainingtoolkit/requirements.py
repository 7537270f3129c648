"""requirements.txt: what of it is missing is installed, and nothing that is there is installed twice.

pip's `--prefix` would try to remove older versions from an environment that is read-only here, and
its `--target` would install again what is there (torch, to begin with). So pip first says what is
missing, and exactly that goes into the job's own folder, which comes first on the path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.failure import ExecuteUserScriptError, ToolkitError


def install(requirements: Path) -> bool:
    """Install what `requirements` lacks. pip's output goes to the job's log as it appears.

    Returns:
        Whether anything was installed.

    Raises:
        ExecuteUserScriptError: pip failed.
    """
    prefix = os.environ.get("PIP_PREFIX")
    if prefix is None:
        raise ToolkitError("requirements.txt cannot be installed: PIP_PREFIX names no folder for it")
    print(f"Installing dependencies from {requirements.name}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        _pip("--dry-run", "--quiet", "--report", str(report), "-r", str(requirements))
        missing = [_requirement(entry) for entry in json.loads(report.read_text())["install"]]
    if not missing:
        print("Every requirement is satisfied by the environment.", flush=True)
        return False
    _pip("--no-deps", "--ignore-installed", "--prefix", prefix, *missing)
    return True


def install_package(folder: Path) -> None:
    """Install the package (setup.py) that the source is.

    Raises:
        ExecuteUserScriptError: pip failed.
    """
    prefix = os.environ.get("PIP_PREFIX", str(folder / ".packages"))
    _pip("--no-deps", "--ignore-installed", "--no-build-isolation", "--prefix", prefix, str(folder))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "install", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PIP_PREFIX"}
    code = subprocess.run(command, env=environment, check=False).returncode
    if code != 0:
        message = "pip could not install the requirements; its output in the log says why"
        raise ExecuteUserScriptError(code, message, " ".join(command))


def _requirement(entry: dict[str, Any]) -> str:
    """Return one element of pip's report as a requirement that names exactly that file or commit."""
    metadata, source = entry["metadata"], entry["download_info"]
    if not entry["is_direct"]:
        return f"{metadata['name']}=={metadata['version']}"
    if vcs := source.get("vcs_info"):
        return f"{metadata['name']} @ {vcs['vcs']}+{source['url']}@{vcs['commit_id']}"
    return f"{metadata['name']} @ {source['url']}"
