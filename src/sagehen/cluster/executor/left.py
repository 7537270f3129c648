"""Left: where a folder lies that a sandbox on a node writes to, and that stays there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Left:
    """In which of a sandbox's trees, and where there."""

    node: str
    sandbox: str
    tree: int
    below: str
    is_lost: bool = False


def in_left(left: Mapping[Path, Left], folder: Path) -> tuple[Left, str] | None:
    """Return in which tree a folder lies, and where there; None where it is in none of those."""
    for path in (folder, *folder.parents):
        if (each := left.get(path)) is not None:
            below = PurePosixPath(each.below, folder.relative_to(path))
            return each, "" if below == PurePosixPath() else str(below)
    return None
