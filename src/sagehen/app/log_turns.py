"""The platform's log as a file, of which two are kept: one being written, and the one before.

`logging`'s RotatingFileHandler has a file of its own: what a crash or a library writes to standard error
would go on into one that is renamed, then deleted. Here standard error itself moves to the new file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import TextIO

# Each answer of 500 and more has a line of some 170 bytes, and code in jobs may ask for 501s at any rate.
_MOST_BYTES = 64 * 2**20
# How many records come between two looks at the file.
_LOOK_EVERY = 1000
_STDOUT, _STDERR = 1, 2


class TurningLog(logging.StreamHandler[TextIO]):
    """Writes to standard error. Where that is the given file, begins a new one once it is full.

    Args:
        log: Where `sagehen up --detach` has it write; a terminal, or who else reads it, is left alone.
        most_bytes: Of a file, but for the records between two looks.
        look_every: Records.
    """

    def __init__(self, log: Path, most_bytes: int = _MOST_BYTES, look_every: int = _LOOK_EVERY) -> None:
        super().__init__(sys.stderr)
        self._log, self._most_bytes, self._look_every = log, most_bytes, look_every
        self._records = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; logging has others wait meanwhile."""
        super().emit(record)
        self._records += 1
        if self._records % self._look_every == 0:
            with contextlib.suppress(OSError):  # a full disk, say: it is written to the same file as before
                self._turn()

    def _turn(self) -> None:
        written = os.fstat(_STDERR)
        if written.st_size < self._most_bytes or not os.path.samestat(written, self._log.stat()):
            return
        # Opened first: without a descriptor to spare nothing is renamed.
        beside = self._log.with_name(f"{self._log.name}.new")
        new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            self._log.replace(self._log.with_name(f"{self._log.name}.1"))
            beside.replace(self._log)
            for descriptor in (_STDOUT, _STDERR):
                if os.path.samestat(os.fstat(descriptor), written):
                    os.dup2(new, descriptor)
        finally:
            os.close(new)
