"""What an environment is made of, as data."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.running import LAMBDA_RUNTIME

from sagehen.domain.identity import Credentials
from sagehen.executors.base import Network
from sagehen.services.lambda_.execution.container import Placement, Surroundings, spec_of
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.runtimes import Runtime

from .conftest import SCOPE

CREDENTIALS = Credentials("a", "b", "c")


def targets(tmp_path: Path, opt: Path | None) -> list[str]:
    """Return where something is mounted at or below /opt."""
    function = FunctionVersion(SCOPE, "f", "1", "1", "arn", "role", LAMBDA_RUNTIME, "a.b", tmp_path)
    runtime = Runtime(LAMBDA_RUNTIME, "python", "/usr/bin/python3", "3.11.0")
    placement = Placement("name", tmp_path, opt, True, "stream", "on-demand", 9001, CREDENTIALS)
    (tmp_path / "nothing").mkdir(exist_ok=True)
    around = Surroundings(4566, None, tmp_path / "nothing")
    spec = spec_of(function, runtime, placement, Network("n"), around)
    assert spec is not None
    return [mount.target for mount in spec.mounts if Path(mount.target).is_relative_to("/opt")]


def test_layers_are_opt_and_beside_an_interpreter_that_lives_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opt = tmp_path / "layers"
    for name in ("python", "bin"):
        (opt / name).mkdir(parents=True)
    (opt / "dangling").symlink_to("nowhere")
    assert targets(tmp_path, opt) == targets(tmp_path, None) == ["/opt"]
    monkeypatch.setattr(sys, "prefix", "/opt/venv")
    assert targets(tmp_path, opt) == ["/opt/bin", "/opt/python"]
    assert targets(tmp_path, None) == []
