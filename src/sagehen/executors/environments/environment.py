"""Environment: one Python, with what it has, that stands for an image."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal, cast

from sagehen.executors.base import Interpreter
from sagehen.executors.environments import interpreter as interpreters
from sagehen.executors.environments.interpreter import InterpreterFacts


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment.

    Args:
        kind: `mapped` by the operator, `built` for the image, `local`: the platform's own, or `unbuilt`: made
            before the first process that is to run in it.
        name: The folder that was mapped, the id of what was built.
        python: Its Python's version, such as `3.12.1`.
        distributions: Normalised name -> version of what is installed.
        interpreter: How sandboxes are given it; None where it is the platform's own.
        notes: What is other than asked for.
    """

    kind: Literal["mapped", "built", "local", "unbuilt"]
    name: str
    python: str
    distributions: Mapping[str, str]
    interpreter: Interpreter | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def label(self) -> str:
        """What logs call it in a sentence."""
        return self.name if self.kind in ("local", "unbuilt") else f"the environment {self.name}"

    def missing(self, modules: Collection[str]) -> set[str]:
        """Return which of these top-level modules it has not. Imports nothing; blocks where it asks another.

        An interpreter that does not answer has everything: its jobs will say what is wrong.
        """
        names = [name for name in modules if name.isidentifier()]
        if not names:
            return set()
        if self.interpreter is None:
            return {name for name in names if not _is_here(name)}
        try:
            return set(names) - interpreters.find(self.interpreter.executable, names)
        except interpreters.UnusableInterpreter:
            return set()


def of_facts(
    kind: Literal["mapped", "built"], name: str, facts: InterpreterFacts, notes: tuple[str, ...] = ()
) -> Environment:
    """Return the environment of an interpreter that told of itself."""
    return Environment(kind, name, facts.version, facts.distributions, facts.interpreter(), notes)


@cache
def local() -> Environment:
    """Return the platform's own environment. The first call looks at what is installed, once."""
    return Environment("local", "the local environment", platform.python_version(), _installed(sys.path))


def _installed(folders: Iterable[str]) -> dict[str, str]:
    """Return package -> version, of the first folder that has it.

    The names of the folders of metadata say both (documented: PyPA, Recording installed projects); the files
    in them took 170 ms to read, on the event loop. Only those of setup.py (`.egg-info`) are read. What has no
    METADATA is left of a package that was removed.
    """
    found: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        try:
            entries = [entry.name for entry in os.scandir(folder or ".")]
        except OSError:  # an archive, or nothing
            continue
        for entry in entries:
            name, version = _told_by(folder or ".", entry)
            if name and version:
                found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return found


def _told_by(folder: str, entry: str) -> tuple[str | None, str | None]:
    """Return name and version of what an entry of a folder of packages is the metadata of."""
    # Hundreds of them: pathlib took as long as all the rest.
    if entry.endswith(".dist-info") and os.path.isfile(f"{folder}/{entry}/METADATA"):  # noqa: PTH113
        name, _, version = entry.removesuffix(".dist-info").partition("-")
        return name, version
    if entry.endswith(".egg-info"):
        try:
            told = metadata.PathDistribution(Path(folder, entry)).metadata.json
        except (OSError, ValueError, LookupError, AttributeError):  # without PKG-INFO, or text that is none
            return None, None
        return cast(str | None, told.get("name")), cast(str | None, told.get("version"))
    return None, None


def _is_here(name: str) -> bool:
    if name in sys.builtin_module_names or name in sys.stdlib_module_names:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return name in sys.modules
