"""DataCapture: takes what is captured, and writes it to S3 a few seconds later with the role's rights."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, SystemClock, epoch_ms
from sagehen.domain.ids import Ids
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.capture.event import CapturedEvent, key_of, line_of
from sagehen.serving.capture import CaptureSettings

_log = logging.getLogger("sagehen.capture")

# Ours: AWS names no time ("it may take a few minutes"). What a `kill -9` may lose.
FLUSH_S = 5.0
# A file that has so much is written at once; and what all of them may hold before events are left out, as
# AWS leaves them out where its disks are full (documented: Data capture, the note on disk usage).
_FILE_BYTES = 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
# Of it, so that none leaves the others without.
MOST_OF_ACCOUNT = MOST_BYTES // 4
_STREAM = "data-capture"


@dataclass(frozen=True, slots=True)
class Source:
    """Whose events are written together: those of one variant by the same settings."""

    scope: Scope
    endpoint: str
    variant: str
    role_arn: str
    settings: CaptureSettings


@dataclass(slots=True)
class _Batch:
    events: list[CapturedEvent] = field(default_factory=list)
    held: int = 0
    left_out: int = 0


class DataCapture:
    """What is captured and not written yet. `note` never waits, and never raises.

    Args:
        folder: Of its own, for files on their way; emptied at a start.
    """

    def __init__(
        self, *, folder: Path, objects: Objects, roles: KeptSessions, logs: LogSink, clock: Clock, ids: Ids
    ) -> None:
        self._folder = folder
        self._objects = objects
        self._roles = roles
        self._logs = logs
        self._clock = clock
        self._ids = ids
        self._batches: dict[Source, _Batch] = {}
        self._held = 0
        self._held_by: Counter[str] = Counter()
        self._wake = asyncio.Event()
        # Seconds of the machine: what waits in memory waits no longer because time passes faster.
        self._writing = Rounds(
            "data-capture",
            self.flush,
            SystemClock(),
            FLUSH_S,
            tale="writing captured data",
            at_once=False,
            wake=self._wake,
        )

    def wants(self, settings: CaptureSettings) -> bool:
        """Draw whether one request is captured."""
        return 100 * self._ids.uniform() < settings.percentage

    def note(self, source: Source, event: CapturedEvent) -> None:
        """Keep an event; where too much is held already it is left out, and the log will say so."""
        batch = self._batches.get(source)
        if batch is None:
            batch = self._batches[source] = _Batch()
        size, account_id = event.size, source.scope.account_id
        if self._held + size > MOST_BYTES or self._held_by[account_id] + size > MOST_OF_ACCOUNT:
            batch.left_out += 1
            return
        batch.events.append(event)
        batch.held += size
        self._held += size
        self._held_by[account_id] += size
        if batch.held >= _FILE_BYTES:
            self._wake.set()

    def empty(self) -> None:
        """Make the folder; what an earlier life left on its way goes. Blocking, before `start`."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)

    def start(self) -> None:
        """Begin to write."""
        self._writing.start()

    async def stop(self) -> None:
        """Write what is held, and end."""
        await self._writing.stop()
        await self.flush()

    def forget(self) -> None:
        """Drop what is held: what it was captured from is gone."""
        self._batches.clear()
        self._held = 0
        self._held_by.clear()

    async def flush(self) -> None:
        """Write what is held now. What cannot be written is dropped, with a line in the endpoint's log."""
        batches, self._batches = self._batches, {}
        for source, batch in batches.items():
            try:
                if batch.left_out:
                    self._say(source, f"{batch.left_out} requests were not captured: too much waits already")
                if batch.events:
                    await self._write(source, batch.events)
            except (AccessDenied, NoSuchObject, ServiceError) as error:
                self._say(source, f"{len(batch.events)} captured requests cannot be stored: {error}")
            except Exception as error:  # whatever it is: the others' batches are to be written
                _log.error("captured data of %s is lost", source.endpoint, exc_info=error)
                reason = error.strerror if isinstance(error, OSError) else "an internal error"
                self._say(source, f"{len(batch.events)} captured requests cannot be stored: {reason}")
            finally:
                self._held = max(0, self._held - batch.held)
                self._held_by[source.scope.account_id] -= batch.held
        self._held_by = +self._held_by

    async def _write(self, source: Source, events: Sequence[CapturedEvent]) -> None:
        settings, name = source.settings, self._ids.uuid()
        file = self._folder / name
        session = await self._roles.of(source.role_arn)
        key = key_of(settings, source.endpoint, source.variant, events[0].at, name)
        try:
            await asyncio.to_thread(self._write_file, file, events, settings)
            await self._objects.upload(
                session.principal,
                settings.bucket,
                key,
                file,
                content_type="application/jsonl",
                kms_key_id=settings.kms_key_id,
            )
        finally:
            await asyncio.to_thread(file.unlink, True)

    def _write_file(self, file: Path, events: Sequence[CapturedEvent], settings: CaptureSettings) -> None:
        with file.open("wb") as to:
            for event in events:
                to.write(line_of(event, self._ids.uuid(), settings))

    def _say(self, source: Source, text: str) -> None:
        group = f"/aws/sagemaker/Endpoints/{source.endpoint}"
        event = (epoch_ms(self._clock.now()), f"sagehen: data capture: {text}")
        self._logs.write(source.scope, group, f"{source.variant}/{_STREAM}", [event])
