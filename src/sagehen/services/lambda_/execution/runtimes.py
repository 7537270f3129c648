"""Which of Lambda's runtimes this machine can run, and by what."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# boto3 and urllib3 need at least this.
_OLDEST_PYTHON = (3, 10)
_PROVIDED = ("provided", "provided.al2", "provided.al2023")
_VERSIONED_FOLDERS = (".pyenv/versions", ".local/share/uv/python", ".local/share/mise/installs/python")


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime on this machine.

    Args:
        name: As `CreateFunction` spells it.
        kind: `python` (the platform's own interpreter), `other-python`, `node` or `provided`.
        interpreter: Absolute path; '' for `provided`, where the package brings it.
        version: Of the interpreter, such as `3.11.7`.
        prefix: What must be visible for the interpreter to work; None where /usr holds it.
    """

    name: str
    kind: Literal["python", "other-python", "node", "provided"]
    interpreter: str = ""
    version: str = ""
    prefix: Path | None = None

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


def _other_pythons(home: Path, path: str) -> Iterable[Runtime]:
    """Yield an interpreter per minor version: the newest of a version manager, else PATH's."""
    candidates = [
        program for folder in _VERSIONED_FOLDERS for program in _glob(home / folder, "*/bin/python3.*")
    ]
    candidates.sort(key=lambda program: _numbers(program.parent.parent.name))
    for folder in path.split(os.pathsep):
        candidates[:0] = _glob(Path(folder or "."), "python3.*")
    newest: dict[str, Runtime] = {}
    for program in candidates:
        name = re.fullmatch(r"python3\.(\d+)", program.name)
        if name is None or (3, int(name[1])) < _OLDEST_PYTHON:
            continue
        real = program.resolve()
        prefix = real.parent.parent
        # Shims are scripts that need the rest of the machine; virtual environments lack the library.
        if not _is_binary(real) or not os.access(prefix / "lib" / name[0] / "os.py", os.R_OK):
            continue
        seen = None if prefix == Path("/usr") else prefix
        newest[name[0]] = Runtime(name[0], "other-python", str(real), _patch_level(prefix, name[0]), seen)
    return newest.values()


def _node(path: str) -> Runtime | None:
    program = shutil.which("node", path=path)
    if program is None:
        return None
    real = Path(program).resolve()
    if not _is_binary(real):
        return None
    try:
        answer = subprocess.run([real, "--version"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = answer.stdout.strip().lstrip("v")
    prefix = real.parent.parent
    seen = None if prefix.is_relative_to("/usr") else prefix
    return Runtime(f"nodejs{version.split('.')[0]}.x", "node", str(real), version, seen)


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:  # not for us to look into
        return []


def _is_binary(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(4) == b"\x7fELF" and os.access(file, os.X_OK)
    except OSError:
        return False


def _patch_level(prefix: Path, name: str) -> str:
    try:
        header = (prefix / "include" / name / "patchlevel.h").read_text()
    except OSError:
        return f"{name.removeprefix('python')}.0"
    found = re.search(r'PY_VERSION\s+"([^"]+)"', header)
    return found[1] if found else f"{name.removeprefix('python')}.0"


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))
