"""WorkerPool: starts worker processes, replaces dead ones, and tells the dispatcher about them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.lanes.channel import Channel, channel_pair
from sagehen.modelserver.lanes.lending import Lanes
from sagehen.modelserver.settings import Settings
from sagehen.modelserver.workers.link import WorkerLink
from sagehen.modelserver.workers.worker import run_worker

# Where the code has predict_batch_fn and no size was asked for. Ours, as predict_batch_fn is.
DEFAULT_BATCH_SIZE = 32
# A worker that dies at once after its start is not to keep a core busy with restarts.
_RESTART_DELAY_S = 0.5
# A process whose channel is closed is gone in milliseconds, but for one that still answers.
_REAP_TRIES, _REAP_PAUSE_S = 600, 0.1


class WorkerPool:
    """Keeps as many workers as the settings ask for.

    Args:
        on_failure: Called with a message when the model cannot be loaded on the first start.
        on_ready: Called when the first worker has loaded it.
        lanes: Told of the workers; None: every call goes through the front.
    """

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        on_failure: Callable[[str], None],
        on_ready: Callable[[], None] = lambda: None,
        lanes: Lanes | None = None,
    ) -> None:
        self.dispatcher = dispatcher
        self.lanes = lanes
        self._settings = settings
        self._on_failure = on_failure
        self._on_ready = on_ready
        self._links: set[WorkerLink] = set()
        self._reserved: list[Channel] = []
        self._takes_batches: bool | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def any_ready(self) -> bool:
        return any(link.ready for link in self._links)

    @property
    def calls_at_once(self) -> int:
        """Return how many calls keep all workers busy: for each what it answers, and what it takes next."""
        return 2 * self._settings.worker_count(bool(self._takes_batches)) * self.dispatcher.max_batch

    @property
    def pids(self) -> list[int]:
        return [link.pid for link in self._links if link.pid is not None]

    async def start(self) -> None:
        """Start the first worker, with channels for the clones that it may make of itself."""
        most = self._settings.worker_count(False)
        pairs = [channel_pair() for _ in range(most - 1)]
        self._reserved = [front for front, _ in pairs]
        await self._spawn([back for _, back in pairs], threads=None)

    def close(self) -> None:
        """Hang up: each worker ends once it has answered what it holds."""
        self._closed = True
        for link in list(self._links):
            link.close()

    def end(self) -> None:
        """Kill the workers; what they hold is lost."""
        self._closed = True
        for front in self._reserved:
            front.close()
        self._reserved = []
        for link in list(self._links):
            link.kill()
            self.dispatcher.worker_lost(link)
            link.close()

    async def _spawn(self, siblings: list[Channel], threads: int | None) -> None:
        front, back = channel_pair()
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError:
            for end in (front, back, *siblings):
                end.close()
            raise
        if pid == 0:
            _forget_descriptors(back.descriptors.union(*(sibling.descriptors for sibling in siblings)))
            gc.freeze()  # the collector would copy every inherited page
            run_worker(self._settings, back, siblings, threads)
        back.close()
        for sibling in siblings:
            sibling.close()
        link = await self._attach(front)
        link.pid = pid

    async def _attach(self, front: Channel) -> WorkerLink:
        front.calls.setblocking(False)
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(lambda: WorkerLink(self, front), sock=front.calls)
        self._links.add(link)
        if self._closed:  # meanwhile
            link.close()
        return link

    # --- told by the links -------------------------------------------------------------------

    def worker_reported(self, link: WorkerLink, report: dict[str, Any]) -> None:
        """Take note of a worker that has loaded its model (`ready`) or could not (`failed`)."""
        if reason := report.get("failed"):
            if self._takes_batches is None:
                self._on_failure(reason)
            return
        if self._takes_batches is None and "takes_batches" in report:
            self._takes_batches = bool(report["takes_batches"])
            self._schedule(self._complete(int(report["cloned"])))
        if self._takes_batches:
            self.dispatcher.max_batch = (
                self._settings.batch_max_size if self._settings.batch_max_size > 1 else DEFAULT_BATCH_SIZE
            )
        elif self.lanes is not None:
            self.lanes.worker_ready(link)
        self.dispatcher.worker_ready(link)
        self._on_ready()

    async def _complete(self, cloned: int) -> None:
        """Take in the clones; start by themselves the workers that could not be cloned."""
        wanted = self._settings.worker_count(bool(self._takes_batches))
        reserved, self._reserved = self._reserved, []
        for front in reserved[:cloned]:
            await self._attach(front)
        for front in reserved[cloned:]:
            front.close()
        for _ in range(wanted - 1 - cloned):
            await self._start_one()

    def worker_lost(self, link: WorkerLink) -> None:
        """Start another in half a second; before the first report it is a failure of the instance."""
        self._links.discard(link)
        if link.pid is not None:
            self._schedule(_reaped(link.pid))
        in_lane = self.lanes is not None and self.lanes.worker_lost(link)
        if self._closed:
            return
        if self._takes_batches is None:
            self._on_failure("the worker process died while it loaded the model")
            return
        print("a worker process ended; starting another", file=sys.stderr, flush=True)  # noqa: T201
        self.dispatcher.worker_lost(link, had_begun=not in_lane)
        self._schedule(self._replace())

    async def _replace(self) -> None:
        await asyncio.sleep(_RESTART_DELAY_S)
        await self._start_one()

    async def _start_one(self) -> None:
        if self._closed:
            return
        wanted = self._settings.worker_count(bool(self._takes_batches))
        try:
            await self._spawn([], self._settings.threads_per_worker(wanted))
        except OSError as error:  # the handler's code has all processes, or descriptors, that there may be
            print(f"no worker process can be started now: {error}", file=sys.stderr, flush=True)  # noqa: T201
            self._schedule(self._replace())

    def _schedule(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _reaped(pid: int) -> None:
    """Take note of a worker's end, so that it is no task of the sandbox's any more; clones are not ours."""
    for _ in range(_REAP_TRIES):
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:  # noqa: ASYNC222 - it does not wait
                return
        except ChildProcessError:
            return
        await asyncio.sleep(_REAP_PAUSE_S)


def _forget_descriptors(keep: set[int]) -> None:
    """Point every descriptor but `keep` and the standard streams to /dev/null, in a forked child.

    Other workers' channels and callers' connections must not stay open here. They are replaced,
    not closed, so that their numbers are not used again under the objects that still hold them.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for entry in list(Path("/proc/self/fd").iterdir()):
        descriptor = int(entry.name)
        if descriptor > 2 and descriptor != null and descriptor not in keep:
            try:
                os.fstat(descriptor)
                os.dup2(null, descriptor)
            except OSError:
                continue  # the listing's own descriptor
