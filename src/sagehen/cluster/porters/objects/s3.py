"""S3: its protocol over connections that are kept, with a role's credentials. Blocking."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, TypeVar
from urllib.parse import quote

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from sagehen.cluster.porters.objects.sending import Answer, Body, Sender
from sagehen.cluster.porters.objects.trailing import trailing
from sagehen.domain.identity import Credentials

# Of an error's document.
_MOST_ERROR_BYTES = 64 * 1024
# Where path-style requests go; whom they are for is said by what they are signed for.
_HOST = "127.0.0.1"

T = TypeVar("T")


class S3Refused(Exception):
    """S3's own error.

    Args:
        status: Of HTTP.
        code, message: Of S3.
        region: Of the bucket, where S3 tells it.
    """

    def __init__(self, status: int, code: str, message: str, region: str) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.status, self.code, self.message, self.region = status, code, message, region


class S3:
    """One client; may be used by several threads.

    Args:
        connect: Makes a connection to where S3 is.
        region: In which buckets are taken to be, until S3 says otherwise.
    """

    def __init__(self, connect: Callable[[], socket.socket], credentials: Credentials, region: str) -> None:
        self._connect = connect
        self._credentials = credentials
        self._region = region
        self._regions: dict[str, str] = {}
        self._idle: list[HTTPConnection] = []
        self._sender = Sender(connect)
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def get(self, bucket: str, key: str, headers: Mapping[str, str]) -> Iterator[HTTPResponse]:
        """Open an object; what is not read of it is lost, and its connection with it.

        Yields:
            An answer of status 200, 206 or 304.

        Raises:
            S3Refused
            OSError: S3 cannot be reached.
        """
        connection, answer = self._in_region(bucket, partial(self._ask, _path(bucket, key), headers))
        try:
            yield answer
        except BaseException:
            connection.close()
            raise
        self._give_back(connection, answer)

    def send(
        self, method: str, bucket: str, key: str, query: str, headers: Mapping[str, str], body: Body
    ) -> Answer:
        """Send something; return the answer, of status 200 or 204.

        Args:
            query: As it is in the address, without its question mark.

        Raises:
            S3Refused
            BodyShort
            OSError: S3 cannot be reached.
        """
        path = _path(bucket, key) + (f"?{query}" if query else "")
        sent, encoding = trailing(body) if body.content is None else (body, {})

        def send(region: str) -> Answer:
            signed = self._signed(method, path, {**headers, **encoding}, region, body.content)
            answer = self._sender.send(method, path, signed, sent)
            if answer.status not in (200, 204):
                named = answer.headers.get("x-amz-bucket-region")
                raise _refusal(answer.status, answer.reason, answer.content, named)
            return answer

        return self._in_region(bucket, send)

    def close(self) -> None:
        """Have nothing sent any more, and close what is idle; what is being read is read to its end."""
        self._sender.close()
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _in_region(self, bucket: str, ask: Callable[[str], T]) -> T:
        """Ask, in the region in which a bucket is known or believed to be."""
        region = self._regions.get(bucket, self._region)
        try:
            return ask(region)
        except S3Refused as refused:
            # As botocore does: a bucket in another region tells which.
            if refused.region in ("", region):
                raise
            self._regions[bucket] = refused.region
            return ask(refused.region)

    def _ask(self, path: str, headers: Mapping[str, str], region: str) -> tuple[HTTPConnection, HTTPResponse]:
        connection, answer = self._send(path, self._signed("GET", path, headers, region))
        if answer.status in (200, 206, 304):
            return connection, answer
        try:
            text = answer.read(_MOST_ERROR_BYTES)
            raise _refusal(answer.status, answer.reason, text, answer.headers.get("x-amz-bucket-region"))
        finally:
            connection.close()

    def _send(self, path: str, headers: Mapping[str, str]) -> tuple[HTTPConnection, HTTPResponse]:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            is_new = connection is None
            connection = connection or _Connection(self._connect)
            try:
                connection.request("GET", path, headers=dict(headers))
                return connection, connection.getresponse()
            except (OSError, HTTPException) as error:
                connection.close()
                if is_new:
                    raise _as_os_error(error) from error
                # One that was kept may have been ended meanwhile.

    def _give_back(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        if not answer.isclosed() or answer.will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)

    def _signed(
        self, method: str, path: str, headers: Mapping[str, str], region: str, content: bytes | None = b""
    ) -> dict[str, str]:
        """Return headers with a signature.

        Args:
            content: Of the body, signed with them; None: it follows in chunks, its checksum after them.
        """
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials as Keys

        request = AWSRequest(
            method, f"http://{_HOST}{path}", headers={"Host": _HOST, **headers}, data=content or b""
        )
        if content is None:
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
        own = self._credentials
        keys = Keys(own.access_key_id, own.secret_access_key, own.session_token)
        S3SigV4Auth(keys, "s3", region).add_auth(request)
        return dict(request.headers)


def _path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key, safe='/~', errors='surrogatepass')}"


class _Connection(HTTPConnection):
    def __init__(self, dial: Callable[[], socket.socket]) -> None:
        super().__init__(_HOST)
        self._dial = dial

    def connect(self) -> None:
        self.sock = self._dial()


def _as_os_error(error: Exception) -> OSError:
    return error if isinstance(error, OSError) else ConnectionError(f"S3 answers otherwise: {error!r}")


def _refusal(status: int, reason: str, text: bytes, region: str | None) -> S3Refused:
    found: dict[str, Any] = {}
    with contextlib.suppress(DefusedXmlException, SyntaxError, ValueError):
        found = {
            each.tag.rpartition("}")[2]: each.text or "" for each in defusedxml.ElementTree.fromstring(text)
        }
    return S3Refused(
        status,
        str(found.get("Code", reason)),
        str(found.get("Message", "")),
        str(found.get("Region") or region or ""),
    )
