"""ReplicaModels: loads and unloads the models of one instance, as requests ask for them.

A model is loaded once, however many wait for it, and by a task of its own: who goes away ends his wait alone.
Where there is no room the least recently used one that answers nothing goes; where all are in use, the load
waits until one is not.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Protocol

from sagehen.domain.timeouts import timeout
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.errors import ModelNotLoaded, Overloaded
from sagehen.serving.multimodel.holdings import Holdings
from sagehen.serving.multimodel.source import ModelSource

# (name of AWS's metric, value): microseconds, or 0 and 1.
Recorder = Callable[[str, float], None]

# Downloads and loads of one instance at a time: more only slow each other down.
_AT_ONCE = 4
# And so many that wait for their turn: a load goes on when who asked for it has gone.
_MOST_PENDING = 256
_UNLOAD_S = 30.0
# Of a container that never says that it has no room.
_MOST_LOADED = 1_000
_ANSWER_BYTES = 64 * 1024


class Asks(Protocol):
    """One request to the instance's container; `Replica.request`."""

    async def __call__(self, method: bytes, path: bytes, body: bytes, timeout_s: float) -> ReplicaResponse:
        """Return its answer. Raises ConnectionClosed, TimeoutError."""
        ...


class ReplicaModels:
    """The models of one instance.

    Args:
        ask: Speaks to its container.
        source: Where they come from.
        record: Takes what AWS's metrics say of loads.
        keeps: Whether a model stays in memory once it has answered (ModelCacheSetting).
        load_s: How long its container may take to load one.
    """

    def __init__(
        self, ask: Asks, source: ModelSource, record: Recorder, *, keeps: bool = True, load_s: float = 240.0
    ) -> None:
        self._ask = ask
        self._source = source
        self._record = record
        self._keeps = keeps
        self._load_s = load_s
        self._holdings = Holdings()
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._unloading: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._telling = 0
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def count(self) -> int:
        return len(self._holdings)

    def has(self, model: str) -> bool:
        """Tell whether it is loaded, or about to be."""
        return model in self._holdings or model in self._loading

    async def acquire(self, model: str, timeout_s: float) -> bytes:
        """Return the path that invokes a model once it is loaded; `release` follows.

        Raises:
            ModelUnavailable, ModelNotLoaded: It cannot be had, or its container cannot load it.
            Overloaded: Too many others are to be loaded.
            ConnectionClosed: The instance is gone.
            TimeoutError: Not in time. The load goes on.
        """
        began = time.monotonic()
        self._record("ModelCacheHit", float(model in self._holdings))
        self._holdings.begin(model)
        try:
            if model not in self._holdings:
                await self._wait_for(model, timeout_s)
        except BaseException:
            self.release(model)
            raise
        self._record("ModelLoadingWaitTime", (time.monotonic() - began) * 1e6)
        return f"/models/{self._source.name_of(model)}/invoke".encode()

    def release(self, model: str) -> None:
        """A request for it has its answer."""
        if self._holdings.end(model):
            self._changed.set()
            if not self._keeps and model in self._holdings and not self._closed:
                self._begin_unload(model)

    def close(self) -> None:
        """The instance ends: nothing is loaded any more, and who waits is told."""
        self._closed = True
        for task in (*self._loading.values(), *self._unloading.values()):
            task.cancel()

    # --- loading -----------------------------------------------------------------------------

    async def _wait_for(self, model: str, timeout_s: float) -> None:
        if self._closed:
            raise ConnectionClosed("the instance is ending", began=False)
        task = self._loading.get(model)
        if task is None:
            if len(self._loading) >= _MOST_PENDING:
                raise Overloaded("too many models are waiting to be loaded")
            task = self._loading[model] = asyncio.create_task(self._load(model))
            task.add_done_callback(lambda done: self._loaded(model, done))
        async with timeout(timeout_s):
            await asyncio.wait((task,))
        if task.cancelled():
            raise ConnectionClosed("the instance is ending", began=False)
        try:
            task.result()
        except ConnectionClosed as closed:  # the request itself was never sent
            raise ConnectionClosed(str(closed), began=False) from None

    def _loaded(self, model: str, task: asyncio.Task[None]) -> None:
        self._loading.pop(model, None)
        self._changed.set()
        if task.cancelled() or task.exception() is not None:
            return
        if not self._keeps and model in self._holdings and not self._holdings.is_used(model):
            self._begin_unload(model)  # all who waited have gone

    async def _load(self, model: str) -> None:
        if len(self._holdings) >= _MOST_LOADED and (oldest := self._holdings.least_recently_used()):
            self._begin_unload(oldest)
        if (unloading := self._unloading.get(model)) is not None:
            await asyncio.wait((unloading,))
        async with self._room:
            fetched = await self._source.fetch(model)
            if fetched.seconds is not None:
                self._record("ModelDownloadingTime", fetched.seconds * 1e6)
            try:
                await self._tell(model, fetched.name, fetched.url)
            except BaseException:
                self._source.unused(model)
                raise

    async def _tell(self, model: str, name: str, url: str) -> None:
        """Have the container load it, and unload others for as long as it has no room."""
        told = json.dumps({"model_name": name, "url": url}).encode()
        while True:
            began = time.monotonic()
            self._changed.clear()
            self._telling += 1
            try:
                answer = await self._ask(b"POST", b"/models", told, self._load_s)
            except TimeoutError:
                await self._forget(name)  # it may still be at it
                text = f"The container did not load the model within {self._load_s:g} seconds."
                raise ModelNotLoaded(504, text) from None
            finally:
                self._telling -= 1
            if answer.status < 300 or answer.status == 409:
                self._holdings.add(model)  # at once: who is told 507 meanwhile must see that there is one
                self._record("ModelLoadingTime", (time.monotonic() - began) * 1e6)
                return
            if answer.status != 507 or not await self._make_room():
                raise ModelNotLoaded(answer.status, answer.body[:_ANSWER_BYTES].decode("utf-8", "replace"))

    async def _make_room(self) -> bool:
        """Unload one that answers nothing, or wait until something changes; False where nothing can."""
        if (victim := self._holdings.least_recently_used()) is not None:
            self._begin_unload(victim)
        elif not self._holdings and not self._unloading and not self._telling:
            return False
        try:
            async with timeout(self._load_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    # --- unloading ---------------------------------------------------------------------------

    def _begin_unload(self, model: str) -> None:
        self._holdings.remove(model)
        task = self._unloading[model] = asyncio.create_task(self._unload(model))
        task.add_done_callback(lambda done: self._unloaded(model, done))

    async def _unload(self, model: str) -> None:
        began = time.monotonic()
        await self._forget(self._source.name_of(model))
        self._record("ModelUnloadingTime", (time.monotonic() - began) * 1e6)

    def _unloaded(self, model: str, task: asyncio.Task[None]) -> None:
        self._unloading.pop(model, None)
        self._changed.set()
        self._source.unused(model)
        if not task.cancelled():
            task.exception()  # the instance is gone: its health tells

    async def _forget(self, name: str) -> None:
        await self._ask(b"DELETE", f"/models/{name}".encode(), b"", _UNLOAD_S)
