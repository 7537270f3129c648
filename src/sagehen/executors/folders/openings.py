"""Openings: whoever opens a file below a watched folder waits until it may, whatever namespace he is in.

The kernel asks (fanotify, permission events) a program with CAP_SYS_ADMIN in the machine's own user
namespace; containers and ordinary users have it not. Killing who waits ends his waiting.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import logging
import os
import select
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

_log = logging.getLogger(__name__)
# A file of a machine: (device, inode), the same through every mount.
FileId = tuple[int, int]

# From linux/fanotify.h.
_CLASS_PRE_CONTENT, _CLOEXEC, _NONBLOCK, _UNLIMITED_QUEUE, _UNLIMITED_MARKS = 8, 1, 2, 16, 32
_OPEN_PERM, _EVENT_ON_CHILD = 0x10000, 0x08000000
_MARK_ADD, _MARK_REMOVE, _ALLOW, _DENY = 1, 2, 1, 2
# Since Linux 6.14 a refusal may say what the error is; before, it is EPERM.
_DENY_WITH_EIO = _DENY | errno.EIO << 24
_AT_FDCWD = -100
_EVENT = struct.Struct("=IBBHQii")  # length, version, -, length of this, mask, descriptor, process
_ANSWER = struct.Struct("=iI")
_READ_BYTES = 4096
# Each has a descriptor of ours. A job may have as many threads as it likes; who comes later is refused.
_MOST_HELD = 512


class Openings:
    """Asks for each opening whether it may go on. Who opens a file of this very process always may.

    Args:
        content_of: Asked in a thread of its own. None: it may; else what tells, once it is known, whether it
            may.

    Raises:
        OSError: The kernel has no such thing, or not for us.
    """

    def __init__(self, content_of: Callable[[FileId], Future[bool] | None]) -> None:
        self._content_of = content_of
        self._libc = ctypes.CDLL(None, use_errno=True)
        flags = _CLASS_PRE_CONTENT | _CLOEXEC | _NONBLOCK | _UNLIMITED_QUEUE | _UNLIMITED_MARKS
        self._events = self._called("fanotify_init", flags, os.O_RDONLY | os.O_CLOEXEC)
        self._held: set[int] = set()
        self._lock = threading.Lock()
        self._awake, self._wake = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._go_on, name="openings", daemon=True)
        self._thread.start()

    @classmethod
    def can_be_asked_for(cls) -> bool:
        """Tell whether the kernel asks us."""
        try:
            cls(lambda _: None).close()
        except OSError:
            return False
        return True

    def watch(self, folder: Path) -> None:
        """Ask from now on for the files in a folder, not for those in folders below it.

        Raises:
            OSError
        """
        self._mark(_MARK_ADD, folder)

    def unwatch(self, folder: Path) -> None:
        """Ask no more; openings cost nothing again."""
        with contextlib.suppress(OSError):
            self._mark(_MARK_REMOVE, folder)

    def close(self) -> None:
        """Refuse who waits, and ask no more."""
        os.close(self._wake)
        self._thread.join()
        os.close(self._awake)
        with self._lock:
            for opened in list(self._held):
                self._answer(opened, False)
            os.close(self._events)
            self._events = -1

    def _go_on(self) -> None:
        poll = select.poll()
        poll.register(self._events, select.POLLIN)
        poll.register(self._awake, select.POLLIN)
        while not any(ready == self._awake for ready, _ in poll.poll()):
            try:
                data = os.read(self._events, _READ_BYTES)
            except OSError:  # taken back: who asked was killed
                continue
            at = 0
            while at < len(data):
                length, _, _, _, _, opened, process = _EVENT.unpack_from(data, at)
                at += length
                if opened >= 0:
                    self._decide(opened, process)

    def _decide(self, opened: int, process: int) -> None:
        try:
            found = os.fstat(opened)
            content = None if process == os.getpid() else self._content_of((found.st_dev, found.st_ino))
        except Exception:  # whoever comes next must have an answer, too
            _log.exception("an opening is refused")
            content = Future()
            content.set_result(False)
        with self._lock:
            self._held.add(opened)
            if content is None or len(self._held) > _MOST_HELD:
                self._answer(opened, content is None)
                return
        content.add_done_callback(lambda content: self._settle(opened, content))

    def _settle(self, opened: int, content: Future[bool]) -> None:
        may = not content.cancelled() and content.exception() is None and content.result()
        with self._lock:
            if opened in self._held:
                self._answer(opened, may)

    def _answer(self, opened: int, may: bool) -> None:
        """Let an opening go on, or fail. With the lock held."""
        self._held.discard(opened)
        for answer in (_ALLOW,) if may else (_DENY_WITH_EIO, _DENY):
            try:
                os.write(self._events, _ANSWER.pack(opened, answer))
                break
            except OSError as error:
                if error.errno != errno.EINVAL:
                    break  # who asked was killed
        os.close(opened)

    def _mark(self, action: int, folder: Path) -> None:
        mask = ctypes.c_uint64(_OPEN_PERM | _EVENT_ON_CHILD)
        self._called("fanotify_mark", self._events, action, mask, _AT_FDCWD, os.fsencode(folder))

    def _called(self, name: str, *arguments: object) -> int:
        function = getattr(self._libc, name, None)
        result = -1 if function is None else function(*arguments)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")
        return int(result)
