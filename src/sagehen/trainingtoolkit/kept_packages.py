"""Packages that an earlier job of a warm pool installed, and this one need not install again.

The platform keeps the job's own folder for packages (PIP_PREFIX) with a warm pool. It is used again where
requirements.txt is the same to the byte, the interpreter is the same, and nothing was added or removed since
it was installed; else it is emptied, so that a job never finds what it did not ask for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Set for jobs of a warm pool alone.
POOL = "SAGEMAKER_MANAGED_WARMPOOL_CACHE_DIRECTORY"
# Requirements, with spaces between, of packages that AWS's image has and the environment has not.
ADDED_PACKAGES = "SAGEHEN_ADDED_PACKAGES"
_MARK = ".sagehen-kept.json"
_MOST_BYTES = 1 << 20
# What a folder of models that are shared is called there: it is no package's, and the platform's own.
_NOT_PACKAGES = "models"
# Names with versions, extras and markers; files, URLs and options may lead to something else each time.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[A-Za-z0-9,._\s-]*\])?\s*(?:[<>=!~;][^@]*)?\Z")


def take_up(folder: Path | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether everything that the source asks for is there already; what else is there goes.

    Args:
        folder: The source; None for a job that asks for nothing.
    """
    prefix = environment.get("PIP_PREFIX")
    if prefix is None or POOL not in environment:
        return False
    found = _read(Path(prefix) / _MARK)
    if found is None:
        return False
    asked = _asked(folder, environment) if folder is not None else None
    if asked is not None and found == {"asked": asked, "names": _names(Path(prefix))}:
        return True
    _empty(Path(prefix))
    return False


def leave(folder: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Note what was just installed, for the pool's next job."""
    prefix, asked = environment.get("PIP_PREFIX"), _asked(folder, environment)
    if prefix is None or POOL not in environment or asked is None:
        return
    (Path(prefix) / _MARK).write_text(json.dumps({"asked": asked, "names": _names(Path(prefix))}))


def _asked(folder: Path, environment: Mapping[str, str]) -> str | None:
    """Return what stands for a source's requirements; None where they may mean something else next time."""
    added = environment.get(ADDED_PACKAGES, "")
    try:
        with (folder / "requirements.txt").open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        if not added:
            return None
        text = b""
    except OSError:
        return None
    lines = (line.partition("#")[0].strip() for line in text.decode("utf-8", "replace").splitlines())
    if len(text) > _MOST_BYTES or (folder / "setup.py").exists():
        return None
    if not all(_PLAIN.match(line) for line in lines if line):
        return None
    return hashlib.sha256(repr((text, added, sys.executable, sys.version)).encode()).hexdigest()


def _names(prefix: Path) -> list[str]:
    """Return the names in every folder for packages: what came or went since shows."""
    return sorted(
        f"{site.relative_to(prefix)}/{path.name}"
        for site in prefix.glob("lib*/python*/site-packages")
        for path in site.iterdir()
        if path.name != "__pycache__"
    )


def _read(mark: Path) -> Any:
    try:
        with mark.open() as file:
            return json.loads(file.read(8 * _MOST_BYTES))
    except (OSError, ValueError):
        return None


def _empty(prefix: Path) -> None:
    for path in prefix.iterdir():
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.name != _NOT_PACKAGES:
            shutil.rmtree(path, ignore_errors=True)
