"""The real AWS, as far as a test needs it: a TLS server of this machine under S3's public names."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.trust.local_ca import LocalCa

# One of S3's own, so that the rule of closed addresses is asked about a public one.
_PUBLIC_ADDRESS = "52.216.0.1"
LISTING = b"<ListBucketResult><Name>elsewhere</Name></ListBucketResult>"


class _Objects(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RealAws

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.headers["Host"], self.path, dict(self.headers)))
        content = self.server.content
        if self.path.endswith("/missing"):
            self.send_response(404)
            content = b"<Error><Code>NoSuchKey</Code></Error>"
        elif self.path.startswith("/simple/"):  # a package index, for pip
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            content = b'<!doctype html><a href="seen-1.5.tar.gz">seen-1.5.tar.gz</a>'
        elif "list-type" in self.path:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (LISTING[:10], LISTING[10:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        else:
            self.send_response(200)
        if self.path.endswith("/short"):
            content = content[:-1]
            self.send_header("Content-Length", str(len(content) + 1))
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"real"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_GET
    do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, *arguments: Any) -> None:
        pass


class RealAws(ThreadingHTTPServer):
    """Serves `content` under every name, over TLS with an authority of its own, and in the clear."""

    daemon_threads = True

    def __init__(self, folder: Path, *, tls: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Objects)
        self.authority = LocalCa(folder)
        with pytest.MonkeyPatch.context() as patch:  # ours speaks for AWS's names only; the world's for more
            patch.setattr("sagehen.gateway.trust.local_ca.DOMAINS", ("amazonaws.com", "example.org"))
            self.authority.ensure()
        self.seen: list[tuple[str, str, str, dict[str, str]]] = []
        self.content = b"a public picture" * 100_000
        if tls:
            context = self.authority.context("s3.amazonaws.com")

            def by_name(connection: ssl.SSLObject, name: str, _: ssl.SSLContext) -> None:
                connection.context = self.authority.context(name)

            context.sni_callback = by_name
            self._tls: ssl.SSLContext | None = context
        else:
            self._tls = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls is not None:
            try:
                request = self._tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        try:
            super().finish_request(request, client_address)
        finally:
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class FakeInternet(Internet):
    """Every name of AWS's is the fake's, and one of somebody else; nothing else exists."""

    def __init__(self, secure: RealAws, plain: RealAws) -> None:
        self.secure, self.plain = secure, plain
        self.context = ssl.create_default_context(cafile=str(secure.authority.certificate_path))
        self.asked: list[str] = []

    async def addresses(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        self.asked.append(host)
        if not host.endswith((".amazonaws.com", ".example.org")):
            raise OSError("no such name")
        return [(socket.AF_INET, _PUBLIC_ADDRESS)]

    async def dial(self, factory: Callable[[], Any], family: int, address: str, port: int) -> Any:
        assert address == _PUBLIC_ADDRESS
        server = self.secure if port == 443 else self.plain
        return await super().dial(factory, family, "127.0.0.1", server.server_address[1])

    @property
    def tls(self) -> ssl.SSLContext:  # type: ignore[override]
        return self.context


@contextmanager
def real_aws(folder: Path) -> Iterator[FakeInternet]:
    secure, plain = RealAws(folder, tls=True), RealAws(folder, tls=False)
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in (secure, plain)]
    for thread in threads:
        thread.start()
    try:
        yield FakeInternet(secure, plain)
    finally:
        for server, thread in zip((secure, plain), threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(5)
