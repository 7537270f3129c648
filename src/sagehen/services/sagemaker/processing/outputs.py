"""ProcessingOutputConfig of a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.processing import local_paths
from sagehen.services.sagemaker.transfers import uris


@dataclass(frozen=True, slots=True)
class ProcessingOutput:
    """One output that the platform stores.

    Args:
        folder: Relative to /opt/ml.
        is_continuous: Files are stored as they change, not only when the job has completed.
    """

    name: str
    folder: PurePosixPath
    bucket: str
    prefix: str
    is_continuous: bool


def parse(request: Mapping[str, Any]) -> tuple[ProcessingOutput, ...]:
    """Return the outputs that the platform stores; those that are AppManaged the container stores itself.

    Raises:
        ValidationException: An output without a place or a destination.
        NotImplementedOperation: A destination that is not built.
    """
    found = []
    for entry in (request.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
        what = f"processing output {entry['OutputName']!a}"[:200]
        if entry.get("FeatureStoreOutput") is not None:
            raise NotImplementedOperation("CreateProcessingJob FeatureStoreOutput is not implemented.")
        target = entry.get("S3Output")
        if target is None:
            raise ValidationException(f"S3Output or FeatureStoreOutput must be provided for {what}.")
        bucket, prefix = uris.split(target["S3Uri"])
        if not entry.get("AppManaged"):
            folder = local_paths.parse(target.get("LocalPath"), what)
            continuous = target["S3UploadMode"] == "Continuous"
            found.append(ProcessingOutput(entry["OutputName"], folder, bucket, prefix, continuous))
    return tuple(found)
