"""ProfilerConfig, as it is given and as UpdateTrainingJob changes it."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.profiler.settings import check, described, settings_of
from sagehen.services.sagemaker.training.profiler.update import profiler_updated

_ON = {"S3OutputPath": "s3://out/p/"}


@pytest.mark.parametrize(
    ("config", "on"),
    [
        (None, False),
        ({}, False),
        ({"DisableProfiler": True}, False),
        ({**_ON, "DisableProfiler": True}, False),
        (_ON, True),
        ({**_ON, "DisableProfiler": False, "ProfilingIntervalInMilliseconds": 100}, True),
    ],
)
def test_when_the_profiler_is_on(config: dict[str, Any] | None, on: bool) -> None:
    request = {"ProfilerConfig": config}
    check(request)
    assert (settings_of(request) is not None) == on
    assert described(request)["ProfilingStatus"] == ("Enabled" if on else "Disabled")


def test_what_a_config_leaves_out_is_filled_in() -> None:
    settings = settings_of({"ProfilerConfig": _ON})
    assert settings is not None and settings.interval_ms == 500
    assert settings.key("job", "a", "b") == ("out", "p/job/a/b")
    assert described({"ProfilerConfig": _ON})["ProfilerConfig"]["ProfilingIntervalInMilliseconds"] == 500


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({**_ON, "ProfilingIntervalInMilliseconds": 300}, "Invalid ProfilingIntervalInMilliseconds 300"),
        ({**_ON, "ProfilingIntervalInMilliseconds": -1}, "Available values are 100, 200, 500"),
        ({"DisableProfiler": False}, "S3OutputPath must be provided"),
        ({"S3OutputPath": "https://example.com/x"}, "Invalid S3 URI"),
        ({"S3OutputPath": "s3://out/\0"}, "Invalid S3 URI"),
    ],
)
def test_wrong_configs(config: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationException, match=says):
        check({"ProfilerConfig": config})


def test_an_update_keeps_what_it_does_not_name() -> None:
    off = profiler_updated({"ProfilerConfig": _ON}, {"DisableProfiler": True})
    assert off == {**_ON, "DisableProfiler": True}
    assert profiler_updated({"ProfilerConfig": off}, {"ProfilingIntervalInMilliseconds": 1000}) == {
        **_ON, "DisableProfiler": False, "ProfilingIntervalInMilliseconds": 1000,
    }  # fmt: skip
    with pytest.raises(ValidationException, match="cannot be changed"):
        profiler_updated({"ProfilerConfig": _ON}, {"S3OutputPath": "s3://elsewhere"})
    assert profiler_updated({}, _ON)["S3OutputPath"] == "s3://out/p/"
