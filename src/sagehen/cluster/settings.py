"""ClusterSettings: what `--cluster` was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.cluster.executor.node import LOST_AFTER_S


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """See above.

    Args:
        address: Of the interface by which nodes reach this machine.
        folder: The cluster's own, in the data folder.
        lost_after_s: See `ClusterExecutor`.
        spreads_jobs: See `ClusterPlaces`.
        ray: The address of a Ray that is there already, and this platform's mark there; None: one of its own.
    """

    address: str
    folder: Path
    spreads_jobs: bool = False
    ray: tuple[str, str] | None = None
    lost_after_s: float = LOST_AFTER_S
