"""ReadOnlyDatabase: another process's database, for reading."""

from __future__ import annotations

import threading
from pathlib import Path

from sagehen.store.database import Database


class ReadOnlyDatabase(Database):
    """The platform's database as a process beside it reads it; what writes raises as if it were closed.

    Args:
        path: The database file, which is there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._durability = "normal"
        self._readers = threading.local()
        self._reader_connections = []
        self._closed = True
