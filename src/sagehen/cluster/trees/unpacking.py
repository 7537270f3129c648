"""Unpacking: a tree is made of the bytes that come, where nothing was before. Blocking."""

from __future__ import annotations

import os
from pathlib import Path

from sagehen.cluster.trees.cache import Cache
from sagehen.cluster.trees.records import (
    LENGTH,
    MOST_ENTRIES,
    MOST_HEAD_BYTES,
    Entry,
    TreeRefused,
    entry_of,
)


class Unpacking:
    """Makes a tree at `top`, which does not exist yet. Nobody else writes there.

    Args:
        top: A folder after it, or a file.
        most_bytes: Of all files together.
        cache: Has files that are not sent, and keeps those that have a key.
    """

    def __init__(self, top: Path, most_bytes: int, cache: Cache | None = None) -> None:
        self._cache = cache
        self._top = os.fsencode(top)
        self._most = most_bytes
        self._entries = 0
        self._pending = b""
        # Only what was made here is gone into: a link that came before is none of them.
        self._folders: dict[bytes, Entry] = {}
        self._file: int | None = None
        self._entry: Entry | None = None
        self._left = 0

    def feed(self, data: bytes) -> None:
        """Take what came next.

        Raises:
            TreeRefused: It is no tree, or too much.
            OSError: It cannot be written.
        """
        data = self._pending + data
        at = 0
        while (after := self._take(data, at)) is not None:
            at = after
        self._pending = data[at:]

    def finish(self) -> None:
        """Take the end.

        Raises:
            TreeRefused: Something is missing.
        """
        if self._file is not None or self._pending or not self._entries:
            raise TreeRefused("it came to an end in the middle")
        # Last, and inner ones first: a folder may be one that nothing can be written to.
        for path, entry in reversed(self._folders.items()):
            place = self._place(path)
            os.chmod(place, entry.mode | 0o700)  # noqa: PTH101 - names are bytes
            os.utime(place, ns=(entry.modified_ns, entry.modified_ns))

    def close(self) -> None:
        """Let go of the file that is being written."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self, data: bytes, at: int) -> int | None:
        """Take a head, or what there is of a file's bytes; None where more has to come first."""
        if self._file is not None:
            return self._write(data, at) if at < len(data) else None
        if len(data) - at < LENGTH.size:
            return None
        size: int = LENGTH.unpack_from(data, at)[0]
        if size > MOST_HEAD_BYTES:
            raise TreeRefused("an entry's head is too long")
        at += LENGTH.size
        if len(data) - at < size:
            return None
        self._begin(entry_of(data[at : at + size]))
        return at + size

    def _begin(self, entry: Entry) -> None:
        self._entries += 1
        if self._entries > MOST_ENTRIES + 1:
            raise TreeRefused(f"it has more than {MOST_ENTRIES} entries")
        is_top = not entry.path
        if is_top != (self._entries == 1):
            raise TreeRefused("its top does not come first")
        if is_top and entry.kind == "link":
            raise TreeRefused("its top is a link")
        if not is_top and entry.path.rpartition(b"/")[0] not in self._folders:
            raise TreeRefused("an entry is in no folder that came")
        place = self._place(entry.path)
        if entry.kind == "folder":
            os.mkdir(place, 0o700)  # noqa: PTH102 - as above
            self._folders[entry.path] = entry
        elif entry.kind == "known":
            if self._cache is None or not self._cache.take(entry.key, entry.size, place):
                raise TreeRefused("a file is not here that was taken for known")
        elif entry.kind == "link":
            os.symlink(entry.target, place)  # noqa: PTH211 - as above
        else:
            self._most -= entry.size
            if self._most < 0:
                raise TreeRefused("it is too large")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            self._file = os.open(place, flags, 0o600)
            self._entry, self._left = entry, entry.size
            self._end_file()

    def _write(self, data: bytes, at: int) -> int:
        assert self._file is not None
        piece = data[at : at + self._left]
        written = 0
        while written < len(piece):
            written += os.write(self._file, piece[written:])
        self._left -= len(piece)
        self._end_file()
        return at + len(piece)

    def _end_file(self) -> None:
        if self._left or self._file is None:
            return
        assert self._entry is not None
        os.fchmod(self._file, self._entry.mode)
        os.utime(self._file, ns=(self._entry.modified_ns, self._entry.modified_ns))
        self.close()
        if self._entry.key and self._cache is not None:
            self._cache.keep(self._entry.key, self._entry.size, self._place(self._entry.path))

    def _place(self, path: bytes) -> bytes:
        return self._top + b"/" + path if path else self._top
