"""Servers under measurement, each a process of its own: the platform, moto, and any other."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil


def free_port() -> int:
    """Return a TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether somebody listens on that port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_until(ready: Callable[[], bool], *, seconds: float, step: float = 0.005, what: str) -> None:
    """Poll `ready`. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(step)


def pss_bytes(pid: int) -> int:
    """Return the proportional set size: shared pages are counted once over their sharers."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no Pss of process {pid}")


@contextlib.contextmanager
def server(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a process group of its own; end the group."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=cwd,
            env={**_clean_environment(), **(environment or {})},
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _clean_environment() -> dict[str, str]:
    """Leave out the caller's account, and what would have every start compile all of the source."""
    left_out = ("AWS_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


class Platform:
    """A running platform on a data folder of its own, removed at the end.

    Attributes:
        url: Where it answers.
        keys: The root's access key and secret.
        start_s: From the start of the process until its port was open.
    """

    def __init__(self, *options: str) -> None:
        # Short: a unix socket's path in it must fit into 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="sagehen-bench-"))
        self._options = options
        self._stack = contextlib.ExitStack()
        self.start_s = 0.0

    def __enter__(self) -> Platform:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the process and wait until its port is open."""
        self.port = free_port()
        command = [sys.executable, "-m", "sagehen.cli", "up", "--data", str(self.folder)]
        command += ["--port", str(self.port), *self._options]
        began = time.perf_counter()
        self.process = self._stack.enter_context(server(command, log=self.folder.with_suffix(".log")))
        wait_until(self._open, seconds=60, step=0.002, what="the platform's start")
        self.start_s = time.perf_counter() - began
        facts = self.folder / "platform.json"
        wait_until(facts.exists, seconds=10, what="platform.json")
        self.url = f"http://127.0.0.1:{self.port}"
        roots = json.loads((self.folder / "credentials.json").read_text())
        self.keys = _first_keys(roots)

    def _open(self) -> bool:
        if self.process.poll() is not None:
            log = self.folder.with_suffix(".log").read_text()
            raise RuntimeError(f"the platform did not start:\n{log[-3000:]}")
        return accepts(self.port)

    def stop(self) -> None:
        """End the process; the data folder stays."""
        self._stack.close()
        self.folder.with_suffix(".log").unlink(missing_ok=True)

    def pss_bytes(self) -> int:
        """Return the memory of the platform's own process, without its warm parents and instances."""
        return pss_bytes(self.process.pid)

    def children(self) -> list[psutil.Process]:
        """Return what it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def reset(self) -> float:
        """Empty it (needs --allow-reset); return how long the whole request took, in seconds."""
        request = urllib.request.Request(f"{self.url}/_sagehen/reset", method="POST")
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
        return time.perf_counter() - began


def _first_keys(value: object) -> tuple[str, str]:
    """Find the first pair of keys in credentials.json, whatever it is nested in."""
    if isinstance(value, dict):
        lowered = {str(name).lower().replace("_", ""): item for name, item in value.items()}
        if "accesskeyid" in lowered and "secretaccesskey" in lowered:
            return str(lowered["accesskeyid"]), str(lowered["secretaccesskey"])
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            with contextlib.suppress(LookupError):
                return _first_keys(item)
    raise LookupError("no keys in credentials.json")


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """Run moto's server; return its URL."""
    port = free_port()
    log = Path(tempfile.mkdtemp(prefix="sagehen-bench-moto-")) / "log"
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    try:
        with server(command, log=log):
            wait_until(lambda: accepts(port), seconds=60, what="moto's start")
            yield f"http://127.0.0.1:{port}"
    finally:
        shutil.rmtree(log.parent, ignore_errors=True)
