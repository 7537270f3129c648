"""Starts that come to nothing leave nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.running import LAMBDA_RUNTIME

from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.executors.base import SandboxSpec, SandboxUnavailable
from sagehen.services.lambda_.execution.container import Surroundings
from sagehen.services.lambda_.execution.contract import EnvironmentFailed, FunctionVersion
from sagehen.services.lambda_.execution.launching import Launching
from sagehen.services.lambda_.execution.log_stream import LogStream
from sagehen.services.lambda_.execution.runtimes import Runtime

from .conftest import SCOPE, KeptLogs, OneRole


class Failing:
    """An executor that writes a sandbox down, and starts none."""

    has_private_networks = True

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.wrote: list[Path] = []

    async def start(self, spec: SandboxSpec, on_output: Any) -> Any:
        spec.folder.mkdir(parents=True)
        self.wrote.append(spec.folder)
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SandboxUnavailable("no namespaces"), EnvironmentFailed),
        (asyncio.CancelledError(), asyncio.CancelledError),
        (OSError("no space left"), OSError),
    ],
)
async def test_a_start_that_fails_leaves_no_folder(
    tmp_path: Path, error: BaseException, told: type[BaseException]
) -> None:
    executor, clock = Failing(error), SystemClock()
    (tmp_path / "code").mkdir()
    around = Surroundings(4566, None, tmp_path / "nothing")
    launching = Launching(executor, tmp_path, OneRole(), clock, Ids(), around)  # type: ignore[arg-type]
    function = FunctionVersion(
        SCOPE, "f", "$LATEST", "1", "arn", "role", LAMBDA_RUNTIME, "app.handler", tmp_path / "code"
    )
    runtime = Runtime(LAMBDA_RUNTIME, "python", "/usr/bin/python3", "3.11.0")
    log = LogStream(KeptLogs(), clock, function, "stream")
    with pytest.raises(told):
        await launching.launch(function, runtime, "on-demand", Credentials("a", "b", "c"), log)
    assert [folder.exists() for folder in executor.wrote] == [False]
