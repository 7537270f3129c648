"""Where a function URL leads, told so that whoever asks can go there.

    https://{id}.lambda-url.{region}.on.aws/              who speaks to AWS's names, through the proxy door
    http://{id}.lambda-url.{region}.localhost:4566/       where this machine's resolver knows such names
    http://127.0.0.1:4566/_aws/lambda-url/{id}/           everybody else: glibc alone, and code in sandboxes

All three are answered, whichever was told.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

# As the front door has them (`protocol.identification.host_names`), which is no room below this one.
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_LOCAL = ("localhost.localstack.cloud", "localhost")
BY_PATH = "/_aws/lambda-url/"
# A resolver that asks somewhere else first may take long; who waits for an answer here must not.
_PATIENCE_S = 1.0


class UrlAddresses:
    """Writes the addresses of URLs.

    Args:
        resolve: `socket.getaddrinfo`.
    """

    def __init__(self, resolve: Callable[[str, int], Any] = socket.getaddrinfo) -> None:
        self._resolve = resolve
        self._looking: asyncio.Task[bool] | None = None

    async def address(
        self, url_id: str, region: str, *, host: str, secure: bool = False, from_sandbox: bool = False
    ) -> str:
        """Return the URL for somebody who reached the platform as `host`, the Host header."""
        name = host.lower().partition(":")[0]
        if name.endswith(_AWS):
            return f"https://{url_id}.lambda-url.{region}.on.aws/"
        scheme = "https" if secure else "http"
        port = host.rpartition(":")[2]
        suffix = f":{port}" if port.isdigit() else ""
        domain = next((one for one in _LOCAL if name == one or name.endswith(f".{one}")), "localhost")
        # Who came by a name below this domain resolves others there, too.
        knows = name.endswith(f".{domain}") or (
            _is_loopback(name) and not from_sandbox and await self._knows_local_names()
        )
        if knows:
            return f"{scheme}://{url_id}.lambda-url.{region}.{domain}{suffix}/"
        return f"{scheme}://{host}{BY_PATH}{url_id}/"

    async def _knows_local_names(self) -> bool:
        """Tell whether this machine's resolver knows names under localhost (RFC 6761); asked once."""
        if self._looking is None:
            self._looking = asyncio.create_task(asyncio.to_thread(_resolves, self._resolve))
        done, _ = await asyncio.wait({self._looking}, timeout=_PATIENCE_S)
        return bool(done) and self._looking.result()


def _resolves(resolve: Callable[[str, int], Any]) -> bool:
    try:
        found = resolve("sagehen.lambda-url.localhost", 80)
    except OSError:
        return False
    return bool(found) and all(_is_loopback(entry[4][0]) for entry in found)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
