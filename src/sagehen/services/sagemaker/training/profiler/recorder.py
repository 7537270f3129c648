"""Recorder: samples a job's instances at the profiler's interval, and stores what they use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Limits, Sandbox
from sagehen.executors.hardware.gpu_use import GpuMeter
from sagehen.executors.processes.activity import ActivityReader
from sagehen.services.sagemaker.training.profiler.events import Event, Sample, events_between
from sagehen.services.sagemaker.training.profiler.files import SYSTEM, Minute, MinuteFiles
from sagehen.services.sagemaker.training.profiler.settings import ProfilerSettings

# What measuring may take of the time; an interval that is too short for so many instances gets longer.
_MOST_OF_THE_TIME = 0.2
# A minute at a time is stored while the job runs: what is not done by then waits at the end for this long.
_LAST_STORING_S = 60.0
_END_OF_TRAINING = "training_job_end.ts"


class Recorder:
    """The profiler of one attempt at a job.

    Args:
        settings: As of now; `change` takes others.
        job_name: Names the folder in S3.
        folder: The platform's own, for what is not in S3 yet.
        principal: The session of the job's role.
        own_network: Whether the job's network namespace is its own.
        note: Takes a line for the job's log.
        told: Is told what was measured, on the event loop.
    """

    def __init__(
        self,
        settings: ProfilerSettings | None,
        job_name: str,
        folder: Path,
        objects: Objects,
        principal: Principal,
        *,
        own_network: bool,
        note: Callable[[str], None],
        told: Callable[[Sequence[Event]], None],
    ) -> None:
        self._settings = settings
        self._job_name = job_name
        self._folder = folder
        self._files: MinuteFiles | None = None
        self._objects, self._principal = objects, principal
        self._own_network = own_network
        self._note, self._told = note, told
        self._readers: dict[str, ActivityReader] = {}
        self._before: dict[str, Sample] = {}
        self._gpus: GpuMeter | None = None
        self._over: list[Minute] = []
        self._is_over = asyncio.Event()
        self._refused = False
        self._changed = asyncio.Event()

    def change(self, settings: ProfilerSettings | None) -> None:
        """Go on with other settings, or stop measuring."""
        if settings != self._settings:
            self._settings, self._refused = settings, False
            self._changed.set()

    async def record(self, sandboxes: Mapping[str, Sandbox], limits: Mapping[str, Limits]) -> None:
        """Sample until cancelled, on the machine's own time.

        Args:
            sandboxes: By host; those that end go from it.
        """
        while True:
            self._changed.clear()
            if self._settings is None:
                self._before.clear()
                await self._changed.wait()
                continue
            began = time.monotonic()
            events, over = await asyncio.to_thread(self._sample, dict(sandboxes), limits)
            took = time.monotonic() - began
            if events:
                self._told(events)
            if over:
                self._over += over
                self._is_over.set()
            interval = max(self._settings.interval_ms / 1000, took / _MOST_OF_THE_TIME)
            try:
                async with timeout(max(0.0, began + interval - time.monotonic())):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def keep_storing(self) -> None:
        """Store the minutes that are over, until cancelled. Beside sampling, which waits for nothing."""
        while True:
            await self._is_over.wait()
            self._is_over.clear()
            await self._store()

    async def end(self) -> None:
        """Store what is left, and that training has ended, once the two above were cancelled.

        For a minute at most.
        """
        if self._files is not None:
            self._over += await asyncio.to_thread(self._files.close)
        try:
            async with timeout(_LAST_STORING_S):
                await self._store()
                if self._settings is not None and not self._refused and self._files is not None:
                    await self._store_end(self._settings)
        except TimeoutError:
            self._note("sagehen: the profiler's last metrics could not be stored in time")

    def _sample(
        self, sandboxes: Mapping[str, Sandbox], limits: Mapping[str, Limits]
    ) -> tuple[list[Event], list[Minute]]:
        events: list[Event] = []
        for number, (host, sandbox) in enumerate(sorted(sandboxes.items())):
            if host not in self._readers:
                # Instances of a job share one network: its traffic is the first one's, not each one's again.
                own = self._own_network and number == 0 and not self._readers
                self._readers[host] = ActivityReader(sandbox.pid, own_network=own)
            try:
                usage = sandbox.usage()
            except (OSError, ProcessLookupError):
                continue  # ended meanwhile
            if self._gpus is None:
                self._gpus = GpuMeter()
            activity, gpus = self._readers[host].read(), self._gpus.read(sandbox.pid)
            now = Sample(time.monotonic(), time.time(), usage, activity, gpus)
            if (before := self._before.get(host)) is not None:
                events += events_between(before, now, limits[host], host)
            self._before[host] = now
        if self._files is None:
            self._files = MinuteFiles(self._folder)
        return events, self._files.write(events)

    # --- S3 ------------------------------------------------------------------------------------

    async def _store(self) -> None:
        while self._over and self._files is not None:
            path = self._files.path(self._over[0])
            if self._settings is not None and not self._refused:
                await self._put(self._settings, self._over[0].key, path)
            await asyncio.to_thread(path.unlink, missing_ok=True)
            self._over.pop(0)

    async def _store_end(self, settings: ProfilerSettings) -> None:
        """Store what readers look for to know that no more will come (smdebug's END_OF_JOB_FILENAME)."""
        empty = self._folder / _END_OF_TRAINING
        await asyncio.to_thread(empty.touch)
        for part in (SYSTEM, "profiler-output/framework"):
            await self._put(settings, f"{part}/{_END_OF_TRAINING}", empty)

    async def _put(self, settings: ProfilerSettings, name: str, path: Path) -> None:
        bucket, key = settings.key(self._job_name, name)
        try:
            await self._objects.upload(self._principal, bucket, key, path, "application/json")
        except Exception as error:  # also what else S3 may have against it; the job goes on
            if not self._refused:
                self._note(f"sagehen: the profiler's metrics cannot be stored: {error}")
            self._refused = True
