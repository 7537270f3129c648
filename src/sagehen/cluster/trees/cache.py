"""Cache: files that a node has had from its platform, by key; the last used ones. Blocking."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from sagehen.cluster.trees.keys import is_key

_MOST_BYTES = 20 * 2**30


def bound_for(folder: Path) -> int:
    """Return how much a cache may hold: a quarter of its disk, 20 GiB at most."""
    return min(_MOST_BYTES, shutil.disk_usage(folder).total // 4)


class Cache:
    """Files by key. A tree's file is another name of the same one: nobody may write to either.

    Args:
        folder: Its own; on the file system of the trees.
        most_bytes: What its files may be together. What trees still use stays theirs when it leaves the
            cache.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._most = most_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        self._versions: dict[str, str] = {}  # of objects, by their names
        # A new name for a file is the last change of its state: so it tells when it was last used.
        found = sorted((path.lstat().st_ctime_ns, path) for path in folder.iterdir())
        for _, path in found:
            if is_key(path.name):
                self._enter(path.name, path.lstat().st_size)
            else:
                path.unlink()
        self._make_room(0)

    def having(self, keys: Iterable[str]) -> list[str]:
        """Return those of the keys whose files are here."""
        with self._lock:
            return [key for key in keys if key in self._sizes]

    def version_of(self, name: str) -> str:
        """Return the key of the version of an object that is here (`keys.object_name`); empty: none is."""
        with self._lock:
            return self._versions.get(name, "")

    def take(self, key: str, size: int, place: bytes) -> bool:
        """Give a file another name; return False where it is not here, or not of that size."""
        with self._lock:
            if self._sizes.get(key) != size:
                return False
            try:
                os.link(self._folder / key, place, follow_symlinks=False)
            except FileExistsError:
                raise
            except OSError:  # gone from the disk, or of as many names as a file may have
                self._forget(key)
                return False
            self._sizes.move_to_end(key)
            return True

    def keep(self, key: str, size: int, place: bytes) -> None:
        """Keep a tree's file; where that cannot be, it is sent again the next time."""
        if not is_key(key) or size > self._most:
            return
        with self._lock:
            if key in self._sizes:
                return
            if (older := self._versions.get(_name(key))) is not None:
                self._forget(older)
            self._make_room(size)
            with contextlib.suppress(OSError):
                os.link(place, self._folder / key, follow_symlinks=False)
                self._enter(key, size)

    def _make_room(self, size: int) -> None:
        while self._sizes and self._total + size > self._most:
            self._forget(next(iter(self._sizes)))

    def _enter(self, key: str, size: int) -> None:
        self._sizes[key] = size
        self._total += size
        if key.startswith("s"):
            self._versions[_name(key)] = key

    def _forget(self, key: str) -> None:
        self._total -= self._sizes.pop(key)
        if self._versions.get(_name(key)) == key:
            del self._versions[_name(key)]
        (self._folder / key).unlink(missing_ok=True)


def _name(key: str) -> str:
    return key.partition("-")[0]
