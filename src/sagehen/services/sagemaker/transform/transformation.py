"""Transformation: all objects of a job, read, asked and answered, several at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.incoming.gunzip import NotGzip
from sagehen.incoming.index import Entry
from sagehen.services.sagemaker.jobs.decisions import Observed
from sagehen.services.sagemaker.transfers.failures import DownloadFailed
from sagehen.services.sagemaker.transfers.names import file_path
from sagehen.services.sagemaker.transform.asking import NotAnswered, Server
from sagehen.services.sagemaker.transform.objects import Manner, transform
from sagehen.services.sagemaker.transform.outputs import Output, Outputs
from sagehen.services.sagemaker.transform.records.association import Mismatch
from sagehen.services.sagemaker.transform.records.splitting import UnusableRecords

# Names of all outputs are in memory. AWS names no number.
MOST_OBJECTS = 1_000_000
# In the data log; what else fails is counted.
_MOST_FAILURES_SAID = 100
_LONGEST_SAID, _MOST_LINES_SAID = 1000, 20


class Transformation:
    """Workers take objects from one listing; where one fails the log says so, and the others go on.

    Args:
        principal: The job's role.
        manner: Of every object.
        outputs: Take the answers.
        seen: What is known of the job: it may be ending.
        say: Takes an instance and a line for the data log.

    Attributes:
        first_failure: What the first object that failed did so of.
    """

    def __init__(
        self,
        objects: Objects,
        principal: Principal,
        manner: Manner,
        outputs: Outputs,
        seen: Callable[[], Observed],
        say: Callable[[str, str], None],
    ) -> None:
        self.first_failure: Exception | None = None
        self._objects = objects
        self._principal = principal
        self._manner = manner
        self._outputs = outputs
        self._seen = seen
        self._say = say
        self._failures = 0

    async def run(self, servers: Sequence[Server], entries: AsyncIterator[Entry]) -> None:
        """Ask for all objects.

        Raises:
            ExceptionGroup: Of what the listing failed of, or what is nobody's fault.
        """
        turn = asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            for server in servers:
                for _ in range(server.settings.at_once + server.settings.read_ahead):
                    group.create_task(self._worker(server, entries, turn))

    async def _worker(self, server: Server, entries: AsyncIterator[Entry], turn: asyncio.Lock) -> None:
        while self._seen().ending is None:
            async with turn:  # one listing for all
                entry = await anext(entries, None)
                if entry is None:
                    return
                if len(self._outputs) >= MOST_OBJECTS:
                    raise DownloadFailed(f"ClientError: there are more than {MOST_OBJECTS} objects")
                place = self._outputs.begin()
            await self._object(server, entry, place)

    async def _object(self, server: Server, entry: Entry, place: int) -> None:
        to = self._outputs.file(place)
        try:
            name = f"{file_path(entry.relative)}.out"
            _, pieces = await self._objects.read(self._principal, entry.bucket, entry.key)
            content = await transform(pieces, to, self._outputs.may_hold, server, self._manner)
        except (
            NotAnswered, UnusableRecords, NotGzip, Mismatch, AccessDenied, NoSuchObject, ValueError,
        ) as error:  # fmt: skip
            await asyncio.to_thread(to.unlink, True)
            self._failed(server, entry, error)
        else:
            self._outputs.end(place, Output(name, content, entry))

    def _failed(self, server: Server, entry: Entry, error: Exception) -> None:
        if self._seen().ending is not None or self._seen().lost:
            return
        self._failures += 1
        self.first_failure = self.first_failure or error
        if self._failures <= _MOST_FAILURES_SAID:
            where = f"{entry.bucket}/{entry.key}"
            for line in str(error)[:_LONGEST_SAID].splitlines()[:_MOST_LINES_SAID] or [""]:
                self._say(server.host, f"[sagemaker logs]: {where}: {line}")
