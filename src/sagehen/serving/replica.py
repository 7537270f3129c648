"""Replica: one endpoint instance as the router sees it, and its pool of kept connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from sagehen.domain.timeouts import timeout
from sagehen.serving.address import Address
from sagehen.serving.body import Body
from sagehen.serving.connection import (
    MAX_RESPONSE_BYTES,
    ReplicaConnection,
    ReplicaResponse,
    Room,
)
from sagehen.serving.errors import NotReady
from sagehen.serving.multimodel.models import ReplicaModels
from sagehen.serving.stream import Inbox, ReplicaStream


class Replica:
    """The data-plane side of one instance.

    Args:
        replica_id: The instance's id.
        address: Where its server is reached.

    Attributes:
        outstanding: Requests sent and not answered yet.
        draining: True once it shall get no further requests.
        models: Those that it has loaded, where it serves several.
    """

    def __init__(self, replica_id: str, address: Address) -> None:
        self.replica_id = replica_id
        self.outstanding = 0
        self.draining = False
        self.models: ReplicaModels | None = None
        self._address = address
        self._idle: list[ReplicaConnection] = []
        self._room = Room()
        self._drained = asyncio.Event()
        self._drained.set()

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
        """Send one request and return the whole answer.

        A kept connection that turns out closed before one byte of the answer arrived, on a request
        that this replica cannot have begun, is replaced by a new one unseen.

        Raises:
            ConnectionClosed: The replica is gone; `began` tells whether it may have seen the request.
            TimeoutError: No complete answer within `timeout_s`.
        """
        self._asked()
        try:
            return await self._exchange(method, path, headers, body, timeout_s, most_bytes)
        finally:
            self._answered()

    async def _exchange(
        self,
        method: bytes,
        path: bytes,
        headers: Mapping[str, str],
        body: Body,
        timeout_s: float,
        most_bytes: int = MAX_RESPONSE_BYTES,
    ) -> ReplicaResponse:
        async with timeout(timeout_s):
            connection = await self._connection()
            try:
                response = await connection.exchange(method, path, headers, body, most_bytes=most_bytes)
            except BaseException:
                connection.close()  # an answer still to come must not meet the next request
                raise
        response.replica_id = self.replica_id
        self._keep_or_close(connection, response.keep_alive)
        return response

    async def request_model(
        self, model: str, headers: Mapping[str, str], body: Body, timeout_s: float
    ) -> ReplicaResponse:
        """Ask one of its models, which is loaded first where it is not. `timeout_s` is for both.

        Raises:
            ConnectionClosed, TimeoutError: As `request`.
            ModelUnavailable, ModelNotLoaded: There is no such model to be asked.
            NotReady: It was not loaded in time.
        """
        models = self.models
        assert models is not None
        ends_at = time.monotonic() + timeout_s
        self._asked()  # who drains it waits for the load, too
        try:
            try:
                path = await models.acquire(model, timeout_s)
            except TimeoutError:
                raise NotReady("the model is still being brought or loaded") from None
            try:
                remaining_s = max(ends_at - time.monotonic(), 0.001)
                return await self._exchange(b"POST", path, headers, body, remaining_s)
            finally:
                models.release(model)
        finally:
            self._answered()

    async def open_stream(
        self, method: bytes, path: bytes, headers: Mapping[str, str], body: Body, timeout_s: float
    ) -> ReplicaStream:
        """Send one request and return its answer as soon as it begins.

        Raises:
            ConnectionClosed: As for `request`; later also from the stream itself.
            TimeoutError: No beginning within `timeout_s`.
        """
        self._asked()
        try:
            async with timeout(timeout_s):
                connection = await self._connection()
                inbox = Inbox(connection)
                try:
                    await connection.exchange(method, path, headers, body, inbox)
                except BaseException:
                    connection.close()
                    raise
        except BaseException:
            self._answered()
            raise
        inbox.head.replica_id = self.replica_id
        stream = ReplicaStream(inbox)
        stream.call_on_close(lambda: self._stream_closed(inbox))
        return stream

    def _stream_closed(self, inbox: Inbox) -> None:
        self._answered()
        self._keep_or_close(inbox.connection, inbox.may_be_kept)

    def _keep_or_close(self, connection: ReplicaConnection, may_be_kept: bool) -> None:
        if may_be_kept and self._address.keeps and not self.draining:
            self._idle.append(connection)
        else:
            connection.close()

    def _asked(self) -> None:
        self.outstanding += 1
        self._drained.clear()

    def _answered(self) -> None:
        self.outstanding -= 1
        if not self.outstanding:
            self._drained.set()

    async def _connection(self) -> ReplicaConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return await self._address.open(lambda: ReplicaConnection(self._room))

    async def drain(self, timeout_s: float) -> bool:
        """Take no further requests; return whether those in flight ended within `timeout_s`."""
        self.draining = True
        try:
            async with timeout(timeout_s):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Close what is idle."""
        self.draining = True
        if self.models is not None:
            self.models.close()
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        self._address.close()
