"""Requests: whole HTTP/1.1 requests as bytes, made once for each body, signed anew each minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from sagehen.load.outgoing.order import Order, Signing
from sagehen.load.outgoing.payload import Body

# AWS takes a signature for five minutes at least. One request that is sent again and again has the same one
# each time: SigV4 knows no nonce, and signing costs more than all the rest of a request.
_SIGNED_FOR_S = 60.0
# Up to here one write of one piece of memory is cheaper than two.
_JOINED_BYTES = 65536


class Requests:
    """Yields what goes out, body after body.

    Args:
        order: Method, URL and headers.
        bodies: In turn; at least one.
        sign: Returns the headers of a signed request; None where nothing is signed.
    """

    def __init__(
        self, order: Order, bodies: Sequence[Body], sign: Callable[[Body], list[tuple[str, str]]] | None
    ):
        parts = urlsplit(order.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._line = f"{order.method} {path} HTTP/1.1\r\n".encode("latin-1")
        self._host = parts.netloc
        self._order = order
        self._sign = sign
        self._made: list[tuple[float, list[bytes]]] = [(-_SIGNED_FOR_S, []) for _ in bodies]
        self._bodies = bodies
        # Senders that share a run begin at different bodies.
        self._turn = cycle(range(len(bodies)))
        for _ in range(order.share % len(bodies)):
            next(self._turn)

    def prepare(self) -> None:
        """Make the first request now, so that its sending does not wait for it.

        Raises:
            ValueError: It cannot be made.
        """
        number = next(self._turn)
        self._made[number] = (time.monotonic(), self._make(self._bodies[number]))
        # Back to where it was.
        for _ in range(len(self._bodies) - 1):
            next(self._turn)

    def next(self) -> list[bytes]:
        """Return the pieces of the next request."""
        number = next(self._turn)
        made_at, pieces = self._made[number]
        if pieces and (self._sign is None or time.monotonic() - made_at < _SIGNED_FOR_S):
            return pieces
        pieces = self._make(self._bodies[number])
        self._made[number] = (time.monotonic(), pieces)
        return pieces

    def _make(self, body: Body) -> list[bytes]:
        headers = self._sign(body) if self._sign else plain_headers(self._order, body)
        if not any(name.lower() == "host" for name, _ in headers):
            headers = [("Host", self._host), *headers]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        head = self._line + lines.encode("latin-1") + b"Content-Length: %d\r\n\r\n" % len(body.content)
        if len(body.content) <= _JOINED_BYTES:
            return [head + body.content]
        return [head, body.content]


def plain_headers(order: Order, body: Body) -> list[tuple[str, str]]:
    """Return what a request says besides its host and its length."""
    own = {name.lower() for name, _ in order.headers}
    headers = list(order.headers)
    if body.content and "content-type" not in own:
        headers.append(("Content-Type", body.content_type))
    if "user-agent" not in own:
        headers.append(("User-Agent", "sagehen-load"))
    return headers


class Signer:
    """Signs as the AWS SDKs do, with their credentials.

    Raises:
        ValueError: There are no credentials.
    """

    def __init__(self, order: Order, signing: Signing) -> None:
        # botocore takes a tenth of a second: only who signs pays for it.
        from botocore.credentials import Credentials
        from botocore.session import Session

        keys = signing.keys
        found: Any = (
            Credentials(keys.access_key, keys.secret_key, keys.token) if keys else Session().get_credentials()
        )
        if found is None:
            raise ValueError("no AWS credentials: set AWS_ACCESS_KEY_ID, or run `aws configure`")
        self._credentials = found
        self._order = order
        self._signing = signing

    def headers(self, body: Body) -> list[tuple[str, str]]:
        """Return the headers of a request with this body, signed now."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        order = self._order
        request = AWSRequest(order.method, order.url, data=body.content)
        for name, value in plain_headers(order, body):
            request.headers[name] = value  # one more of that name, where there is one
        frozen = self._credentials.get_frozen_credentials()
        SigV4Auth(frozen, self._signing.service, self._signing.region).add_auth(request)
        return [(name, _text(value)) for name, value in request.headers.items()]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
