"""EngineClient: one request a connection, over the engine's Unix socket.

A connection costs little there (measured on a busy machine: 0.4 ms), and with one for each request nothing
has to be told apart: a wait lasts as long as a container, output takes the connection over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import h11

from sagehen.domain.timeouts import timeout
from sagehen.executors.containers.engine.connection import Connection, Taken
from sagehen.executors.containers.engine.errors import EngineGone, EngineRefused, Unsayable
from sagehen.executors.containers.engine.versions import spoken

# Starting and removing take a second or two; on a machine that swaps, far longer.
ANSWER_S = 120.0


class EngineClient:
    """Asks an engine.

    Args:
        path: Its socket.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._api: str | None = None

    async def version(self, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """Return what it says of itself; from now on it is asked in a version that it knows.

        Raises:
            EngineGone, EngineRefused
        """
        async with self._connection(timeout_s) as connection:
            await connection.ask("GET", "/version", [], _once(b""))
            about = self._object(self._read(await connection.answer()))
        self._api = spoken(about)
        return about

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = ANSWER_S,
        **query: str | int,
    ) -> Any:
        """Return what a request is answered with, read as JSON; None where that is nothing.

        Args:
            timeout_s: From the first byte to the last; None: as long as it takes.

        Raises:
            Unsayable, EngineGone, EngineRefused
        """
        headers, content = [("Content-Length", "0")], b""
        if body is not None:
            content = _json(body)
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        target = await self._target(path, query, timeout_s)
        async with self._connection(timeout_s) as connection:
            await connection.ask(method, target, headers, _once(content))
            return self._read(await connection.answer())

    async def document(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Return as `call` what cannot be but an object: one that is going down says nothing, or null.

        Raises:
            Unsayable, EngineGone, EngineRefused
        """
        return self._object(await self.call(method, path, body, **options))

    async def delete(self, path: str, **query: int) -> None:
        """Have something removed; none is fine.

        Raises:
            EngineGone, EngineRefused
        """
        try:
            await self.call("DELETE", path, None, **query)
        except EngineRefused as error:
            if error.status != 404:
                raise

    async def inspect(self, container: str, *, size: bool = False) -> dict[str, Any]:
        """Return what the engine says of a container, its `State` at least.

        Args:
            size: Whether it is to measure what was written in it.

        Raises:
            EngineGone, EngineRefused
        """
        found = await self.document("GET", f"/containers/{container}/json", size=int(size))
        self._object(found.get("State"))
        return found

    async def exit_code(self, container: str) -> int:
        """Return what a container has ended with, when it has: as long as that takes.

        Raises:
            EngineGone, EngineRefused
        """
        path = f"/containers/{container}/wait"
        told = await self.document("POST", path, timeout_s=None, condition="not-running")
        if not isinstance(code := told.get("StatusCode"), int):
            raise self._nonsense()
        return code

    async def send(self, path: str, pieces: AsyncIterable[bytes], *, timeout_s: float, **query: int) -> bytes:
        """Send an archive and return what is answered.

        Raises:
            EngineGone, EngineRefused
        """
        headers = [("Content-Type", "application/x-tar"), ("Transfer-Encoding", "chunked")]
        target = await self._target(path, query)
        async with self._connection(timeout_s) as connection:
            await connection.ask("POST", target, headers, pieces)
            return await connection.answer()

    async def attach(self, container: str) -> Taken:
        """Return the connection on which a container's output comes from now on; the caller closes it.

        Raises:
            EngineGone, EngineRefused
        """
        headers = [("Connection", "Upgrade"), ("Upgrade", "tcp"), ("Content-Length", "0")]
        query = {"stream": 1, "stdout": 1, "stderr": 1}
        target = await self._target(f"/containers/{container}/attach", query)
        async with self._connection(ANSWER_S) as connection:
            await connection.ask("POST", target, headers, _once(b""))
            return await connection.taken_over()

    async def _target(
        self, path: str, query: Mapping[str, str | int], timeout_s: float | None = ANSWER_S
    ) -> str:
        if self._api is None:
            await self.version(timeout_s or ANSWER_S)
        return f"/v{self._api}{path}" + (f"?{urlencode(query)}" if query else "")

    def _read(self, answer: bytes) -> Any:
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            raise self._nonsense() from None

    def _object(self, found: Any) -> dict[str, Any]:
        if not isinstance(found, dict):
            raise self._nonsense()
        return found

    def _nonsense(self) -> EngineGone:
        return EngineGone(f"{self.path} does not answer as an engine does")

    @contextlib.asynccontextmanager
    async def _connection(self, timeout_s: float | None) -> AsyncIterator[Connection]:
        connection = None
        try:
            async with timeout(timeout_s):
                reader, writer = await asyncio.open_unix_connection(str(self.path))
                connection = Connection(reader, writer)
                yield connection
        except (OSError, h11.ProtocolError, EngineGone) as error:
            self._api = None  # it may come back as another one
            if isinstance(error, EngineGone):
                raise
            late = f" did not answer within {timeout_s:.0f} s" if isinstance(error, TimeoutError) else ""
            raise EngineGone(f"{self.path}{late or f': {error}'}") from error
        finally:
            if connection is not None:
                connection.close()


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # escaped, Go would read another text in its place
        raise Unsayable("a word, a variable or a path has bytes that are no UTF-8") from None


async def _once(content: bytes) -> AsyncIterable[bytes]:
    if content:
        yield content
