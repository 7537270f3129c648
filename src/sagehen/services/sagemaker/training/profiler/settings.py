"""ProfilerConfig: checked, and as it is meant. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.transfers import uris

# Documented: ProfilerConfig's model, with the default.
INTERVALS_MS = (100, 200, 500, 1000, 5000, 60000)
_DEFAULT_INTERVAL_MS = 500


@dataclass(frozen=True, slots=True)
class ProfilerSettings:
    """A profiler that is on.

    Args:
        uri: S3OutputPath.
        interval_ms: Between two samples.
        parameters: ProfilingParameters: what the hook in a script measures of its framework.
    """

    uri: str
    interval_ms: int = _DEFAULT_INTERVAL_MS
    parameters: Mapping[str, str] = field(default_factory=dict)

    def key(self, job_name: str, *names: str) -> tuple[str, str]:
        """Return (bucket, key) of something below `<S3OutputPath>/<job>/`."""
        bucket, prefix = uris.split(self.uri)
        return bucket, uris.join(prefix, "/".join((job_name, *names)))


def settings_of(request: Mapping[str, Any]) -> ProfilerSettings | None:
    """Return a request's profiler, or None where it is off.

    Without a ProfilerConfig it is: SDKs send one, and boto3's jobs are described with ProfilingStatus
    Disabled (from memory).
    """
    config = request.get("ProfilerConfig")
    if not config or config.get("DisableProfiler") or "S3OutputPath" not in config:
        return None
    return ProfilerSettings(
        config["S3OutputPath"],
        config.get("ProfilingIntervalInMilliseconds", _DEFAULT_INTERVAL_MS),
        config.get("ProfilingParameters") or {},
    )


def check(request: Mapping[str, Any]) -> None:
    """Check ProfilerConfig. The limits are documented (its model); the words are ours.

    Raises:
        ValidationException
    """
    config = request.get("ProfilerConfig")
    if not config:
        return
    interval = config.get("ProfilingIntervalInMilliseconds", _DEFAULT_INTERVAL_MS)
    if interval not in INTERVALS_MS:
        raise ValidationException(
            f"Invalid ProfilingIntervalInMilliseconds {interval}. Available values are "
            f"{', '.join(map(str, INTERVALS_MS))}."
        )
    if "S3OutputPath" in config:
        uris.split(config["S3OutputPath"])
    elif not config.get("DisableProfiler"):
        raise ValidationException(
            "S3OutputPath must be provided in ProfilerConfig unless DisableProfiler is true."
        )


def described(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DescribeTrainingJob says of the profiler.

    Recorded: a job of the SDK is described with the interval of 500 that it did not ask for.
    """
    config = request.get("ProfilerConfig")
    if not config:
        return {"ProfilingStatus": "Disabled"}
    if settings_of(request) is None:
        return {"ProfilerConfig": dict(config), "ProfilingStatus": "Disabled"}
    filled = {"ProfilingIntervalInMilliseconds": _DEFAULT_INTERVAL_MS, "DisableProfiler": False, **config}
    return {"ProfilerConfig": filled, "ProfilingStatus": "Enabled"}
