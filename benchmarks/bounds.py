"""Bounds: what no server of large objects can pass on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import accepts, free_port, server, wait_until
from benchmarks.rounds import Address


def md5_s(body: bytes) -> float:
    """Return how long an ETag takes: the MD5 of the whole body, which one core computes from end to end."""
    began = time.perf_counter()
    hashlib.md5(body, usedforsecurity=False)
    return time.perf_counter() - began


@contextlib.contextmanager
def bare_server(body: bytes) -> Iterator[Address]:
    """Run a server that does nothing but sendfile."""
    with tempfile.TemporaryDirectory() as folder:
        file, port = Path(folder) / "body", free_port()
        file.write_bytes(body)
        command = [sys.executable, "-m", "benchmarks.servers.sendfile", str(port), str(file)]
        with server(command, log=Path(folder) / "log", cwd=Path(__file__).parent.parent):
            wait_until(lambda: accepts(port), seconds=10, what="the bare server")
            yield Address(port=port)
