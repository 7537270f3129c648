"""Bringing: a processing job's inputs, from S3 to where its instances are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sagehen.archives.bounds import of_volume
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.processing.inputs import ProcessingInput
from sagehen.services.sagemaker.processing.job import ProcessingJob
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere


class Bringing:
    """Brings a copy for each instance: what is in its folders is a container's to change."""

    def __init__(self, job: ProcessingJob, folder: JobFolder, downloads: Downloads) -> None:
        self._job = job
        self._folder = folder
        self._downloads = downloads
        self._room = of_volume(job.volume_gb).size

    async def here(self, inputs: Iterable[ProcessingInput]) -> None:
        """Bring inputs to this machine, one after another: their folders may lie in one another.

        Raises:
            DownloadFailed
        """
        for each in inputs:
            targets = [self._folder.host(host).opt_ml / each.folder for host in self._job.hosts]
            if each.channel.is_sharded:
                await self._downloads.bring_to(each.channel, targets, self._room * len(targets))
                continue
            for target in targets:
                await self._downloads.bring_to(each.channel, [target], self._room)

    async def elsewhere(self, inputs: Sequence[ProcessingInput], nodes: Elsewhere) -> None:
        """Have nodes get inputs by themselves, whose folders are apart.

        Raises:
            DownloadFailed, NodeGone
        """
        for each in inputs:
            places = {host: self._folder.host(host).opt_ml / each.folder for host in self._job.hosts}
            room = self._room * (len(places) if each.channel.is_sharded else 1)
            await nodes.bring_own(each.channel, places, self._downloads, room)
