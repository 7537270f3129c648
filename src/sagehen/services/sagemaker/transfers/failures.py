"""Why data could not be brought in, in AWS's words."""

from __future__ import annotations

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.incoming.failures import PipeFailed
from sagehen.services.sagemaker.instances.capacity import DISK_REASON, is_disk_full


class DownloadFailed(Exception):
    """A channel could not be brought in; the message is the job's FailureReason."""


def as_failure(error: BaseException) -> DownloadFailed:
    """Return what a transfer raised as the reason of a job that failed."""
    if isinstance(error, BaseExceptionGroup):
        return as_failure(error.exceptions[0])
    if isinstance(error, DownloadFailed):
        return error
    if isinstance(error, PipeFailed):
        return DownloadFailed(str(error))
    if isinstance(error, AccessDenied):
        return DownloadFailed(f"ClientError: Data download failed:AccessDenied (403): {error.message}")
    if isinstance(error, NoSuchObject):
        return DownloadFailed(f"ClientError: Data download failed:NoSuchKey (404): {error}")
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return DownloadFailed(
            "ClientError: Data download failed:one key is a prefix of another, "
            f"so that a file and a folder have the same name: {error.filename}"
        )
    if is_disk_full(error):
        return DownloadFailed(DISK_REASON)
    return DownloadFailed(f"InternalServerError: Data download failed:{error}")
