"""FailureReason of a training job: whose fault it is, as tables."""

from __future__ import annotations

import errno
import logging

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.executors.base import ExitStatus, SandboxUnavailable
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.jobs.failure import NoCapacity, failure_reason, reason_of
from sagehen.services.sagemaker.transfers.failures import DownloadFailed, as_failure

CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
MEMORY = (
    "ClientError: Please use an instance type with more memory, or reduce the size of training data "
    "processed on an instance., exit code: 137"
)
BEYOND = (
    "(the job's files are more than the 5 GB of VolumeSizeInGB, or than this computer's disk has room for)"
)
NO_SPACE = "OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (ExitStatus(1), "ValueError: no", "AlgorithmError: ValueError: no, exit code: 1"),
        (ExitStatus(1), None, "AlgorithmError: , exit code: 1"),
        (ExitStatus(139, 11), "", "AlgorithmError: , exit code: 139"),
        (ExitStatus(137, 9), "killed", "AlgorithmError: killed, exit code: 137"),
        (ExitStatus(137, 9, out_of_memory=True), "killed", MEMORY),
        (ExitStatus(1, out_of_disk=True), "full", f"AlgorithmError: full {BEYOND}, exit code: 1"),
        (ExitStatus(0, out_of_disk=True), None, f"AlgorithmError: {NO_SPACE} {BEYOND}, exit code: 1"),
    ],
)  # fmt: skip
def test_what_a_container_did(status: ExitStatus, text: str | None, reason: str) -> None:
    assert failure_reason(status, text, 5) == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DownloadFailed("ClientError: Data download failed:x"), "ClientError: Data download failed:x"),
        (AccessDenied("you may not"), "ClientError: you may not"),
        (ValidationException("no such type"), "ClientError: no such type"),
        (NoCapacity(), f"{CAPACITY} Please retry using a different ML instance type."),
        (SandboxUnavailable("no namespaces"), f"{CAPACITY} no namespaces"),
        (GpuTypeRefused("no GPUs"), f"{CAPACITY} no GPUs"),
        (ExceptionGroup("several", [AccessDenied("first"), NoCapacity()]), "ClientError: first"),
        (ExceptionGroup("nested", [ExceptionGroup("in", [NoCapacity()])]),
         f"{CAPACITY} Please retry using a different ML instance type."),
        (OSError(errno.ENOSPC, "No space left on device"),
         f"{CAPACITY} The disk of the machine that was to run it has no room for the job's files."),
        (as_failure(OSError(errno.EDQUOT, "Disk quota exceeded")),
         f"{CAPACITY} The disk of the machine that was to run it has no room for the job's files."),
        (KeyError("ours"), "InternalServerError: We encountered an internal error. Please try again."),
    ],
)  # fmt: skip
def test_what_the_platform_could_not_do(
    error: BaseException, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert reason_of(error) == reason
    assert bool(caplog.records) == reason.startswith("InternalServerError")  # ours are for our own log
