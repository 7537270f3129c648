"""Held: a pool as the job that runs in it has it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.imports import Script
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

    async def has_checked(self, archive: Path, script: Script, image: Image) -> bool:
        """Tell whether this very source was found to import nothing that its environment has not.

        Args:
            archive: Of the source; where there is none, as it came in a channel, nothing is known.
        """
        return await asyncio.to_thread(_mark, archive, script, image) in self.checked

    async def note_checked(self, archive: Path, script: Script, image: Image) -> None:
        """Remember that it was."""
        mark = await asyncio.to_thread(_mark, archive, script, image)
        if mark is not None:
            self.checked[mark] = None
        while len(self.checked) > _MOST_CHECKED:
            del self.checked[next(iter(self.checked))]

    @property
    def variables(self) -> dict[str, str]:
        """What the instances are told of it."""
        return {CACHE_VARIABLE: CACHE_PATH}


def _mark(archive: Path, script: Script, image: Image) -> str | None:
    """Return what stands for a source in an environment. Blocking."""
    try:
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    environment = image.environment
    packages = sorted(environment.distributions.items())
    asked = (digest, script.entry, script.requirements)
    return repr((asked, environment.label, environment.python, hash(tuple(packages))))
