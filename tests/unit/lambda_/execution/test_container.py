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
    runtime = Runtime(LAMBDA_RUNTIME, "python", "/usr/bin/python3", "3.11.0")
    mounts = mounted(tmp_path, opt, runtime)
    return [target for target in mounts if Path(target).is_relative_to("/opt")]


def mounted(tmp_path: Path, opt: Path | None, runtime: Runtime) -> dict[str, Path]:
    """Return what is mounted, by where."""
    function = FunctionVersion(SCOPE, "f", "1", "1", "arn", "role", runtime.name, "a.b", tmp_path)
    placement = Placement("name", tmp_path, opt, True, "stream", "on-demand", 9001, CREDENTIALS)
    (tmp_path / "nothing").mkdir(exist_ok=True)
    around = Surroundings(4566, None, tmp_path / "nothing")
    spec = spec_of(function, runtime, placement, Network("n"), around)
    assert spec is not None
    return {mount.target: mount.source for mount in spec.mounts}


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


def test_aws_s_sdk_is_a_part_of_node_s_runtime_where_it_is_installed(tmp_path: Path) -> None:
    node = Runtime("nodejs20.x", "node", "/usr/bin/node", "20.1.0", None, tmp_path / "node_modules")
    assert mounted(tmp_path, None, node)["/var/runtime/node_modules"] == tmp_path / "node_modules"
