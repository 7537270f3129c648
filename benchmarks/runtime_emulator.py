"""The runtime interface emulator's way: one process of AWS's runtime client for each function.

The emulator itself is a Go program that answers the Runtime API to one process and has no isolation,
no authorization and no log. This is its Runtime API, in a thread of the benchmark, with nothing in
front of it: the peer's figures hold less work than ours.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class RuntimeEmulator:
    """Runs one handler in one process; `invoke` hands it an event and waits for its answer."""

    def __init__(self) -> None:
        self._events: queue.Queue[bytes] = queue.Queue()
        self._answers: queue.Queue[bytes] = queue.Queue()

    def invoke(self, event: bytes) -> bytes:
        """Return the handler's answer.

        Raises:
            queue.Empty: None within 30 seconds.
        """
        self._events.put(event)
        return self._answers.get(timeout=30)

    @contextlib.contextmanager
    def running(self, source: str) -> Iterator[RuntimeEmulator]:
        """Start the API and the process of a handler `function.handler` with that source."""
        server = _RuntimeApi(("127.0.0.1", 0), self._handler())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="sagehen-bench-") as folder:
            (Path(folder) / "function.py").write_text(source)
            process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", "function.handler"],
                cwd=folder,
                env={
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
                    "LAMBDA_TASK_ROOT": folder,
                    "PYTHONPATH": folder,
                    "AWS_REGION": "us-east-1",
                    "AWS_LAMBDA_FUNCTION_NAME": "function",
                    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/function",
                    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
                },
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                yield self
            finally:
                process.kill()
                process.wait()
                server.shutdown()
                server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        events, answers = self._events, self._answers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # head and body in one packet

            def do_GET(self) -> None:
                event = events.get()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-0000-0000-000000000000")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:::function:f")
                self.send_header("Content-Type", "application/json")  # without it the client crashes
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)
                self.wfile.flush()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                self.wfile.flush()
                answers.put(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the process was killed while it waited for its next event, as it always is."""
