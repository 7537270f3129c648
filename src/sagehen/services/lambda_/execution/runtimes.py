"""Which of Lambda's runtimes this machine can run, and by what."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sagehen.executors.environments.pythons import is_binary, pythons

# boto3 and urllib3 need at least this.
_OLDEST_PYTHON = (3, 10)
_PROVIDED = ("provided", "provided.al2", "provided.al2023")


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime on this machine.

    Args:
        name: As `CreateFunction` spells it.
        kind: `python` (the platform's own interpreter), `other-python`, `node`, `provided`, or `image`.
        interpreter: Absolute path; '' for `provided`, where the package brings it.
        version: Of the interpreter, such as `3.11.7`.
        prefix: What must be visible for the interpreter to work; None where /usr holds it.
        modules: Of Node.js: the folder in which AWS's SDK is installed for it, which is a part of AWS's
            runtimes; None where it is not.
    """

    name: str
    kind: Literal["python", "other-python", "node", "provided", "image"]
    interpreter: str = ""
    version: str = ""
    prefix: Path | None = None
    modules: Path | None = None

    @property
    def version_line(self) -> str:
        """The runtime version as INIT_START tells it."""
        family, number = re.match(r"([a-z]+)(.*)", self.name).groups()  # type: ignore[union-attr]
        number = number.strip(".") or "al2023"
        patch = self.version.rpartition(".")[2] or "1"
        return f"{family}:{number.removesuffix('.x')}.v{patch}"

    def version_arn(self, region: str) -> str:
        """Return a stable ARN of what really runs; AWS's hashes name images that are not here."""
        digest = hashlib.sha256(f"{self.name} {self.interpreter} {self.version}".encode()).hexdigest()
        return f"arn:aws:lambda:{region}::runtime:{digest}"


# Of functions that are container images: what runs them is in there.
IMAGE = Runtime("image", "image")


def discover(home: Path | None = None, path: str | None = None) -> Mapping[str, Runtime]:
    """Look through the machine. Blocks for some tens of milliseconds, where there is a Node.js.

    Args:
        home: Whose version managers are looked at.
        path: What is searched for interpreters, as in PATH.
    """
    home = home or Path.home()
    path = os.environ.get("PATH", os.defpath) if path is None else path
    found = {runtime.name: runtime for runtime in _other_pythons(home, path)}
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    version = ".".join(map(str, sys.version_info[:3]))
    found[own] = Runtime(own, "python", sys.executable, version)
    node = _node(path)
    if node is not None:
        found[node.name] = node
    for name in _PROVIDED:
        found[name] = Runtime(name, "provided")
    return found


def lay_out(folder: Path, found: Iterable[Runtime]) -> None:
    """Write programs that start each interpreter, by the names of AWS's /var/lang/bin. Blocking.

    Programs and no links: by its own path an interpreter finds its library.
    """
    for runtime in found:
        if not runtime.interpreter:
            continue
        programs = folder / runtime.name
        programs.mkdir(parents=True, exist_ok=True)
        for name in ("node",) if runtime.kind == "node" else ("python", "python3", runtime.name):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(runtime.interpreter)} "$@"\n')
            program.chmod(0o755)


def _other_pythons(home: Path, path: str) -> Iterable[Runtime]:
    """Yield an interpreter per minor version: the newest of a version manager, else PATH's."""
    for python in pythons(home, path, _OLDEST_PYTHON[1]):
        name = f"python3.{python.minor}"
        seen = None if python.prefix == Path("/usr") else python.prefix
        yield Runtime(name, "other-python", str(python.executable), python.version, seen)


def _node(path: str) -> Runtime | None:
    program = shutil.which("node", path=path)
    if program is None:
        return None
    real = Path(program).resolve()
    if not is_binary(real):
        return None
    try:
        answer = subprocess.run([real, "--version"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = answer.stdout.strip().lstrip("v")
    prefix = real.parent.parent
    seen = None if prefix.is_relative_to("/usr") else prefix
    homes = (prefix, Path(program).parent.parent, Path("/usr/local"), Path("/usr"))
    return Runtime(f"nodejs{version.split('.')[0]}.x", "node", str(real), version, seen, _modules(homes))


def _modules(homes: Iterable[Path]) -> Path | None:
    """Return the folder of `npm install --global` that has AWS's SDK, or None."""
    folders = (home / "lib" / "node_modules" for home in homes)
    return next((one for one in folders if (one / "@aws-sdk").is_dir()), None)
