"""The profiler's files: one for each instance and minute, on disk until the minute is over, then in S3."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sagehen.services.sagemaker.training.profiler.events import Event

_MINUTE_S = 60
# Documented: smdebug's constants and its example /profiler-output/system/incremental/2020060500/...
SYSTEM = "profiler-output/system"


@dataclass(frozen=True, slots=True)
class Minute:
    """One instance's minute. `start` is in seconds since the epoch, a multiple of 60."""

    node: str
    start: int

    @classmethod
    def of(cls, event: Event) -> Minute:
        """Return the minute that an event belongs to."""
        return cls(event.node, int(event.time_s) // _MINUTE_S * _MINUTE_S)

    @property
    def key(self) -> str:
        """Return its key below `<S3OutputPath>/<job>/`.

        Readers list keys in order and go on from the last, so the hour is a folder and the minute a name.
        """
        hour = time.strftime("%Y%m%d%H", time.gmtime(self.start))
        return f"{SYSTEM}/incremental/{hour}/{self.start}.{self.node}.json"


class MinuteFiles:
    """Writes events to files in a folder of the platform's own. Blocking; may be called from any thread.

    Once closed, it takes no more: a thread that still samples is not waited for.

    Args:
        folder: Of this job's profiler; made here, in a folder that is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._open: dict[str, tuple[Minute, IO[str]]] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def write(self, events: Iterable[Event]) -> list[Minute]:
        """Append events, in the order of time; return the minutes that are over by that."""
        with self._lock:
            return [] if self._is_closed else self._write(events)

    def _write(self, events: Iterable[Event]) -> list[Minute]:
        over: list[Minute] = []
        for event in events:
            minute = Minute.of(event)
            if (opened := self._open.get(event.node)) is not None and opened[0] != minute:
                over += self._close(event.node)
            if event.node not in self._open:
                # Appended to: the clock of the machine may be set back into a minute that was there.
                self._open[event.node] = minute, self.path(minute).open("a", encoding="utf-8")
            self._open[event.node][1].write(event.line())
        return over

    def close(self) -> list[Minute]:
        """Return the minutes that had not ended."""
        with self._lock:
            self._is_closed = True
            return [minute for node in list(self._open) for minute in self._close(node)]

    def path(self, minute: Minute) -> Path:
        """Return where a minute's file is before it is in S3."""
        return self._folder / f"{minute.start}.{minute.node}.json"

    def _close(self, node: str) -> list[Minute]:
        minute, file = self._open.pop(node)
        file.close()
        return [minute]
