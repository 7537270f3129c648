"""An interpreter that the operator names: what is told of it once, when it is named or built."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sagehen
from sagehen.executors.base import Interpreter

# What stands in front of people's code needs it (tomllib's year of Python).
OLDEST = (3, 11)
_PATIENCE_S = 30.0
_MOST_DISTRIBUTIONS = 5000
_TELL = """
import importlib.metadata as m, json, re, sys, sysconfig
found = {}
for d in m.distributions():
    try:
        name, version = d.metadata["Name"], d.metadata["Version"]
    except (TypeError, ValueError, LookupError, OSError):
        continue  # left of what was removed, or no text
    if name and version:
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
print(json.dumps({
    "version": list(sys.version_info[:3]), "prefix": sys.prefix, "base_prefix": sys.base_prefix,
    "base_exec_prefix": sys.base_exec_prefix, "purelib": sysconfig.get_path("purelib"),
    "distributions": found,
}))
"""
_FIND = """
import importlib.util, json, sys
names, found = json.load(sys.stdin), []
for name in names:
    try:
        there = name in sys.builtin_module_names or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        there = name in sys.modules
    if there:
        found.append(name)
print(json.dumps(found))
"""


class UnusableInterpreter(Exception):
    """It cannot stand for an image; the message says why."""


@dataclass(frozen=True, slots=True)
class InterpreterFacts:
    """What an interpreter told of itself.

    Args:
        executable: Absolute, not resolved: a virtual environment is known by it.
        version: `3.12.1`.
        prefix: The environment's folder.
        bases: Folders of the Python that it is made of.
        purelib: Where packages lie.
        distributions: Normalised name -> version.
    """

    executable: str
    version: str
    prefix: str
    bases: tuple[str, ...]
    purelib: str
    distributions: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return them for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> InterpreterFacts:
        """Read what `as_json` gave. KeyError or TypeError where it is something else."""
        return cls(**{**content, "bases": tuple(content["bases"])})

    @property
    def short_version(self) -> tuple[int, int]:
        """Return (major, minor)."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)

    def interpreter(self) -> Interpreter:
        """Return it as sandboxes take it: with its folders and, of Sagehen, what runs in front of code."""
        package = Path(sagehen.__file__).parent
        own = [package / name for name in ("__init__.py", "trainingtoolkit", "modelserver")]
        folders: list[Path] = []
        for folder in map(Path, self.bases):
            if not _is_in(folder, folders):
                folders.append(folder)
        # Also where it lies in one of those: a data folder in there is hidden, with what was built in it.
        if (prefix := Path(self.prefix)) not in folders and not _is_in(prefix, []):
            folders.append(prefix)
        folders += [link for link in _links(Path(self.executable)) if not _is_in(link, folders)]
        folders += [path for path in own if not _is_in(path, folders)]
        return Interpreter(self.executable, tuple(folders), self.short_version)


def ask(executable: Path) -> InterpreterFacts:
    """Run an interpreter and return what it tells. Blocks for some tens of milliseconds.

    Raises:
        UnusableInterpreter: It does not run, is too old, or lies where nothing could be hidden.
    """
    told = _run(str(executable), _TELL, "")
    version = ".".join(map(str, told["version"]))
    if tuple(told["version"][:2]) < OLDEST:
        raise UnusableInterpreter(
            f"{executable} is Python {version}; what runs in front of people's code needs "
            f"{OLDEST[0]}.{OLDEST[1]} or newer"
        )
    bases = tuple(dict.fromkeys((told["base_prefix"], told["base_exec_prefix"])))
    for folder in (told["prefix"], *bases):
        if Path.home().is_relative_to(folder) or folder in ("/home", "/root", "/tmp"):
            raise UnusableInterpreter(f"{executable} has the prefix {folder}: jobs would see all of it")
    distributions = dict(list(told["distributions"].items())[:_MOST_DISTRIBUTIONS])
    return InterpreterFacts(str(executable), version, told["prefix"], bases, told["purelib"], distributions)


def find(executable: str, names: list[str]) -> set[str]:
    """Return which top-level modules an interpreter finds, without importing them. Blocks.

    Raises:
        UnusableInterpreter: It does not run.
    """
    found = _run(executable, _FIND, json.dumps(names))
    return set(found)


def _run(executable: str, program: str, question: str) -> Any:
    environment = {"PATH": os.defpath, "HOME": "/", "LANG": "C.UTF-8"}
    try:
        # -I: neither the working directory nor the operator's variables are the environment's.
        done = subprocess.run(
            [executable, "-I", "-c", program],
            input=question, capture_output=True, text=True, timeout=_PATIENCE_S, env=environment, cwd="/",
        )  # fmt: skip
        if done.returncode == 0:
            return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UnusableInterpreter(f"{executable} cannot be run: {error}") from None
    words = done.stderr.strip().splitlines()
    raise UnusableInterpreter(f"{executable} cannot be run: {words[-1] if words else done.returncode}")


def _links(executable: Path) -> list[Path]:
    """Return the links from an interpreter to the real one, that one included and the first left out."""
    found: list[Path] = []
    path = executable
    while path.is_symlink() and len(found) < 10:
        path = Path(os.path.normpath(path.parent / path.readlink()))
        found.append(path)
    return found


def _is_in(path: Path, folders: list[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in (Path("/usr"), *folders))
