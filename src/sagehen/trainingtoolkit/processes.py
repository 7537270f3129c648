"""Child processes: shell entry points, and the local ranks of a distributed job."""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import IO

from sagehen.trainingtoolkit.failure import ExecuteUserScriptError
from sagehen.trainingtoolkit.last_words import LastWords

# A process that the child left behind may hold stderr open for ever.
_LAST_OUTPUT_S = 1.0


def run_all(
    command: Sequence[str], environments: Sequence[Mapping[str, str]], shown: str | None = None
) -> None:
    """Run the same command once per environment and wait for all; the first failure ends the others.

    Args:
        command: The words; its stderr is passed on line by line.
        environments: What each process has besides this one's variables.
        shown: The command as the failure file shows it.

    Raises:
        ExecuteUserScriptError: One failed.
    """
    children: list[_Child] = []
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if len(children) < len(environments):
            early.append(number)  # for all, once they are there
        else:
            for child in children:
                child.send(number)

    # Before the first starts: a signal that ended only this process would leave the children behind.
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, forward)
    for environment in environments:
        children.append(_Child(command, {**os.environ, **environment}))
    for number in early:
        forward(number, None)
    ended: queue.SimpleQueue[_Child] = queue.SimpleQueue()
    for child in children:
        child.watch(ended)
    first: _Child | None = None
    for _ in children:
        child = ended.get()
        if child.code and first is None:
            first = child
            forward(signal.SIGTERM, None)
    if first is not None:
        raise ExecuteUserScriptError(first.code, first.last_words(), shown or " ".join(command))


class _Child:
    """One process in a group of its own, so that a signal reaches what it started too."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            list(command), env=dict(environment), stderr=subprocess.PIPE, process_group=0
        )
        self._words = LastWords()
        self.code = 0

    def watch(self, ended: queue.SimpleQueue[_Child]) -> None:
        """Pass stderr on, and put this child into `ended` at its end; both in threads."""
        stream = self._process.stderr
        assert stream is not None
        reader = threading.Thread(target=self._pass_on, args=(stream,), daemon=True)
        reader.start()

        def follow() -> None:
            code = self._process.wait()
            self.code = code if code >= 0 else 128 - code
            reader.join(_LAST_OUTPUT_S)
            ended.put(self)

        threading.Thread(target=follow, daemon=True).start()

    def _pass_on(self, stream: IO[bytes]) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := os.read(stream.fileno(), 65536):  # as it comes: progress bars end no line
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            self._words.feed(decoder.decode(chunk))

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def last_words(self) -> str:
        """Return the error that a traceback ends with, or the last lines of stderr."""
        return str(self._words)
