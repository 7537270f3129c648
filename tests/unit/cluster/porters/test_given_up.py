"""What somebody gives up ends at once: no upload of it is in S3 later, and no file of it on the node."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sagehen.archives.bounds import Abandoned
from sagehen.cluster.porters.nodes import NodePorter
from sagehen.cluster.porters.objects.s3 import S3
from sagehen.cluster.porters.objects.uploads import ObjectUploads
from sagehen.domain.identity import Credentials
from tests.waiting import eventually

_BEGUN = b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
SIZE = 32 * 2**20  # more than sockets hold


class Stalling(ThreadingHTTPServer):
    """An S3 that begins to take what is sent, or to send, and stands still then."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[str] = []
        self.goes_on = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._hear()
        self.send_response(206)
        for name, value in (("Content-Length", SIZE), ("Content-Range", f"bytes 0-{SIZE - 1}/{2 * SIZE}")):
            self.send_header(name, str(value))
        self.send_header("ETag", '"e"')
        self.end_headers()
        self.wfile.write(bytes(SIZE // 2))
        assert isinstance(self.server, Stalling)
        self.server.goes_on.wait(60)
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.write(bytes(SIZE // 2))

    def do_PUT(self) -> None:
        self._hear()
        assert isinstance(self.server, Stalling)
        self.server.goes_on.wait(60)
        self.close_connection = True

    def do_POST(self) -> None:
        self._answer(200, _BEGUN)

    def do_DELETE(self) -> None:
        self._answer(204, b"")

    def log_message(self, format: str, *words: object) -> None:
        pass

    def _hear(self) -> None:
        assert isinstance(self.server, Stalling)
        self.server.heard.append(f"{self.command} {self.path}")

    def _answer(self, status: int, content: bytes) -> None:
        self._hear()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def stalling() -> Iterator[Stalling]:
    with Stalling() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield server
        server.goes_on.set()
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(
    ("most_put_bytes", "begins", "ends"),
    [
        (SIZE, ["PUT /b/k"], []),
        (SIZE - 1, ["POST /b/k?uploads=", "PUT /b/k?partNumber=1&uploadId=u"], ["DELETE /b/k?uploadId=u"]),
    ],
)
async def test_what_is_given_up_ends_and_is_not_sent_again(
    stalling: Stalling, tmp_path: Path, most_put_bytes: int, begins: list[str], ends: list[str]
) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(SIZE)
    s3 = S3(lambda: socket.create_connection(stalling.server_address[:2], 60), Credentials("k", "s"), "r")
    with ThreadPoolExecutor(1) as threads:
        uploads = ObjectUploads(threads, s3, most_put_bytes)
        uploading = asyncio.create_task(uploads.upload("b", "k", source))
        await asyncio.to_thread(eventually, lambda: stalling.heard == begins, 30)
        assert not uploading.done()
        s3.close()
        with pytest.raises(OSError):
            await asyncio.wait_for(uploading, 30)
        assert stalling.heard == begins + ends
        with pytest.raises(ConnectionAbortedError):
            await uploads.upload("b", "k", source)
        assert [each for each in stalling.heard if each.startswith("PUT")] == begins[-1:]


class _Beside:
    def __init__(self, stalling: Stalling) -> None:
        self._stalling = stalling

    def connect(self, port: int) -> socket.socket:
        return socket.create_connection(self._stalling.server_address[:2], 60)


async def test_a_download_ends_where_the_platform_does_not_wait(stalling: Stalling, tmp_path: Path) -> None:
    gone, folder = asyncio.Event(), tmp_path / "got"

    async def told() -> AsyncIterator[Any]:
        yield {"offer": {"port": 1, "ticket": ""}, "keys": ["k", "s", "t"], "region": "r", "own": True}
        yield [["b", "large", "large"], ["b", "next", "in/next"], ["b", "last", "in/last"]]
        yield []
        await gone.wait()

    porter = NodePorter(tmp_path / "files", _Beside(stalling))  # type: ignore[arg-type]
    fetching = asyncio.create_task(porter._fetch({"folder": str(folder)}, told(), None))  # type: ignore[arg-type]
    # As many as there are threads; each has a file that it writes to.
    await asyncio.to_thread(
        eventually, lambda: sum(each.is_file() for each in folder.rglob("*")) == len(stalling.heard) == 2, 30
    )
    gone.set()
    with pytest.raises(Abandoned):
        await asyncio.wait_for(fetching, 30)
    assert not [each for each in folder.rglob("*") if each.is_file()]
    stalling.goes_on.set()
    await asyncio.to_thread(porter._threads.shutdown)
    # The last one may have been asked for in the very moment in which all were given up.
    assert not [each for each in folder.rglob("*") if each.is_file()]
