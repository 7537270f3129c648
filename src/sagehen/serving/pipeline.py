"""Pipeline: an instance with several containers, as the router sees it.

Serial: what one answers is the request of the next, with its content type; an error ends it. Direct: a
request names the one that gets it.

Documented: SageMaker Developer Guide, Inference pipelines, and Multi-container endpoints. From memory: the
containers before the last are not told what the caller accepts, so that their own default counts
(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from sagehen.serving.body import Body
from sagehen.serving.connection import (
    MAX_RESPONSE_BYTES,
    ConnectionClosed,
    ReplicaConnection,
    ReplicaResponse,
)
from sagehen.serving.errors import NoSuchContainer
from sagehen.serving.replica import Replica
from sagehen.serving.stream import Inbox, ReplicaStream

# The header that names a container. Documented: InvokeEndpoint.
TARGET_CONTAINER = "x-amzn-sagemaker-target-container-hostname"


class _Nowhere:
    """No address: the containers have theirs."""

    keeps = False

    async def open(self, make: Callable[[], ReplicaConnection]) -> ReplicaConnection:
        raise ConnectionClosed("an instance of several containers has no server of its own", began=False)

    def close(self) -> None: ...


class Pipeline(Replica):
    """Asks the containers of one instance, one after the other or the one that is named.

    Args:
        stages: By their names, in their order; they have one instance's id.
        serial: Whether a request goes through all of them.
    """

    def __init__(self, replica_id: str, stages: Mapping[str, Replica], *, serial: bool) -> None:
        super().__init__(replica_id, _Nowhere())
        self._stages = dict(stages)
        self._serial = serial

    async def request(
        self,
        method: bytes,
        path: bytes,
        headers: Mapping[str, str],
        body: Body,
        timeout_s: float,
        *,
        most_bytes: int = MAX_RESPONSE_BYTES,
    ) -> ReplicaResponse:
        """As `Replica.request`; the answer names the container that gave it."""
        self._asked()
        ends_at = time.monotonic() + timeout_s
        try:
            *before, last = self._chosen(headers)
            through = await self._through(before, method, path, headers, body, ends_at)
            if isinstance(through, ReplicaResponse):
                return through
            headers, body = through
            left_s = max(ends_at - time.monotonic(), 0.001)
            answer = await self._stages[last].request(
                method, path, headers, body, left_s, most_bytes=most_bytes
            )
            answer.container = last
            return answer
        finally:
            self._answered()

    async def open_stream(
        self, method: bytes, path: bytes, headers: Mapping[str, str], body: Body, timeout_s: float
    ) -> ReplicaStream:
        """As `Replica.open_stream`: the last container's answer is the one that streams."""
        self._asked()
        ends_at = time.monotonic() + timeout_s
        try:
            *before, last = self._chosen(headers)
            through = await self._through(before, method, path, headers, body, ends_at)
            if isinstance(through, ReplicaResponse):
                stream = _as_stream(through)
            else:
                left_s = max(ends_at - time.monotonic(), 0.001)
                stream = await self._stages[last].open_stream(method, path, *through, left_s)
        except BaseException:
            self._answered()
            raise
        stream.head.container = stream.head.container or last
        stream.call_on_close(self._answered)
        return stream

    def close(self) -> None:
        """Close what is idle."""
        super().close()
        for stage in self._stages.values():
            stage.close()

    def _chosen(self, headers: Mapping[str, str]) -> list[str]:
        if self._serial:
            return list(self._stages)
        name = headers.get(TARGET_CONTAINER, "")
        if name not in self._stages:
            raise NoSuchContainer(name)
        return [name]

    async def _through(
        self,
        stages: list[str],
        method: bytes,
        path: bytes,
        headers: Mapping[str, str],
        body: Body,
        ends_at: float,
    ) -> ReplicaResponse | tuple[Mapping[str, str], Body]:
        """Return what the last container gets, or the error of one before it."""
        for name in stages:
            told = {header: value for header, value in headers.items() if header != "accept"}
            left_s = max(ends_at - time.monotonic(), 0.001)
            answer = await self._stages[name].request(method, path, told, body, left_s)
            if answer.status >= 400:
                answer.container = name
                return answer
            headers, body = passed_on(headers, answer), answer.body
        return headers, body


def passed_on(headers: Mapping[str, str], answer: ReplicaResponse) -> dict[str, str]:
    """Return the next container's headers: the caller's, with the answer's content type. Pure."""
    content_type = answer.headers.get("content-type")
    kept = {header: value for header, value in headers.items() if header != "content-type"}
    return kept if content_type is None else {**kept, "content-type": content_type}


def _as_stream(answer: ReplicaResponse) -> ReplicaStream:
    """Return an answer that is there as one that has come to its end."""
    inbox = Inbox(ReplicaConnection())
    inbox.head = answer
    if answer.body:
        inbox.feed(answer.body)
    inbox.finish()
    return ReplicaStream(inbox)
