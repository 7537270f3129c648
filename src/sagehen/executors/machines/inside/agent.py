"""A machine's first process: starts others when it is told to, over a port of the machine's own loopback.

Run as `python -m sagehen.executors.machines.inside.agent`; SAGEHEN_MACHINE holds its port and token. A
connection is one process: one line of JSON says what to run, then frames come back (a kind, four bytes of
length, the content): `o` output, `x` the exit code. Who closes the connection early ends the process with all
of its group. What a process left in the background stays.

A request with `streams` is a `Session`, with frames in both directions. SIGUSR1 turns the machine off,
SIGUSR2 lets it be started again: the exit code tells which.

Everything inside is one user's: the token keeps nobody of the machine out, but where there are no private
networks, the host's others.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import selectors
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagehen.executors.machines.inside.connection import PIECE_BYTES, Connection
from sagehen.executors.machines.inside.process import become
from sagehen.executors.machines.inside.session import Session, request_in

VARIABLE = "SAGEHEN_MACHINE"
# What wrappers of `shutdown` and its like send, and with what the agent then ends.
OFF, REBOOT = 80, 81
_POWER = {signal.SIGUSR1: OFF, signal.SIGUSR2: REBOOT}
_POWER_GRACE_S = 2.0
PID_FILE = Path("/run/sagehen-agent.pid")
_MOST_REQUEST_BYTES = 4 << 20  # a lifecycle script has 16 kB, its variables as much
# Connections that have not asked for anything that they may. The platform's ask at once: where there are
# more, the first of them goes, so that nobody who connects and says nothing keeps it out.
_MOST_SILENT = 64
# Connections at all: no more are accepted until some have gone. Beyond the process's descriptors, each
# attempt to accept one would fail at once and again and again.
_MOST_CONNECTIONS = 256


class Agent:
    """Serves until SIGTERM, which it passes on, and until what got it has ended."""

    def __init__(self, port: int, token: str) -> None:
        self._token = token
        self._selector = selectors.DefaultSelector()
        self._tasks: dict[int, Task | Session] = {}
        self._silent: dict[Task, None] = {}  # in the order in which they came
        self._connections = 0
        self._ending = False
        self._code = 0
        self._deadline: float | None = None
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(64)
        self._listener.setblocking(False)
        self._woken, wakes = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, *_POWER):
            signal.signal(number, self._on_signal)
        self.watch(self._listener, selectors.EVENT_READ, self._accept)
        self.watch(self._woken, selectors.EVENT_READ, self._wake)

    def serve(self) -> int:
        """Run the loop; return the exit code."""
        while not (self._ending and not self._tasks) and not self._is_over():
            for key, events in self._selector.select(None if self._deadline is None else 0.1):
                # One of them may have closed what another waits for.
                if self._selector.get_map().get(key.fd) is key:
                    key.data(events)
        return self._code

    def _is_over(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def watch(self, file: Any, events: int, call: Callable[[int], None]) -> None:
        """Have `call` called at these events, in the place of what was called before; 0 is no event."""
        known = file in self._selector.get_map()
        if known and not events:
            self._selector.unregister(file)
        elif known:
            self._selector.modify(file, events, call)
        elif events:
            self._selector.register(file, events, call)

    def started(self, pid: int, task: Task | Session) -> None:
        """Know whose child a process is."""
        self._tasks[pid] = task

    def may_run(self, token: object) -> bool:
        """Tell whether who asks may."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self._token.encode())

    def _accept(self, _: int) -> None:
        with contextlib.suppress(OSError):
            connection, _address = self._listener.accept()
            connection.setblocking(False)
            self._connections += 1
            self._silent[Task(self, connection)] = None
        if len(self._silent) > _MOST_SILENT:
            next(iter(self._silent)).close()
        if self._connections >= _MOST_CONNECTIONS:
            self.watch(self._listener, 0, self._accept)

    def asked(self, task: Task) -> None:
        """Know that somebody has said what he wants, and may."""
        self._silent.pop(task, None)

    def closed(self, task: Task) -> None:
        """Know that a connection is over."""
        self._silent.pop(task, None)
        self._connections -= 1
        if self._connections < _MOST_CONNECTIONS:
            self.watch(self._listener, selectors.EVENT_READ, self._accept)

    def _on_signal(self, number: int, _: object) -> None:
        if number in _POWER:
            self._code = _POWER[signal.Signals(number)]
            self._deadline = time.monotonic() + _POWER_GRACE_S
        if number != signal.SIGCHLD:
            self._ending = True
            for pid in self._tasks:
                with contextlib.suppress(OSError):
                    os.killpg(pid, signal.SIGTERM)

    def _wake(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 4096)
        for pid, task in list(self._tasks.items()):
            ended, how = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._tasks[pid]
                code = os.waitstatus_to_exitcode(how)
                task.ended(128 - code if code < 0 else code)


class Task:
    """One connection: what it asks for, and the process that came of it."""

    def __init__(self, agent: Agent, connection: socket.socket) -> None:
        self._agent = agent
        self._connection = Connection(connection, lambda: agent.closed(self))
        self._request = bytearray()
        self._pid = 0
        self._pipe: int | None = None
        self._code: int | None = None
        agent.watch(connection, selectors.EVENT_READ, self._read)

    def ended(self, code: int) -> None:
        """Tell the exit code behind what is still in the pipe; more may come of children left behind."""
        self._code = code
        self._drain()
        self._tell(b"x", str(code).encode())

    def _read(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._flush()
        if not events & selectors.EVENT_READ or self._connection.socket is None:
            return
        data = self._connection.read()
        if data is None:
            return
        if not data:
            self.close()
        elif not self._pid:
            self._request += data
            if b"\n" in self._request:
                self._start()
            elif len(self._request) > _MOST_REQUEST_BYTES:
                self.close()

    def _start(self) -> None:
        try:
            request, rest = request_in(bytes(self._request))
            if not self._agent.may_run(request["token"]):
                raise PermissionError("not for you")
            self._agent.asked(self)
            if request.get("streams"):
                connection = self._connection
                self._agent.watch(connection.socket, 0, self._read)
                Session(self._agent, connection, request, rest, VARIABLE)
                return
            self._run(request)
        except Exception as error:
            self._tell(b"o", f"{type(error).__name__}: {error}\n".encode("utf-8", "replace"))
            self._tell(b"x", b"127")
        self._request.clear()

    def _run(self, request: dict[str, Any]) -> None:
        command = list(request["command"])
        if "script" in request:
            content = base64.b64decode(request["script"], validate=True)
            descriptor, path = tempfile.mkstemp(prefix=f"{Path(request['name']).name}-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(path).chmod(0o700)
            command.append(path)
        if not command or not all(isinstance(word, str) for word in command):
            raise ValueError("no command")
        environment = {**os.environ, **request["environment"]}
        environment.pop(VARIABLE, None)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            null = os.open(os.devnull, os.O_RDONLY)
            fds = (null, write, write)
            preloaded = request["preloaded"]
            become(command, environment, request["directory"], fds, only_there=True, preloaded=preloaded)
        os.close(write)
        os.set_blocking(read, False)
        self._pid, self._pipe = pid, read
        self._agent.started(pid, self)
        self._agent.watch(read, selectors.EVENT_READ, self._drain)

    def _drain(self, _: int = 0) -> None:
        if self._pipe is None:
            return
        while True:
            if self._connection.is_full and self._code is None:
                self._agent.watch(self._pipe, 0, self._drain)  # until somebody has read
                return
            try:
                data = os.read(self._pipe, PIECE_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._agent.watch(self._pipe, 0, self._drain)
                os.close(self._pipe)
                self._pipe = None
                return
            self._tell(b"o", data)

    def _tell(self, kind: bytes, content: bytes) -> None:
        self._connection.say(kind, content)
        self._flush()

    def _flush(self) -> None:
        if self._connection.socket is None:
            return
        if not self._connection.flush():
            self.close()
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._connection.holds else 0)
        self._agent.watch(self._connection.socket, wanted, self._read)
        if self._pipe is not None and not self._connection.is_full:
            self._agent.watch(self._pipe, selectors.EVENT_READ, self._drain)

    def close(self) -> None:
        """Nobody listens any more: what still runs of it is ended; what it prints goes nowhere."""
        if self._connection.socket is not None:
            self._agent.watch(self._connection.socket, 0, self._read)
        self._connection.close()
        if self._pid and self._code is None:
            with contextlib.suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)


def main() -> None:
    """Serve as the variable says."""
    port, _, token = os.environ.pop(VARIABLE).partition(":")
    sys.dont_write_bytecode = True
    with contextlib.suppress(OSError):
        PID_FILE.write_text(f"{os.getpid()}\n")
    sys.exit(Agent(int(port), token).serve())


if __name__ == "__main__":
    main()
