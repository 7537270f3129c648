"""requirements.txt: what of it is missing is installed, and nothing that is there is installed twice.

pip's `--prefix` would try to remove older versions from an environment that is read-only here, and
its `--target` would install again what is there (torch, to begin with). So pip first says what is
missing, under constraints of what is there, and exactly that goes into the job's own folder, which comes
first on the path. Endpoints do the same (`modelserver.requirements_file`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit import constraints, kept_packages
from sagehen.trainingtoolkit.failure import ExecuteUserScriptError, ToolkitError

_NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|Network is unreachable|Connection "
    r"refused|Tunnel connection failed|Cannot connect to proxy|NewConnectionError|ProxyError"
)
# Characters of what pip says.
_KEPT = 20_000
_CONFLICT = re.compile(r"ResolutionImpossible|conflicting dependencies|user requested \(constraint\)")


def install(folder: Path, *, package: bool) -> bool:
    """Install what the source lacks, and what AWS's image has besides.

    pip's output goes to the job's log as it appears.

    Args:
        folder: The source; its requirements.txt counts.
        package: The source is a package itself (setup.py) and is installed too, with what it needs.

    Returns:
        Whether there is anything besides the environment's own.

    Raises:
        ToolkitError: There is no folder to install into.
        ExecuteUserScriptError: pip failed.
    """
    added = os.environ.get(kept_packages.ADDED_PACKAGES, "").split()
    wanted = [*added, *([str(folder)] if package else [])]
    if (folder / "requirements.txt").exists():
        wanted += ["-r", str(folder / "requirements.txt")]
    if kept_packages.take_up(folder):
        print("Dependencies are those of the warm pool's last job: nothing to install.", flush=True)
        return True
    if not wanted:
        return False
    prefix = os.environ.get("PIP_PREFIX", str(folder / ".packages") if package else "")
    if not prefix:
        raise ToolkitError("requirements.txt cannot be installed: PIP_PREFIX names no folder for it")
    if wanted != added:
        print(f"Installing dependencies from {wanted[-1]}", flush=True)
    options = ["--no-build-isolation"] if package else []
    installed = install_missing(wanted, ["--prefix", prefix], options)
    kept_packages.leave(folder)
    return installed


def install_missing(wanted: Sequence[str], where: Sequence[str], options: Sequence[str] = ()) -> bool:
    """Install what of `wanted` (words after `pip install`) the environment has not.

    Args:
        where: pip's option for the folder to install into.

    Raises:
        ExecuteUserScriptError: pip failed.
    """
    limits = constraints.written(constraints.requirements_in(wanted))
    try:
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch, "report.json")
            dry_run = [*options, "--dry-run", "--report", str(report), "-c", str(limits), *wanted]
            _pip(*dry_run, unless_it_fails=Path(scratch, "output"))
            entries = json.loads(report.read_text())["install"]
    finally:
        limits.unlink()
    if not entries:
        print("Every requirement is satisfied by the environment.", flush=True)
        return False
    have = constraints.installed()
    for entry in entries:
        name, version = entry["metadata"]["name"], entry["metadata"]["version"]
        if (earlier := have.get(constraints.normal(name))) and earlier != version:
            print(f"sagehen: {name} {version} takes the place of the environment's {earlier}", flush=True)
    _pip(*options, "--no-deps", "--ignore-installed", *where, *map(_requirement, entries))
    return True


def _pip(*arguments: str, unless_it_fails: Path | None = None) -> None:
    """Run `pip install`.

    Args:
        unless_it_fails: Where its output goes, to be shown where it fails: what is in conflict stands there.
    """
    command = [sys.executable, "-m", "pip", "install", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PIP_PREFIX"}
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(unless_it_fails.open("w")) if unless_it_fails else None
        process = stack.enter_context(
            subprocess.Popen(
                command, env=environment, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace"
            )
        )
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            sys.stderr.write(line)
            sys.stderr.flush()
            said = (said + line)[-_KEPT:]
        code = process.wait()
    if code != 0:
        if unless_it_fails:
            shown = unless_it_fails.read_text(errors="replace")[-_KEPT:]
            print(shown, flush=True)
            said = shown + said
        message = f"pip could not install the requirements: {_reason(said)}"
        print(f"sagehen: {message}", flush=True)
        raise ExecuteUserScriptError(code, message, " ".join(command))


def _reason(said: str) -> str:
    """Return why pip failed and what to do, of what it wrote to stderr."""
    if _CONFLICT.search(said):
        asked = re.search(r"user requested \(constraint\) (\S+)", said)
        what = f" ({asked[1]})" if asked else ""
        return (
            f"they do not go with what this environment has{what}. Ask for versions that do, or name the "
            "other version in requirements.txt itself: it is then installed besides, for this job or "
            "endpoint alone"
        )
    if _NO_NETWORK.search(said):
        return (
            "no package index is reachable from here. Start the platform with pip configured for one that is "
            "(PIP_INDEX_URL, PIP_FIND_LINKS), or install them beside Sagehen; under EnableNetworkIsolation "
            "there is no network at all, as on AWS"
        )
    return "its output in the log says why"


def _requirement(entry: dict[str, Any]) -> str:
    """Return one element of pip's report as a requirement that names exactly that file or commit."""
    metadata, source = entry["metadata"], entry["download_info"]
    if not entry["is_direct"]:
        return f"{metadata['name']}=={metadata['version']}"
    if vcs := source.get("vcs_info"):
        return f"{metadata['name']} @ {vcs['vcs']}+{source['url']}@{vcs['commit_id']}"
    return f"{metadata['name']} @ {source['url']}"
