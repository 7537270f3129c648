"""Requests as raw HTTP: signed, unsigned, or signed for another region."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.protocol.botocore_side import CATALOG, write_request
from tests.running import ACCOUNTS, RunningSagehen
from tests.stress.hostile import bent, drawn

KEY, SECRET = ACCOUNTS["123456789012"].split(":")
TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Answer:
    what: str
    status: int
    body: bytes
    seconds: float


class Caller:
    """One client of a platform, with a connection that is kept while it can be."""

    def __init__(self, sagehen: RunningSagehen, known: Mapping[str, Sequence[Any]]) -> None:
        self._known = known
        self._host = sagehen.url.removeprefix("http://")
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def hostile(self, service: str, protocol: str, name: str, seed: str) -> Answer | None:
        """Make one hostile request of an operation; None where botocore or HTTP cannot write it."""
        source = random.Random(seed)
        operation = CATALOG.service(service).operation(name)
        try:
            written = write_request(service, protocol, name, drawn(operation, source, self._known))
            body = written.body if isinstance(written.body, bytes) else str(written.body or "").encode()
            if source.random() < 0.4:
                body = bent(body, source)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError, OverflowError):
            return None
        return self.send(
            f"{service} {protocol} {name} seed {seed}",
            service,
            written.method,
            f"{written.path}?{written.query}" if written.query else written.path,
            {**written.headers, "Content-Length": str(len(body))},
            body,
            region=source.choice(("us-east-1",) * 12 + ("eu-west-1", "nowhere-9")),
            signed=source.random() < 0.95,
        )

    def send(
        self,
        what: str,
        service: str,
        method: str,
        target: str,
        headers: dict[str, Any],
        body: bytes,
        *,
        region: str = "us-east-1",
        signed: bool = True,
    ) -> Answer | None:
        url = f"http://{self._host}{quote(target, safe='/?&=%+:@!$,;~*()')}"
        request = AWSRequest(
            method, url, data=body, headers={key: str(value) for key, value in headers.items()}
        )
        try:
            if signed:
                signer = S3SigV4Auth if service == "s3" else SigV4Auth
                signer(Credentials(KEY, SECRET), CATALOG.service(service).signing_name, region).add_auth(
                    request
                )
            prepared = request.prepare()
        except (http.client.InvalidURL, ValueError, UnicodeError):
            return None
        began = time.monotonic()
        connection = self._connection or http.client.HTTPConnection(self._host, timeout=TIMEOUT_S)
        self._connection = None
        sent = prepared.url.split(self._host, 1)[1]
        try:
            connection.request(method, sent, body, dict(prepared.headers.items()))
        except (http.client.InvalidURL, ValueError, UnicodeError):
            connection.close()
            return None
        except ConnectionError:  # refused while it was being sent: the answer may be there nevertheless
            pass
        with connection.getresponse() as response:
            content = response.read()
            if response.will_close:
                connection.close()
            else:
                self._connection = connection
        return Answer(what, response.status, content, time.monotonic() - began)
