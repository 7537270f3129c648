"""Root file systems of a few of this host's programs, with the libraries that they need."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path


def files_of(programs: Iterable[str]) -> dict[str, bytes]:
    """Return the files of programs and of their libraries, by their names without the leading slash."""
    found: dict[str, bytes] = {}
    for name in programs:
        at = shutil.which(name, path="/usr/bin:/bin")
        assert at is not None, name
        found[f"bin/{name}"] = Path(at).resolve().read_bytes()
        listed = subprocess.run(["ldd", at], capture_output=True, text=True).stdout
        for library in re.findall(r"(/\S+)", listed):
            if not library.endswith(":"):
                found[library[1:]] = Path(library).resolve().read_bytes()
    return found


def make_root(folder: Path, *programs: str) -> Path:
    """Write them into a folder; return it."""
    for name, content in files_of(programs).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)
    return folder
