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
from sagehen.executors.base import Network, SandboxSpec, SandboxUnavailable
from sagehen.services.lambda_.execution.container import Surroundings, TlsDoor
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
        self.networks: list[Network | None] = []

    async def start(self, spec: SandboxSpec, on_output: Any) -> Any:
        spec.folder.mkdir(parents=True)
        self.wrote.append(spec.folder)
        self.networks.append(spec.network)
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


async def _isolated(listener: Any) -> Any:
    raise AssertionError("nothing runs")


@pytest.mark.parametrize("internet", [True, False])
async def test_a_function_in_a_vpc_has_the_door_that_leads_nowhere_else(
    tmp_path: Path, internet: bool
) -> None:
    executor = Failing(SandboxUnavailable("no namespaces"))
    (tmp_path / "code").mkdir()
    tls = TlsDoor("one.amazonaws.com", _isolated)
    around = Surroundings(4566, None, tmp_path / "nothing", _isolated, tls)
    launching = Launching(executor, tmp_path, OneRole(), SystemClock(), Ids(), around)  # type: ignore[arg-type]
    assert launching.has_isolated_door
    function = FunctionVersion(
        SCOPE, "f", "$LATEST", "1", "arn", "role", LAMBDA_RUNTIME, "app.handler", tmp_path / "code",
        internet=internet,
    )  # fmt: skip
    log = LogStream(KeptLogs(), SystemClock(), function, "stream")
    runtime = Runtime(LAMBDA_RUNTIME, "python", "/usr/bin/python3", "3.11.0")
    with pytest.raises(EnvironmentFailed):
        await launching.launch(function, runtime, "on-demand", Credentials("a", "b", "c"), log)
    [network] = executor.networks
    assert network is not None
    assert network.platform_door is internet
    assert network.doors.get(4566) is (None if internet else _isolated)
    # A spare network, which has these doors and the platform's, fits.
    assert tuple(network.doors)[:2] == launching.door_ports == (9001, 443)
    assert network.hosts["one.amazonaws.com"] == "127.0.0.1"
