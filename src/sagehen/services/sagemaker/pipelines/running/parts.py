"""Parts: what carries executions out has in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.storage.objects import Objects
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.executions.records import ExecutionRecords
from sagehen.services.sagemaker.pipelines.running.calls import RoleCalls
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.store.database import Database

# Of a job by its name: its status, None where there is none.
Status = Callable[[Scope, str], str | None]


def status_in(database: Database, table: str) -> Status:
    """Return how the status of a job is read: of its row alone, where the operation would be a request."""

    def status(scope: Scope, name: str) -> str | None:
        row = database.one(f"SELECT status FROM {table} WHERE {KEY}", key(scope, name))
        return None if row is None else str(row["status"])

    return status


@dataclass(frozen=True, slots=True)
class Parts:
    """What is needed.

    Args:
        clock: The platform's.
        machine: The machine's: jobs run by it, whatever the platform's does.
        definition: Of a pipeline's version; None where it is gone.
        statuses: Of jobs, by the type of their steps.
        functions: None where there are none.
        reading: Steps that hold files of S3 at a time.
    """

    clock: Clock
    machine: Clock
    ids: Ids
    records: ExecutionRecords
    definition: Callable[[Scope, str, int], Definition | None]
    calls: RoleCalls
    objects: Objects
    tags: TagRecords
    statuses: Mapping[str, Status]
    functions: FunctionInvoker | None
    # Parsed, files are many times as large.
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    def now(self) -> float:
        """Return the platform's time, as records have it."""
        return self.clock.now().timestamp()
