"""`sagehen logs`: what a terminal gets, with the service stood in for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.cli import logs
from sagehen.cli.running import RunningPlatform

GROUP = "/aws/sagemaker/TrainingJobs"


class NoSuchGroup(Exception):
    pass


class LogsClient:
    """A client whose group appears at the given look for it."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NoSuchGroup)

    def __init__(self, appears_at: int) -> None:
        self.looks, self.appears_at = 0, appears_at

    def describe_log_groups(self, **_: Any) -> dict[str, Any]:
        self.looks += 1
        there = self.looks >= self.appears_at
        return {"logGroups": [{"logGroupName": GROUP}] if there else []}

    def get_paginator(self, _: str) -> Any:
        if self.looks < self.appears_at:
            raise NoSuchGroup
        event = {"eventId": "1", "timestamp": 0, "logStreamName": "job/algo-1", "message": "loss=0.5"}
        return SimpleNamespace(paginate=lambda **_: [{"events": [event]}])


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> LogsClient:
    client = LogsClient(appears_at=request.param)
    platform = SimpleNamespace(client=lambda _: client)
    monkeypatch.setattr(RunningPlatform, "find", lambda _: platform)
    return client


@pytest.mark.parametrize("client", [3], indirect=True)
def test_following_waits_for_a_group_that_is_not_there_yet(
    client: LogsClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sleep(_: float) -> None:
        if client.looks >= client.appears_at:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    logs.show(Path("/data"), GROUP, follow=True, since="10m", stream_prefix=None)
    assert capsys.readouterr().out == "00:00:00 job/algo-1  loss=0.5\n"


@pytest.mark.parametrize("client", [99], indirect=True)
def test_without_following_a_missing_group_is_an_error(
    client: LogsClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BaseException) as ended:
        logs.show(Path("/data"), GROUP, follow=False, since="10m", stream_prefix=None)
    assert getattr(ended.value, "exit_code", getattr(ended.value, "code", None)) == 1
    assert f"there is no log group {GROUP}; there are none yet" in capsys.readouterr().err
