"""`python -m ...worker`: a query's own process: it reads a task and says what comes of it.

It shares no interpreter with the platform, whose event loop it cannot hold up, is kinder than others to the
processors, and ends with the platform.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import threading
from pathlib import Path

from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.insights.commands.pipeline import Pipeline
from sagehen.services.logs.insights.queries.frames import Kind, Task, frame, read_task, written
from sagehen.services.logs.insights.queries.query import Outcome, Status
from sagehen.services.logs.insights.queries.records import PAGE_ROWS, packed
from sagehen.services.logs.insights.queries.running import Run
from sagehen.services.logs.insights.queries.scanning import Scanner
from sagehen.services.logs.streams.records import StreamRecords
from sagehen.store.read_only import ReadOnlyDatabase

# Beside a busy job it gets a quarter of a processor.
_NICENESS = 5
# Beside what the stages count (`Task.most_bytes`): the interpreter, and what Python takes for it.
_MORE_BYTES = 1 << 30


class Worker:
    """One query.

    Args:
        task: What is asked.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._told_rows = 0

    def run(self) -> None:
        """Go through the events, and say what is found."""
        task = self._task
        database = ReadOnlyDatabase(Path(task.database))
        scanner = Scanner(StreamRecords(database), EventRecords(database, Outbox(database)))
        pipeline = Pipeline(task.text, task.limit, task.most_bytes)
        run = Run(pipeline, len(task.groups), task.longest_s, tell=self._tell)
        rows = scanner.rows(task.scope, task.groups, task.start_ms, task.end_ms, in_order=pipeline.in_order)
        try:
            outcome = run.finish(rows)
        except MemoryError:
            outcome = Outcome(Status.FAILED, run.statistics)
        if outcome.status is Status.COMPLETE:
            self._tell_rows(run, len(run.rows))
        _say(Kind.OUTCOME, written(outcome))

    def _tell(self, run: Run) -> None:
        self._tell_rows(run, len(run.rows) // PAGE_ROWS * PAGE_ROWS)
        _say(Kind.PROGRESS, written(Outcome(Status.RUNNING, run.statistics)))

    def _tell_rows(self, run: Run, upto: int) -> None:
        for page in packed(run.rows[self._told_rows : upto]):
            _say(Kind.PAGE, page)
        self._told_rows = upto


def _say(kind: Kind, payload: bytes) -> None:
    sys.stdout.buffer.write(frame(kind, payload))
    sys.stdout.buffer.flush()


def _end_with_the_platform() -> None:
    """Its end of the pipe is closed when it ends, however it does."""
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Do one task."""
    task = read_task(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_platform, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    most = task.most_bytes + _MORE_BYTES
    with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    Worker(task).run()
    sys.stdout.buffer.flush()
    os._exit(0)  # the thread that waits for the platform's end waits still


if __name__ == "__main__":
    main()
