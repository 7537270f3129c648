"""Starts a function's extensions and then its runtime in their common sandbox, and tells of their ends.

Run as `supervisor.py <folder of extensions> fork|start <the runtime's command>`. `fork` runs the last word,
a Python file, in a fork of this very process, which has loaded what the runtime needs.

    GET  /sagehen/runtime   -> answered when every extension has registered: then the runtime starts
    POST /sagehen/refused   <- an extension that could not be started, and the kernel's errno
    POST /sagehen/ended     <- a process that ended (no name: the runtime), and its exit code
    SIGTERM                 -> the runtime is to end; then
    GET  /sagehen/shutdown  -> answered with the names of the extensions to kill; the others end by themselves

What it says is of its own sandbox alone: who lies in its place breaks only the function that he is part of.
"""

from __future__ import annotations

import os
import runpy
import select
import signal
import socket
import sys
import time
from typing import Any

# Documented: "Using the Lambda Extensions API", environment variables that are the runtime's alone.
_RUNTIMES_OWN = (
    "AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
    "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT", "_HANDLER", "SAGEHEN_LAYERS",
)  # fmt: skip
# Documented there, "Shutdown phase": 300 ms of the two seconds are the runtime's.
_RUNTIME_GRACE_S = 0.3


class Platform:
    """The Runtime API, asked one thing at a time on one connection."""

    def __init__(self, address: str) -> None:
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self._rest = b""

    def send(self, method: str, path: str, body: str = "") -> None:
        content = body.encode("utf-8", "surrogateescape")
        head = f"{method} /sagehen/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
        self.socket.sendall(head.encode() + content)

    def answer(self) -> str:
        """Wait for the whole answer to what was sent and return its body."""
        while b"\r\n\r\n" not in self._rest:
            self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(self._rest) < length:
            self._receive()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body.decode("utf-8", "surrogateescape")

    def ask(self, method: str, path: str, body: str = "") -> str:
        self.send(method, path, body)
        return self.answer()

    def _receive(self) -> None:
        received = self.socket.recv(65536)
        if not received:
            os._exit(1)  # the platform is gone, and with it everything here
        self._rest += received


class Supervisor:
    """The first process of the sandbox.

    Args:
        folder: Where extensions lie.
        forks: The runtime is a fork of this process.
        command: The runtime's.
    """

    def __init__(self, folder: str, forks: bool, command: list[str]) -> None:
        address = os.environ["AWS_LAMBDA_RUNTIME_API"]
        self._folder = folder
        self._forks = forks
        self._command = command
        # One is asked for what takes its time, the other tells meanwhile.
        self._waiting, self._telling = Platform(address), Platform(address)
        self._children: dict[int, str] = {}
        self._runtime = 0
        self._is_ending = False
        self._kill_at = 0.0
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(self._wake, False)

    def run(self) -> bool:
        """Supervise until everything has ended; True in the fork that is to become the runtime."""
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._begin_to_end)
        self._waiting.send("GET", "runtime")
        with os.scandir(self._folder) as entries:
            found = sorted((one.name, one.path) for one in entries if not one.is_dir(follow_symlinks=False))
        for name, path in found:
            self._launch(name, path)
        may_start = False
        while not self._is_ending or self._runtime:
            watched = [self._awake] if may_start else [self._awake, self._waiting.socket.fileno()]
            ready, _, _ = select.select(watched, [], [], self._patience_s())
            if self._awake in ready:
                os.read(self._awake, 4096)
                self._reap()
            if self._waiting.socket.fileno() in ready:
                self._waiting.answer()
                may_start = True
                if not self._is_ending and self._start_runtime():
                    return True
            if self._is_ending and self._runtime and time.monotonic() >= self._kill_at:
                self._kill_at = float("inf")
                os.killpg(self._runtime, signal.SIGKILL)
        self._kill(self._telling.ask("GET", "shutdown"))
        while self._children:
            pid, _ = os.wait()
            self._children.pop(pid, None)
        os._exit(0)

    def _launch(self, name: str, path: str) -> None:
        environment = {key: value for key, value in os.environ.items() if key not in _RUNTIMES_OWN}
        try:
            self._children[_spawned([path], environment, output=2)] = name
        except OSError as error:
            self._telling.ask("POST", "refused", f"{name}\n{error.errno}")

    def _start_runtime(self) -> bool:
        if self._forks:
            self._runtime = os.fork()
            if self._runtime == 0:
                self._leave()
                return True
        else:
            program = sys.executable if self._command[0] == "python" else self._command[0]
            try:
                self._runtime = _spawned([program, *self._command[1:]], dict(os.environ), output=1)
            except OSError as error:
                self._telling.ask("POST", "refused", f"\n{error.errno}")
                return False
        self._children[self._runtime] = ""
        return False

    def _leave(self) -> None:
        """Be a process like one that was just started."""
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for fd in (self._awake, self._wake):
            os.close(fd)
        self._waiting.socket.close()
        self._telling.socket.close()
        os.dup2(1, 2)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            name = self._children.pop(pid, None)
            if name is None:
                continue
            if pid == self._runtime:
                self._runtime = 0
            self._telling.ask("POST", "ended", f"{name}\n{os.waitstatus_to_exitcode(status)}")

    def _begin_to_end(self, *_: Any) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        self._kill_at = time.monotonic() + _RUNTIME_GRACE_S
        if self._runtime:
            os.kill(self._runtime, signal.SIGTERM)

    def _patience_s(self) -> float | None:
        if not self._is_ending or self._kill_at == float("inf"):
            return None
        return max(0.0, self._kill_at - time.monotonic())

    def _kill(self, names: str) -> None:
        for pid, name in self._children.items():
            if name in names.split("\n"):
                os.killpg(pid, signal.SIGKILL)


def _spawned(command: list[str], environment: dict[str, str], output: int) -> int:
    """Start a program in a group of its own; both its streams go to ours of that number."""
    return os.posix_spawn(
        command[0], command, environment, setpgroup=0,
        setsigdef=[signal.SIGCHLD, signal.SIGTERM, signal.SIGPIPE],
        file_actions=[(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)],
    )  # fmt: skip


if __name__ == "__main__":
    _folder, _how, *_command = sys.argv[1:]
    if Supervisor(_folder, _how == "fork", _command).run():
        sys.argv = _command[-1:]
        runpy.run_path(_command[-1], run_name="__main__")
