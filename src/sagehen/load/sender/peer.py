"""Peer: where connections lead, directly or through an HTTPS proxy, and the TLS on them."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import urllib.request
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import httptools

# Names change their addresses: a load balancer that grows is found within a minute.
_RESOLVED_FOR_S = 60.0
_LONGEST_PROXY_ANSWER = 65536


class Peer:
    """The server of a URL.

    Plain HTTP goes to it directly; HTTPS through the proxy that HTTPS_PROXY names, unless NO_PROXY names the
    host: that is how a shell of `sagehen env` reaches AWS's own names.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._host = parts.hostname
        self._is_secure = parts.scheme.lower() == "https"
        self._port = parts.port or (443 if self._is_secure else 80)
        self._proxy = self._proxy_address() if self._is_secure else None
        self._tls = _tls() if self._is_secure else None
        self._addresses: list[tuple[str, int]] = []
        self._resolved_at = 0.0
        self._turn = 0

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Open a connection and hand it to a protocol.

        Raises:
            OSError: It cannot be reached, or its certificate does not hold.
        """
        loop = asyncio.get_running_loop()
        host, port = await self._address()
        if self._tls is None:
            await loop.create_connection(protocol, host, port)
        elif self._proxy is None:
            await loop.create_connection(protocol, host, port, ssl=self._tls, server_hostname=self._host)
        else:
            transport, tunnel = await loop.create_connection(_Tunnel, host, port)
            try:
                await tunnel.open(self._host, self._port)
                made = protocol()
                secured = await loop.start_tls(transport, made, self._tls, server_hostname=self._host)
                # start_tls says nothing to the new protocol.
                assert secured is not None
                made.connection_made(secured)
            except BaseException:
                transport.abort()
                raise

    async def resolve(self) -> None:
        """Look the name up now, so that no request waits for it.

        Raises:
            OSError: Nobody knows it.
        """
        host, port = self._proxy or (self._host, self._port)
        # RFC 6761: every name below localhost is this machine; resolvers of small systems do not know.
        if host == "localhost" or host.endswith(".localhost"):
            host = "localhost"
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise OSError(error.errno, f"{host}: {error.strerror}") from None
        self._addresses = list(dict.fromkeys((str(entry[4][0]), int(entry[4][1])) for entry in found))
        self._resolved_at = asyncio.get_running_loop().time()

    async def _address(self) -> tuple[str, int]:
        if asyncio.get_running_loop().time() - self._resolved_at > _RESOLVED_FOR_S:
            try:
                await self.resolve()
            except OSError:
                if not self._addresses:
                    raise
        self._turn += 1
        return self._addresses[self._turn % len(self._addresses)]

    def _proxy_address(self) -> tuple[str, int] | None:
        proxies = urllib.request.getproxies_environment()
        if not (proxy := proxies.get("https")) or _bypasses(self._host, proxies):
            return None
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        if parts.scheme != "http" or not parts.hostname or parts.username:
            raise ValueError(f"HTTPS_PROXY={unquote(proxy)}: only http://HOST:PORT")
        return parts.hostname, parts.port or 80


class _Tunnel(asyncio.Protocol):
    """Asks a proxy for a connection to somebody else."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received = 0
        self._parser = httptools.HttpResponseParser(self)

    async def open(self, host: str, port: int) -> None:
        assert self._transport is not None
        name = f"[{host}]" if ":" in host else host
        self._transport.write(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode())
        await self._opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._opened.done():
            return
        # The answer to CONNECT has no body; its end is the end of its head.
        if data.split(b" ", 2)[1:2] == [b"200"] and data.endswith(b"\r\n\r\n"):
            self._opened.set_result(None)
        elif self._received > _LONGEST_PROXY_ANSWER or not data.startswith(b"HTTP/1.") or b"\r\n\r\n" in data:
            self._opened.set_exception(ConnectionRefusedError(f"the proxy refuses: {data[:60]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(ConnectionResetError("the proxy hung up"))


def _bypasses(host: str, proxies: dict[str, str]) -> bool:
    # In the standard library, and documented nowhere: what proxy_bypass is on Linux.
    return bool(urllib.request.proxy_bypass_environment(host, proxies))  # type: ignore[attr-defined]


def _tls() -> ssl.SSLContext:
    # By these botocore and OpenSSL are told of other authorities; `sagehen env` sets them.
    bundle = next(
        (found for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE") if (found := os.environ.get(name))), None
    )
    context = ssl.create_default_context(cafile=bundle)
    context.set_alpn_protocols(["http/1.1"])
    return context
