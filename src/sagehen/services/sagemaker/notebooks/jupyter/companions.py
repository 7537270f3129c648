"""ipykernel and what it needs, for environments that have none: those that were built for an image.

They lie behind what the environment has itself, and alone: whatever else is installed beside Sagehen is none
of a kernel's. Parts of them are compiled, so they serve a Python of the same version only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def serve(version: tuple[int, int]) -> bool:
    """Tell whether they serve a Python of that version."""
    return version == sys.version_info[:2] and bool(packages())


def write(folder: Path) -> None:
    """Fill a new folder with links to them. They are seen at the same places by who sees Sagehen's own."""
    folder.mkdir()
    for path in packages():
        (folder / path.name).symlink_to(path)


@cache
def packages() -> tuple[Path, ...]:
    """Return the folders and modules of ipykernel's distributions; () where it is not installed."""
    found: dict[str, Path] = {}
    for distribution in _closure("ipykernel"):
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not top.endswith(".pth"):
                found.setdefault(top, Path(str(distribution.locate_file(top))))
    return tuple(path for path in found.values() if path.exists())


def _closure(name: str) -> Iterator[metadata.Distribution]:
    """Yield a distribution and what it requires, as far as that is installed."""
    waiting, seen = [name], set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another system or Python
            continue
        yield distribution
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement and (match := _NAME.match(requirement)):
                waiting.append(match[0])
