"""Replica: one endpoint instance as the router sees it, and its pool of kept connections."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from sagehen.domain.timeouts import timeout
from sagehen.serving.connection import (
    MAX_RESPONSE_BYTES,
    ConnectionClosed,
    ReplicaConnection,
    ReplicaResponse,
    Room,
)
from sagehen.serving.multimodel.models import ReplicaModels
from sagehen.serving.stream import Inbox, ReplicaStream


class Replica:
    """The data-plane side of one instance.

    Args:
        replica_id: The instance's id.
        socket_path: Its model server's unix socket.

    Attributes:
        outstanding: Requests sent and not answered yet.
        draining: True once it shall get no further requests.
        models: Those that it has loaded, where it serves several.
    """

    def __init__(self, replica_id: str, socket_path: Path) -> None:
        self.replica_id = replica_id
        self.outstanding = 0
        self.draining = False
        self.models: ReplicaModels | None = None
        self._socket_path = socket_path
        self._idle: list[ReplicaConnection] = []
        self._room = Room()
        self._socket: int | None = None
        self._drained = asyncio.Event()
        self._drained.set()

    async def request(
        self,
        method: bytes,
        path: bytes,
        headers: Mapping[str, str],
        body: bytes,
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
        body: bytes,
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
        if response.keep_alive and not self.draining:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    async def request_model(
        self, model: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> ReplicaResponse:
        """Ask one of its models, which is loaded first where it is not. `timeout_s` is for both.

        Raises:
            ConnectionClosed, TimeoutError: As `request`.
            ModelUnavailable, ModelNotLoaded: There is no such model to be asked.
        """
        models = self.models
        assert models is not None
        ends_at = time.monotonic() + timeout_s
        self._asked()  # who drains it waits for the load, too
        try:
            path = await models.acquire(model, timeout_s)
            try:
                remaining_s = max(ends_at - time.monotonic(), 0.001)
                return await self._exchange(b"POST", path, headers, body, remaining_s)
            finally:
                models.release(model)
        finally:
            self._answered()

    async def open_stream(
        self, method: bytes, path: bytes, headers: Mapping[str, str], body: bytes, timeout_s: float
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
        stream = ReplicaStream(inbox)
        stream.call_on_close(lambda: self._stream_closed(inbox))
        return stream

    def _stream_closed(self, inbox: Inbox) -> None:
        self._answered()
        if inbox.may_be_kept and not self.draining:
            self._idle.append(inbox.connection)
        else:
            inbox.connection.close()

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
        loop = asyncio.get_running_loop()
        try:
            _, protocol = await loop.create_unix_connection(
                lambda: ReplicaConnection(self._room), self._address()
            )
        except OSError as error:
            raise ConnectionClosed(f"cannot connect: {error}", began=False) from error
        return protocol

    def _address(self) -> str:
        """Return the socket's address.

        The folder belongs to the sandbox, which could put a link to some socket of the host there; and
        sockaddr_un holds 108 bytes while data folders may lie deep. Opening the socket itself,
        without following links, settles both.
        """
        if self._socket is None:
            descriptor = os.open(self._socket_path, os.O_PATH | os.O_NOFOLLOW)
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise ConnectionRefusedError(f"{self._socket_path} is not a socket")
            self._socket = descriptor
        return f"/proc/self/fd/{self._socket}"

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
        if self._socket is not None:
            os.close(self._socket)
            self._socket = None
