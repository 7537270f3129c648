"""The folder of an export: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path

# Documented: a package is 250 MB at most unpacked.
_MOST_BYTES = 262_144_000
_TIMEOUT_S = 60


def require_new(folder: Path) -> None:
    """Refuse a folder with something in it: somebody may have changed an earlier export.

    Raises:
        ValueError: It is not empty, or is none, or has nowhere to be.
    """
    if folder.is_dir():
        if any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty: name another one with --to")
    elif folder.exists() or not folder.absolute().parent.is_dir():
        raise ValueError(f"{folder}: no folder can be made there")


def write(folder: Path, files: Mapping[str, bytes], packages: Mapping[str, str]) -> None:
    """Write files below a folder, which appears when all of them are there.

    Args:
        files: By their paths.
        packages: Where archives can be had, by their paths.

    Raises:
        OSError: It cannot be written, or an archive cannot be had.
    """
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name, location in packages.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _fetch(location, path)
        made.chmod(0o755 & ~_umask())
        made.rename(folder.absolute())  # an empty folder may be there
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _fetch(location: str, to: Path) -> None:
    if not location.startswith(("http://", "https://")):
        raise OSError(f"{location} is no address of a package")
    # Loopback is reached by no proxy, whatever the shell says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(location, timeout=_TIMEOUT_S) as answer, to.open("wb") as file:
        left = _MOST_BYTES
        while piece := answer.read(1 << 20):
            left -= len(piece)
            if left < 0:
                raise OSError(f"{to.name} is larger than {_MOST_BYTES} bytes")
            file.write(piece)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
