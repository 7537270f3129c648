"""A two-way connection to a process: its three streams, or a terminal, and signals.

Frames in both directions are a kind, four bytes of length, the content. To here: `i` input, `e` its end, `r`
a terminal's new size (columns and rows, as text), `k` a signal's name. From here: `s` it runs, `n` there is
no such user, `o` output, `f` what it printed as errors, `c` it reads no more, `x` its exit code.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import pwd
import selectors
import signal
import struct
import termios
from pathlib import Path
from typing import Any, Protocol

from sagehen.executors.machines.inside.connection import PIECE_BYTES, Connection
from sagehen.executors.machines.inside.process import become, give, write_file

_MOST_FRAME_BYTES = 1 << 20
_MOST_HELD_BYTES = 1 << 20
_SIGNALS = {one.name.removeprefix("SIG"): one for one in signal.Signals}


class Loop(Protocol):
    """What a session takes of the agent."""

    def watch(self, file: Any, events: int, call: Any) -> None: ...
    def started(self, pid: int, task: Any) -> None: ...


class Session:
    """One process with a connection of its own.

    Args:
        loop: The agent.
        connection: To who asked.
        request: What to run; checked here.
        rest: What came behind the request.
    """

    def __init__(
        self, loop: Loop, connection: Connection, request: dict[str, Any], rest: bytes, own: str
    ) -> None:
        self._loop = loop
        self._connection = connection
        self._in = bytearray(rest)
        self._input = bytearray()
        self._input_ends = False
        self._pid = 0
        self._code: int | None = None
        self._stdin: int | None = None
        self._outputs: dict[int, bytes] = {}
        self._terminal: int | None = None
        self._log: int | None = None
        try:
            self._run(request, own)
        except KeyError:
            self._tell(b"n", b"")
        except Exception as error:
            self._tell(b"s", b"")
            self._tell(b"f", f"{type(error).__name__}: {error}\n".encode("utf-8", "replace"))
            self._tell(b"x", b"127")
        self._parse()
        self._watch_connection()

    def ended(self, code: int) -> None:
        """Tell the exit code behind what it printed; what its children print later is left."""
        self._code = code
        for fd in list(self._outputs):
            self._drain(fd)
        for fd in list(self._outputs):
            self._shut(fd)
        self._close_input()
        self._tell(b"x", str(code).encode())

    def terminate(self, number: int) -> None:
        """Send a signal to its group."""
        with contextlib.suppress(OSError):
            os.killpg(self._pid, number)

    def _run(self, request: dict[str, Any], own: str) -> None:
        for path, content, mode, appends, owner in request.get("files", ()):
            write_file(path, base64.b64decode(content, validate=True), mode, appends, owner)
        if request.get("files_only"):
            self._tell(b"s", b"")
            self._tell(b"x", b"0")
            return
        words, user = list(request["command"]), request["user"]
        if not all(isinstance(word, str) for word in words):
            raise ValueError("no command")
        home = pwd.getpwnam(user).pw_dir if user else "/"
        environment = {**os.environ, **request["environment"]}
        environment.pop(own, None)
        directory = request["directory"] or home
        shell = environment.get("SHELL", "/bin/sh")
        if request.get("log"):
            Path(request["log"]).parent.mkdir(parents=True, exist_ok=True)
            self._log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        size = request.get("terminal")
        if size:
            self._terminal, inner = os.openpty()
            give(inner, user)
            self._resize(int(size[0]), int(size[1]))
            fds: tuple[int, int, int] = (inner, inner, inner)
            mine: tuple[int, ...] = (self._terminal,)
            self._stdin = self._terminal
            self._outputs = {self._terminal: b"o"}
        else:
            (stdin, to), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
            fds, mine = (stdin, stdout, stderr), (to, out, err)
            self._stdin = to
            self._outputs = {out: b"o", err: b"f"}
        its_own, tells = os.pipe()
        try:
            pid = os.fork()
        except OSError:  # as many processes as there may be
            self._outputs, self._terminal, self._stdin = {}, None, None
            for fd in {*fds, *mine, its_own, tells}:
                os.close(fd)
            raise
        if pid == 0:
            become(words, environment, directory, fds, shell=shell, user=user, is_terminal=bool(size))
        os.close(tells)
        os.read(its_own, 1)  # until it has a session: a signal to its group would be lost before
        os.close(its_own)
        for fd in set(fds):
            os.close(fd)
        for fd in mine:
            os.set_blocking(fd, False)
        self._pid = pid
        self._loop.started(pid, self)
        self._tell(b"s", b"")
        for fd in self._outputs:
            self._watch_output(fd)

    def _on_connection(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._flush()
        if not events & selectors.EVENT_READ or self._connection.socket is None:
            return
        data = self._connection.read()
        if data is None:
            return
        if not data:
            self._close()
            return
        self._in += data
        self._parse()
        self._watch_connection()

    def _parse(self) -> None:
        while len(self._in) >= 5 and self._connection.socket is not None:
            kind, size = self._in[:1], struct.unpack_from("!I", self._in, 1)[0]
            if size > _MOST_FRAME_BYTES:
                self._close()
                return
            if len(self._in) < 5 + size:
                return
            content = bytes(self._in[5 : 5 + size])
            del self._in[: 5 + size]
            with contextlib.suppress(ValueError, KeyError, OSError):
                self._obey(bytes(kind), content)

    def _obey(self, kind: bytes, content: bytes) -> None:
        if kind == b"i":
            if self._stdin is not None:
                self._input += content
                self._feed()
        elif kind == b"e":
            self._input_ends = True
            self._feed()
        elif kind == b"r":
            columns, rows = content.split()
            self._resize(int(columns), int(rows))
        elif kind == b"k" and self._pid and self._code is None:
            number = _SIGNALS[content.decode()]
            groups = {self._pid}
            if self._terminal is not None:
                foreground = os.tcgetpgrp(self._terminal)
                # A line that breaks hangs up the shell, too, which tells the jobs behind it.
                groups = {foreground, self._pid} if number == signal.SIGHUP else {foreground}
            for group in groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, number)

    def _resize(self, columns: int, rows: int) -> None:
        if self._terminal is not None:
            size = struct.pack("HHHH", min(rows, 65535), min(columns, 65535), 0, 0)
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    def _feed(self, _: int = 0) -> None:
        if self._stdin is None:
            self._input.clear()
            return
        try:
            while self._input:
                del self._input[: os.write(self._stdin, self._input[:PIECE_BYTES])]
        except BlockingIOError:
            pass
        except OSError:
            self._close_input()
            return
        if not self._input and self._input_ends:
            if self._terminal is None:
                self._close_input()
            else:  # a terminal's end of file is what somebody types
                self._input_ends = False
                with contextlib.suppress(OSError):
                    os.write(self._stdin, b"\x04")
            return
        self._watch_terminal_or_input()
        self._watch_connection()

    def _watch_terminal_or_input(self) -> None:
        if self._stdin is None:
            return
        if self._stdin == self._terminal:
            self._watch_output(self._stdin)
        else:
            events = selectors.EVENT_WRITE if self._input else 0
            self._loop.watch(self._stdin, events, self._feed)

    def _close_input(self) -> None:
        self._input.clear()
        if self._stdin is not None and self._stdin != self._terminal:
            self._loop.watch(self._stdin, 0, self._feed)
            os.close(self._stdin)
            self._tell(b"c", b"")
        self._stdin = None
        self._watch_connection()

    def _watch_output(self, fd: int) -> None:
        if fd not in self._outputs:
            return
        events = 0 if self._connection.is_full else selectors.EVENT_READ
        if fd == self._terminal and self._input:
            events |= selectors.EVENT_WRITE

        def ready(happened: int) -> None:
            if happened & selectors.EVENT_WRITE:
                self._feed()
            if happened & selectors.EVENT_READ:
                self._drain(fd)

        self._loop.watch(fd, events, ready)

    def _drain(self, fd: int) -> None:
        while fd in self._outputs:
            if self._connection.is_full and self._code is None:
                self._watch_output(fd)
                return
            try:
                data = os.read(fd, PIECE_BYTES)
            except BlockingIOError:
                return
            except OSError:  # a terminal that nobody has open any more
                data = b""
            if not data:
                self._shut(fd)
                return
            if self._log is not None:
                with contextlib.suppress(OSError):
                    os.write(self._log, data)
            self._tell(self._outputs[fd], data)

    def _shut(self, fd: int) -> None:
        if self._outputs.pop(fd, None) is None:
            return
        self._loop.watch(fd, 0, self._drain)
        if fd == self._terminal:
            self._terminal = None
            self._stdin = None
        os.close(fd)

    def _tell(self, kind: bytes, content: bytes) -> None:
        self._connection.say(kind, content)
        self._flush()

    def _flush(self) -> None:
        if self._connection.socket is None:
            return
        if not self._connection.flush():
            self._close()
            return
        self._watch_connection()
        for fd in list(self._outputs):
            self._watch_output(fd)

    def _watch_connection(self) -> None:
        if self._connection.socket is None:
            return
        events = selectors.EVENT_WRITE if self._connection.holds else 0
        if len(self._input) <= _MOST_HELD_BYTES:
            events |= selectors.EVENT_READ
        self._loop.watch(self._connection.socket, events, self._on_connection)

    def _close(self) -> None:
        """Nobody listens any more: the process is hung up, as where a terminal's line breaks."""
        if self._connection.socket is not None:
            self._loop.watch(self._connection.socket, 0, self._on_connection)
        self._connection.close()
        if self._pid and self._code is None:
            self.terminate(signal.SIGHUP)
            self.terminate(signal.SIGKILL)
        if self._log is not None:
            os.close(self._log)
            self._log = None


def request_in(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return a request, and what came behind its line."""
    line, _, rest = content.partition(b"\n")
    return json.loads(line), rest


__all__ = ["Session", "request_in"]
