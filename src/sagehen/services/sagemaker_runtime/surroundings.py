"""What the runtime needs of the platform for what goes on after an answer, or before it: S3, roles, logs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.storage.objects import Objects
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Ports, and a folder.

    Args:
        folder: For files on their way; other rooms have theirs beside it.
        objects: S3.
        roles: Whose rights are used there.
        logs: Where endpoints' logs are.
        database: Where requests are that are answered later.
    """

    folder: Path
    objects: Objects
    roles: Roles
    logs: LogSink
    database: Database
