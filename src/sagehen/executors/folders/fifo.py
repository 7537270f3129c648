"""Fifo: a named pipe in a folder that a job may do with as it likes, written by the platform.

The job may put anything in the pipe's place, a link to a file of the host's included. So the pipe is made
where the job cannot look, is held by a descriptor from then on, and is opened through that alone: its name is
only where the job finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Nobody tells when a pipe gets its first reader: it is asked for, soon at first.
_FIRST_LOOK_S = 0.005
_LAST_LOOK_S = 0.1
# Written in one go, while the event loop waits: 0.1 ms.
_PIECE_BYTES = 256 * 1024
# What an ordinary user may have for a pipe (fs.pipe-max-size); the default is 64 KiB.
_PIPE_BYTES = 1024 * 1024


class ReaderGone(Exception):
    """Nobody reads any more."""


class PipeFolder:
    """Where a job finds its pipes.

    Args:
        folder: The job's own; opened before the job begins, as what it finds later may be something else.
        workshop: Where pipes are made, on the same file system, out of the job's reach.
    """

    def __init__(self, folder: Path, workshop: Path) -> None:
        workshop.mkdir(exist_ok=True)
        self._workshop = workshop
        self._folder = os.open(folder, _FOLDER)

    def make(self, name: str) -> Fifo:
        """Make a pipe and put it in its place; what the job has put there is gone.

        Raises:
            OSError: The job has put a folder there, or taken its own folder away.
        """
        place = self._workshop / "pipe"
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        place.chmod(0o644 if os.geteuid() else 0o444)  # for the sandbox's user, whoever that is
        pipe = os.open(place, os.O_PATH | os.O_NOFOLLOW)
        try:
            os.rename(place, name, dst_dir_fd=self._folder)
        except OSError:
            os.close(pipe)
            raise
        return Fifo(pipe, self._folder, name)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)


class Fifo:
    """One pipe. Made by PipeFolder.

    Args:
        pipe: A descriptor of the pipe itself, not open for reading or writing.
        folder: A descriptor of its folder, which stays open longer than this.
        name: Within it.
    """

    def __init__(self, pipe: int, folder: int, name: str) -> None:
        self._pipe = pipe
        self._folder = folder
        self._name = name
        self._end: int | None = None

    async def wait_for_reader(self) -> None:
        """Return once somebody has opened it for reading."""
        pause = _FIRST_LOOK_S
        while True:
            try:
                self._end = os.open(f"/proc/self/fd/{self._pipe}", os.O_WRONLY | os.O_NONBLOCK)
                break
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LAST_LOOK_S)
        with contextlib.suppress(OSError):  # more than this user may have for all pipes together
            fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    async def write(self, data: bytes) -> None:
        """Write all of `data`, as fast as it is read.

        Raises:
            ReaderGone
        """
        assert self._end is not None, "nobody has opened it yet"
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._end, rest[:_PIECE_BYTES]) :]
            except BlockingIOError:
                await _writable(self._end)
            except BrokenPipeError:
                raise ReaderGone from None

    def remove(self) -> None:
        """End it: its reader comes to the end of what was written, and its name is gone."""
        for descriptor in (self._end, self._pipe):
            if descriptor is not None:
                os.close(descriptor)
        self._end = None
        self._pipe = -1
        with contextlib.suppress(OSError):  # the job has removed it, or put a folder there
            os.unlink(self._name, dir_fd=self._folder)


async def _writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_writer(descriptor, tell)
    try:
        await ready
    finally:
        loop.remove_writer(descriptor)
