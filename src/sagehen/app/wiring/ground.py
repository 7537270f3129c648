"""Ground: what every service stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagehen.app.data_folder import DataFolder
from sagehen.app.reach import Reach
from sagehen.app.settings import Settings
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.executors.base import Executor, OpenDoor
from sagehen.store.database import Database

if TYPE_CHECKING:
    from sagehen.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service stands on.

    Args:
        reach: From where the front door is reached.
        port: The front door's, as sandboxes are told it.
        isolated_door: Opens it in a sandbox's network without a way to other hosts.
        replies_door: Opens one in a sandbox's network by TLS, as the host where custom resources answer.
        cluster: Other machines, with `--cluster`.
    """

    settings: Settings
    folder: DataFolder
    database: Database
    clock: Clock
    ids: Ids
    executor: Executor
    reach: Reach
    port: int
    isolated_door: OpenDoor
    replies_door: OpenDoor
    cluster: Cluster | None = None
