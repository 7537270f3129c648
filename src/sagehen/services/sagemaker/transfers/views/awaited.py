"""Awaited: files that are there by name and size, and whose content is not, or is on its way."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from sagehen.domain.ports.storage.objects import ObjectSummary
from sagehen.executors.folders.openings import FileId


@dataclass(slots=True, eq=False)
class AwaitedFile:
    """One of them.

    Args:
        summary: Of the object, as the file shows its size.
        begun: Somebody fills it, or has tried to.
        content: Whether it may be opened, once that is known; made when somebody first asks.
    """

    id: FileId
    path: Path
    bucket: str
    summary: ObjectSummary
    begun: bool = False
    content: Future[bool] | None = field(default=None, repr=False)


class Awaited:
    """All of one attempt at a job. Thread-safe: those who open files ask in a thread of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[FileId, AwaitedFile] = {}
        self._in_order: deque[AwaitedFile] = deque()
        self._of_folder: dict[Path, int] = {}

    def __len__(self) -> int:
        return len(self._files)

    def add(self, file: AwaitedFile) -> bool:
        """Add a file; return whether it is the first of its folder."""
        with self._lock:
            self._files[file.id] = file
            self._in_order.append(file)
            count = self._of_folder[file.path.parent] = self._of_folder.get(file.path.parent, 0) + 1
            return count == 1

    def content_of(self, file_id: FileId) -> tuple[AwaitedFile, Future[bool]] | None:
        """Return what tells whether a file may be opened; None where it may."""
        with self._lock:
            file = self._files.get(file_id)
            if file is None:
                return None
            if file.content is None:
                file.content = Future()
            return file, file.content

    def begin_next(self) -> AwaitedFile | None:
        """Return the next that nobody has begun, in the order in which they came; None: there is none."""
        with self._lock:
            while self._in_order:
                file = self._in_order.popleft()
                if not file.begun:
                    file.begun = True
                    return file
            return None

    def begin(self, file: AwaitedFile) -> bool:
        """Return whether this one is to be filled by who asks."""
        with self._lock:
            begun, file.begun = file.begun, True
            return not begun

    def filled(self, file: AwaitedFile) -> bool:
        """Let a file be opened; return whether it was the last of its folder."""
        with self._lock:
            del self._files[file.id]
            left = self._of_folder[file.path.parent] = self._of_folder[file.path.parent] - 1
            content = file.content
        if content is not None:
            content.set_result(True)
        return not left

    def failed(self, file: AwaitedFile) -> None:
        """Refuse a file from now on."""
        with self._lock:
            if file.content is None:
                file.content = Future()
        file.content.set_result(False)
