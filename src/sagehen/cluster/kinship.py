"""kinship(): what two machines must have in common, to start one another's sandboxes."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import sagehen

# What platform and node say to one another, and what of Sagehen's own runs in sandboxes there.
_ROOMS = ("cluster", "executors", "modelserver", "trainingtoolkit")


@cache
def kinship() -> str:
    """Return a text that is the same where Sagehen's code is, and Python's minor version.

    Reads files, once: some 20 ms.
    """
    package = Path(sagehen.__file__).parent
    digest = hashlib.sha256(sagehen.__version__.encode())
    for file in sorted(path for room in _ROOMS for path in (package / room).rglob("*.py")):
        digest.update(str(file.relative_to(package)).encode() + b"\0" + file.read_bytes())
    major, minor = sys.version_info[:2]
    return f"Sagehen {sagehen.__version__} ({digest.hexdigest()[:12]}) on Python {major}.{minor}"
