"""The folder of an export: whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Collection, Mapping
from http.client import HTTPException
from pathlib import Path

from sagehen.export.graph.values import Package

# Documented (Lambda quotas): a package is 250 MB at most unpacked.
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


def write(folder: Path, files: Mapping[str, bytes], packages: Collection[Package]) -> None:
    """Write files below a folder, which appears when all of them are there.

    Args:
        files: By their paths.
        packages: Archives that lie below it, too.

    Raises:
        OSError: It cannot be written, or an archive cannot be had as it is described.
    """
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    try:
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for package in packages:
            path = made / package.file
            path.parent.mkdir(parents=True, exist_ok=True)
            _fetch(package, path)
        made.chmod(0o755 & ~_umask())
        made.rename(folder.absolute())  # an empty folder may be there
    except BaseException:  # also one's own ^C
        shutil.rmtree(made, ignore_errors=True)
        raise


def _fetch(package: Package, to: Path) -> None:
    """Fetch an archive; where its sender ends early, reading ends too, so that only the digest tells."""
    if not package.location.startswith(("http://", "https://")):
        raise OSError(f"{package.location} is no address of a package")
    # Loopback is reached by no proxy, whatever the shell says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    left, digest = _MOST_BYTES, hashlib.sha256()
    try:
        with opener.open(package.location, timeout=_TIMEOUT_S) as answer, to.open("wb") as file:
            while piece := answer.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise OSError(f"{to.name} is larger than {_MOST_BYTES} bytes")
                digest.update(piece)
                file.write(piece)
    except HTTPException as error:
        raise OSError(f"{to.name} did not come: {error}") from None
    if digest.hexdigest() != package.sha256:
        raise OSError(f"{to.name} did not come whole")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
