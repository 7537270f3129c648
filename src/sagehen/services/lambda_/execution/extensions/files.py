"""Which extensions a function has: the files in /opt/extensions of its layers."""

from __future__ import annotations

import os
from pathlib import Path

# Documented: "You can register up to 10 extensions for a function."
MOST_EXTENSIONS = 10


def external_extensions(opt: Path | None) -> tuple[str, ...]:
    """Return the names of a function's external extensions, sorted. Blocking.

    Whatever is no folder is one; whether it can be started turns out when it is.

    Args:
        opt: Its merged layers, or None.
    """
    if opt is None:
        return ()
    try:
        with os.scandir(opt / "extensions") as entries:
            return tuple(sorted(entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)))
    except OSError:
        return ()


def readable(name: str) -> str:
    """Return a name as lines and documents show it: a file's may hold what neither can."""
    text = name.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)
