"""Builds: the platform's own, at the first use of an image; one at a time, shared by all that wait for it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sagehen.executors.environments import pip_settings, uv
from sagehen.executors.environments.build import BuildFailed, build
from sagehen.executors.environments.built import BuiltEnvironments
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.uv import Uv

Say = Callable[[str], None]
Make = Callable[[FrameworkImage, Say], object]
_MOST_LINES_KEPT = 200
# Who names images need not be who owns the disk: more than this, the operator builds himself.
_MOST_ENVIRONMENTS = 12
_LEAST_FREE_BYTES = 20 * 10**9


class _Build:
    """One build: what it has said so far, and who listens."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.listeners: list[Say] = []

    def say(self, line: str) -> None:
        if len(self.said) < _MOST_LINES_KEPT:
            self.said.append(line)
        for listener in list(self.listeners):
            listener(line)


class Builds:
    """Builds environments in a thread; who asks for one that is being built waits for the same.

    Args:
        environments: Where they are put.
        gpus: How many GPUs this machine has.
        make: What builds one; given by tests.
    """

    def __init__(self, environments: BuiltEnvironments, gpus: int = 0, make: Make | None = None) -> None:
        self._environments = environments
        self._gpus = gpus
        self._make = make or self._by_uv
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="build")
        self._running: dict[str, tuple[_Build, asyncio.Future[object]]] = {}
        self._uv: Uv | None = None

    async def bring(self, image: FrameworkImage, say: Say) -> None:
        """Return when the environment of an image is there.

        Cancelled, the build goes on: others may wait for it, and the next one will ask again.

        Args:
            say: Is told what goes on, on the event loop; first what was said before.

        Raises:
            BuildFailed, UvMissing
        """
        if image.key not in self._running:
            self._running[image.key] = self._begin(image)
        work, task = self._running[image.key]
        for line in work.said:
            say(line)
        work.listeners.append(say)
        try:
            await asyncio.shield(task)
        finally:
            work.listeners.remove(say)

    async def stop(self) -> None:
        """End what is being built."""
        for _, task in self._running.values():
            task.cancel()
        if self._uv is not None:
            self._uv.stop()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _begin(self, image: FrameworkImage) -> tuple[_Build, asyncio.Future[object]]:
        loop, work = asyncio.get_running_loop(), _Build()

        def say(line: str) -> None:
            try:
                loop.call_soon_threadsafe(work.say, line)
            except RuntimeError:  # the platform ends
                pass

        def run() -> object:
            self._require_room()
            return self._make(image, say)

        task = loop.run_in_executor(self._pool, run)
        task.add_done_callback(lambda done: self._ended(image.key, done))
        return work, task

    def _require_room(self) -> None:
        """Refuse to fill the disk with environments. Raises BuildFailed."""
        if len(self._environments.all()) >= _MOST_ENVIRONMENTS:
            raise BuildFailed(
                f"there are {_MOST_ENVIRONMENTS} built environments already: `sagehen images remove` some, "
                "or `sagehen images build` this one"
            )
        self._environments.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._environments.folder).free < _LEAST_FREE_BYTES:
            raise BuildFailed(f"less than {_LEAST_FREE_BYTES / 1e9:.0f} GB of the disk are free")

    def _ended(self, key: str, done: asyncio.Future[object]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # told to whoever waits; nobody may

    def _by_uv(self, image: FrameworkImage, say: Say) -> object:
        variables = uv.settings(pip_settings.of_host(), os.environ)
        self._uv = Uv(uv.find_uv(), variables, say)
        return build(image, self._environments, self._uv, say, uv.torch_backends(variables, self._gpus))
