"""EnvironmentOfSource: what stands for a job's image, and whether it has what the job's source imports."""

from __future__ import annotations

from sagehen.executors.environments.lacks import Lacks
from sagehen.services.sagemaker.images import imports
from sagehen.services.sagemaker.images.imports import ImportsMissing, Script
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.training.attempts.attempt import Attempt


class EnvironmentOfSource:
    """Looks after an attempt's image.

    Args:
        image: As it is mapped.
    """

    def __init__(self, attempt: Attempt, image: Image) -> None:
        self._attempt = attempt
        self.image = image

    async def build_wanted(self) -> None:
        """Build what is to stand for the image, where it needs to be.

        Raises:
            BuildFailed, UvMissing
        """
        if self._attempt.means.images.wants_building(self.image):
            await self._build()

    async def require(self, script: Script) -> None:
        """Look at the source as soon as it is there, while data is still on its way.

        Raises:
            ImportsMissing
        """
        attempt = self._attempt
        if self.image.own:
            return  # what it has is not ours to know
        if "PYTHONPATH" in attempt.job.request.get("Environment", {}):
            return  # where modules come from is the user's own
        archive, held = attempt.folder.source_archive, attempt.held
        if held is not None and await held.has_checked(archive, script, self.image):
            return
        provided = instance_environment.stand_in_names("trainingtoolkit")
        lacks = await imports.lacks_of(self.image, script, provided)
        if attempt.means.images.wants_building(self.image, lacks.certain):
            await self._build()
            lacks = await imports.lacks_of(self.image, script, provided)
        lacks = self._add_what_it_has_on_aws(lacks)
        try:
            note = imports.require(self.image, lacks, script)
        except ImportsMissing as error:
            attempt.note(f"sagehen: {self.image.describe()}")
            attempt.note(f"sagehen: {error}")
            raise
        if note:
            attempt.doubts.append(f"sagehen: {note}")
        elif held is not None and not attempt.added:
            await held.note_checked(archive, script, self.image)

    def _add_what_it_has_on_aws(self, lacks: Lacks) -> Lacks:
        """Have installed at the start what can be; return what is lacking still."""
        attempt, request = self._attempt, self._attempt.job.request
        started_by_toolkit = "ContainerEntrypoint" not in request["AlgorithmSpecification"]
        if not started_by_toolkit or request.get("EnableNetworkIsolation"):
            return lacks
        added = self.image.added_for([*lacks.certain, *lacks.perhaps])
        if added:
            attempt.added = tuple(dict.fromkeys(package for each in added.values() for package in each))
            attempt.doubts.append(
                f"sagehen: AWS's image has {', '.join(added)}, and {self.image.environment.label} has not: "
                f"{', '.join(attempt.added)} are installed for this job"
            )
        return lacks.without(added)

    async def _build(self) -> None:
        """Build; what goes on is in the log, while the job is Downloading."""
        attempt = self._attempt
        self.image = await attempt.means.images.built(
            self.image, lambda line: attempt.note(f"sagehen: {line}")
        )
        attempt.image = self.image
