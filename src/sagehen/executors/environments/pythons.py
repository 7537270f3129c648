"""The Pythons of this machine besides the platform's own: of version managers, and in PATH."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_VERSIONED_FOLDERS = (".pyenv/versions", ".local/share/uv/python", ".local/share/mise/installs/python")


@dataclass(frozen=True, slots=True)
class Python:
    """One interpreter.

    Args:
        minor: Of Python 3.
        executable: No link.
        version: Such as `3.12.1`.
        prefix: What must be visible for it to work.
    """

    minor: int
    executable: Path
    version: str
    prefix: Path


def pythons(home: Path, path: str, oldest_minor: int) -> list[Python]:
    """Return an interpreter per minor version: the newest of a version manager, else PATH's.

    Args:
        home: Whose version managers are looked at.
        path: What is searched besides, as in PATH.
        oldest_minor: Older ones are left out.
    """
    newest: dict[int, Python] = {}
    for program in _programs(home, path):
        name = re.fullmatch(r"python3\.(\d+)", program.name)
        if name is None or int(name[1]) < oldest_minor:
            continue
        real = program.resolve()
        prefix = real.parent.parent
        # Shims are scripts that need the rest of the machine; virtual environments lack the library.
        if not is_binary(real) or not os.access(prefix / "lib" / name[0] / "os.py", os.R_OK):
            continue
        minor = int(name[1])
        newest[minor] = Python(minor, real, _patch_level(prefix, name[0]), prefix)
    return list(newest.values())


def is_binary(file: Path) -> bool:
    """Tell whether a file is a program of this machine, and no script."""
    try:
        with file.open("rb") as opened:
            return opened.read(4) == b"\x7fELF" and os.access(file, os.X_OK)
    except OSError:
        return False


def _programs(home: Path, path: str) -> Iterator[Path]:
    """Yield candidates; of one version the last is the best."""
    for folder in reversed(path.split(os.pathsep)):
        yield from _glob(Path(folder or "."), "python3.*")
    of_managers = [
        found for folder in _VERSIONED_FOLDERS for found in _glob(home / folder, "*/bin/python3.*")
    ]
    yield from sorted(of_managers, key=lambda program: _numbers(program.parent.parent.name))


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:  # not for us to look into
        return []


def _patch_level(prefix: Path, name: str) -> str:
    try:
        header = (prefix / "include" / name / "patchlevel.h").read_text()
    except OSError:
        return f"{name.removeprefix('python')}.0"
    found = re.search(r'PY_VERSION\s+"([^"]+)"', header)
    return found[1] if found else f"{name.removeprefix('python')}.0"


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))
