"""A real model server in a process of its own, with code written by the test."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self._path)


class Server:
    """The process and a client for it."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process
        self.socket = folder / "server.sock"

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return response.status, names, response.read()
        finally:
            connection.close()

    def invoke(
        self, body: bytes | str, content_type: str = "application/json", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", "/invocations", raw, {"content-type": content_type, **named})

    def wait_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended: {self.log()}")
            try:
                if self.request("GET", "/ping")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("not ready in time")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(35)


StartServer = Callable[..., Server]


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    servers: list[Server] = []

    def start(
        code: str | None,
        *,
        wait: bool = True,
        prepare: Callable[[Path], object] = lambda model_dir: None,
        **env: str,
    ) -> Server:
        # Not pytest's own deep folder: a unix socket's path must stay short.
        folder = tmp_path_factory.mktemp("ms")
        (folder / "model" / "code").mkdir(parents=True)
        if code is not None:
            (folder / "model" / "code" / "inference.py").write_text(textwrap.dedent(code))
        prepare(folder / "model")
        environment = {
            "PATH": os.environ["PATH"],
            "SM_MODEL_DIR": str(folder / "model"),
            "SAGEHEN_PACKAGES": str(folder / "packages"),
            "SAGEHEN_CPUS": "1",
            **env,
        }
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sagehen.modelserver", "--uds", str(folder / "server.sock")],
                env=environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        server = Server(folder, process)
        servers.append(server)
        if wait:
            server.wait_ready()
        return server

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()
