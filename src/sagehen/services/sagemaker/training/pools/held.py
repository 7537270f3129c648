"""Held: a pool as the job that runs in it has it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.content import CACHE_PATH, CACHE_VARIABLE, PoolContent
from sagehen.services.sagemaker.training.pools.pool import WarmPool

REUSED_NOTE = "sagehen: the instances are those of a warm pool"
# Jobs come one after the other, each perhaps with another source.
_MOST_CHECKED = 32


@dataclass(slots=True)
class Held:
    """What a running job has of its pool.

    Args:
        pool: The job's row.
        content: What an earlier job left.
        reused: Whether there was an earlier job.
        image: Whose warm parent is kept with it.
        checked: Sources of which it is known that their environment has what they import.
    """

    pool: WarmPool
    content: PoolContent
    reused: bool
    image: Image | None = None
    checked: dict[str, None] = field(default_factory=dict)

    async def give(self, job: TrainingJob, folder: JobFolder, image: Image) -> None:
        """Move what was kept into the job's folder, before its instances start."""
        self.image = image
        packages = "ContainerEntrypoint" not in job.request["AlgorithmSpecification"]
        await asyncio.to_thread(self.content.give, folder, job.hosts, packages=packages)

    async def has_checked(self, archive: Path, entry: str, image: Image) -> bool:
        """Tell whether this very source was found to import nothing that its environment has not."""
        return await asyncio.to_thread(_mark, archive, entry, image) in self.checked

    async def note_checked(self, archive: Path, entry: str, image: Image) -> None:
        """Remember that it was."""
        self.checked[await asyncio.to_thread(_mark, archive, entry, image)] = None
        while len(self.checked) > _MOST_CHECKED:
            del self.checked[next(iter(self.checked))]

    @property
    def variables(self) -> dict[str, str]:
        """What the instances are told of it."""
        return {CACHE_VARIABLE: CACHE_PATH}


def _mark(archive: Path, entry: str, image: Image) -> str:
    """Return what stands for a source in an environment. Blocking."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    environment = image.environment
    packages = sorted(environment.distributions.items())
    return repr((digest, entry, environment.label, environment.python, hash(tuple(packages))))
