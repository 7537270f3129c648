"""profiler_updated(...): the profiler after UpdateTrainingJob. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.profiler.settings import check, settings_of


def profiler_updated(request: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ProfilerConfig of a job, changed.

    What is not given stays, where it was stored to above all: the SDK reads that of a job whose profiler it
    disabled, to enable it again. A change that does not say DisableProfiler enables it.

    Args:
        request: The job's, as it is now.
        change: ProfilerConfigForUpdate.

    Raises:
        ValidationException: As CreateTrainingJob has it; or another S3OutputPath while the profiler is on
            (documented: the SDK's `Estimator.update_profiler`; words ours).
    """
    before = dict(request.get("ProfilerConfig") or {})
    after = {**before, "DisableProfiler": False, **{k: v for k, v in change.items() if v is not None}}
    check({"ProfilerConfig": after})
    moved = before.get("S3OutputPath", "").rstrip("/") != after.get("S3OutputPath", "").rstrip("/")
    if moved and settings_of(request) is not None:
        raise ValidationException(
            "Invalid ProfilerConfig. S3OutputPath cannot be changed once the profiler is enabled."
        )
    return after
