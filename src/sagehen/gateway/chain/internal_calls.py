"""Signed calls that the platform makes of its own services, without a socket (service integrations)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from hashlib import sha256
from typing import Any

from sagehen.api.streams import AnswerTooLong, whole_answer
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.gateway.chain.chain import Chain
from sagehen.gateway.chain.trace import Trace
from sagehen.gateway.requests.body import RequestBody, RequestEntityTooLarge
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures import sigv4
from sagehen.gateway.signatures.claim import ALGORITHM

_MAX_ANSWER = 10 * 1024 * 1024


class InternalCalls:
    """Calls AWS operations with somebody's credentials, through the same chain as everybody.

    Args:
        chain: The steps of the front door.
        clock: The platform's.
        wall_clock: By which signatures are made and judged.
        ids: Draws request ids.
    """

    def __init__(self, chain: Chain, clock: Clock, wall_clock: Clock, ids: Ids) -> None:
        self._chain = chain
        self._clock = clock
        self._wall_clock = wall_clock
        self._ids = ids

    async def call(
        self,
        *,
        host: str,
        signing_name: str,
        region: str,
        credentials: Credentials,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Sign a request, put it through the chain, return status, headers and body.

        Args:
            host: As a client would call it: `runtime.sagemaker.us-east-1.amazonaws.com`.
            signing_name, region: Of the credential scope.
            credentials: Whose rights count.
            method: Upper case.
            target: Encoded path and query.
            headers: Further ones.
            body: Complete.

        Raises:
            RequestEntityTooLarge: The answer is larger than 10 MB.
        """
        path, _, query = target.partition("?")
        signed = self._signed(
            host, signing_name, region, credentials, method, path, query, dict(headers), body
        )
        incoming = Incoming(
            request_id=self._ids.uuid(),
            method=method,
            path=path,
            query=query,
            headers=signed,
            body=RequestBody(_receiver(body), len(body)),
            peer="127.0.0.1",
            secure=True,
            # On somebody's behalf, not by this machine's owner: the platform's own pages stay closed,
            # and an API that is called in this way reaches no private address either.
            from_sandbox=True,
            received_at=self._clock.now(),
        )
        response = await self._chain.answer(incoming, Trace())
        try:
            answer = await whole_answer(response.body, _MAX_ANSWER)
        except AnswerTooLong:
            raise RequestEntityTooLarge(_MAX_ANSWER) from None
        return response.status, list(response.headers.items()), answer

    def _signed(
        self,
        host: str,
        signing_name: str,
        region: str,
        credentials: Credentials,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
    ) -> dict[str, str]:
        timestamp = f"{self._wall_clock.now():%Y%m%dT%H%M%SZ}"
        content_hash = sha256(body).hexdigest()
        signed = {name.lower(): value for name, value in headers.items()} | {
            "host": host,
            "x-amz-date": timestamp,
            "x-amz-content-sha256": content_hash,
            "content-length": str(len(body)),
        }
        if credentials.session_token:
            signed["x-amz-security-token"] = credentials.session_token
        names = tuple(sorted(name for name in signed if name == "host" or name.startswith("x-amz-")))
        canonical = sigv4.canonical_request(
            method, path, query, signed, names, content_hash, single_encoding=signing_name == "s3"
        )
        scope = f"{timestamp[:8]}/{region}/{signing_name}/aws4_request"
        key = sigv4.signing_key(credentials.secret_access_key, timestamp[:8], region, signing_name)
        signature = sigv4.sign(key, sigv4.string_to_sign(timestamp, scope, canonical))
        signed["authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return signed


def _receiver(body: bytes) -> Any:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
