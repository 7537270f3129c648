"""FailureReason of a job: whose fault it is, in AWS's words.

`AlgorithmError` is the container's, `ClientError` the request's or the role's, `CapacityError` the
machine's, `InternalServerError` ours: its traceback goes to the platform's log.
"""

from __future__ import annotations

import logging

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.executors.base import ExitStatus, SandboxUnavailable
from sagehen.executors.environments.build import BuildFailed
from sagehen.executors.environments.uv import UvMissing
from sagehen.executors.folders.job import FAILURE_CHARACTERS
from sagehen.services.sagemaker.images.imports import ImportsMissing
from sagehen.services.sagemaker.instances.capacity import DISK_REASON, TRAINING_REASON, is_disk_full
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.transfers.failures import DownloadFailed

_log = logging.getLogger(__name__)


INTERNAL_REASON = "InternalServerError: We encountered an internal error. Please try again."


class NoCapacity(Exception):
    """The machine is too small for the job."""


def failure_reason(status: ExitStatus, text: str | None, volume_gb: int | None = None) -> str:
    """Return the FailureReason of a container that failed.

    Args:
        text: What it wrote to /opt/ml/output/failure.
        volume_gb: Its VolumeSizeInGB.
    """
    if status.out_of_disk:
        # On AWS the write that goes beyond fails, and the algorithm with it.
        return (
            f"AlgorithmError: {text or 'OSError: [Errno 28] No space left on device'} (the job's files are "
            f"more than the {volume_gb} GB of VolumeSizeInGB, or than this computer's disk has room for),"
            f" exit code: {status.code or 1}"
        )
    if status.out_of_memory:
        # From memory, with the comma behind the full stop.
        return (
            "ClientError: Please use an instance type with more memory, or reduce the size of training "
            "data processed on an instance., exit code: 137"
        )
    # From memory: the failure file's text stands between, and is empty where there is none.
    return f"AlgorithmError: {text or ''}, exit code: {status.code}"


def reason_of(error: BaseException) -> str:
    """Return the FailureReason of what the platform could not do for the job."""
    if isinstance(error, BaseExceptionGroup):
        return reason_of(error.exceptions[0])
    if isinstance(error, DownloadFailed):
        return str(error)
    if isinstance(error, ImportsMissing):
        return f"AlgorithmError: {error}"[:FAILURE_CHARACTERS]
    if isinstance(error, AccessDenied | ServiceError):
        return f"ClientError: {error.message}"
    if isinstance(error, NoCapacity):
        return TRAINING_REASON
    if isinstance(error, SandboxUnavailable | GpuTypeRefused | BuildFailed | UvMissing):
        reason = f"CapacityError: Unable to provision requested ML compute capacity. {error}"
        return reason[:FAILURE_CHARACTERS]
    if is_disk_full(error):
        return DISK_REASON
    _log.error("a job failed for an unforeseen reason", exc_info=error)
    return INTERNAL_REASON
