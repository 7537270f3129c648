"""PoolContent: what of a job's instances lies on the disk while nobody uses it.

    <root>/<host>/cache/      /opt/ml/sagemaker/warmpoolcache, which AWS keeps with a pool
    <root>/<host>/packages/   what requirements.txt brought (see `trainingtoolkit.kept_packages`)

Both are moved into a job's own folder and out again by their names, without a copy. What a job has put there
is its own; it is never opened here, and no link that it left is followed.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from sagehen.executors.folders.job import JobFolder
from sagehen.executors.folders.removal import discard

_ABOVE, _CACHE = "sagemaker", "warmpoolcache"
# Documented: SageMaker Developer Guide, Train using SageMaker managed warm pools, Using persistent cache.
CACHE_PATH = f"/opt/ml/{_ABOVE}/{_CACHE}"
CACHE_VARIABLE = "SAGEMAKER_MANAGED_WARMPOOL_CACHE_DIRECTORY"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class PoolContent:
    """The folder of one pool. All methods are blocking.

    Args:
        root: Made by the first `take`; on the job folders' file system.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def give(self, folder: JobFolder, hosts: Sequence[str], *, packages: bool) -> None:
        """Move what was kept into a job's folder, which its instances have not seen yet.

        Args:
            packages: Whether the job takes packages up; else they are thrown away.
        """
        for host in hosts:
            kept, mine = self.root / host, folder.host(host)
            (mine.opt_ml / _ABOVE).mkdir(exist_ok=True)
            cache = mine.opt_ml / _ABOVE / _CACHE
            if (kept / "cache").is_dir():
                (kept / "cache").rename(cache)
            else:
                cache.mkdir(exist_ok=True)
            if packages:
                _move_all(kept / "packages", mine.packages)
        self.discard()

    def take(self, folder: JobFolder, hosts: Sequence[str]) -> None:
        """Move what is to be kept out of a job's folder. Nothing of the job runs any more."""
        self.discard()
        for host in hosts:
            kept, mine = self.root / host, folder.host(host)
            (kept / "packages").mkdir(parents=True)
            _move_all(mine.packages, kept / "packages")
            with contextlib.suppress(OSError):  # the job removed it, or put something else in its place
                _rename_folder(mine.opt_ml, _ABOVE, _CACHE, kept / "cache")

    def discard(self) -> None:
        """Throw away what is kept."""
        discard(self.root)


def _move_all(source: Path, target: Path) -> None:
    """Move what is in a folder; what is in its new place already stays there."""
    for path in list(source.iterdir()) if source.is_dir() else ():
        if not os.path.lexists(target / path.name):
            path.rename(target / path.name)


def _rename_folder(top: Path, *way: str | Path) -> None:
    """Move a folder below `top` to a path, following no link.

    Raises:
        OSError: There is no such folder.
    """
    *steps, target = way
    above, name = map(str, steps)
    inner = os.open(top, _FOLDER)
    try:
        outer, inner = inner, os.open(above, _FOLDER, dir_fd=inner)
        os.close(outer)
        if not stat.S_ISDIR(os.stat(name, dir_fd=inner, follow_symlinks=False).st_mode):
            raise NotADirectoryError(name)
        os.rename(name, target, src_dir_fd=inner)
    finally:
        os.close(inner)
