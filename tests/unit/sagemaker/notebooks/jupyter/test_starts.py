"""What a start of a machine leaves where it fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits
from sagehen.executors.environments.resolver import Environments
from sagehen.executors.machines.machines import MachineSpec, SandboxUnavailable
from sagehen.executors.machines.volumes.folders import FolderVolumes
from sagehen.services.sagemaker.notebooks.jupyter import servers
from sagehen.services.sagemaker.notebooks.jupyter.servers import JupyterServers
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, Wanted
from tests.unit.sagemaker.notebooks.conftest import Notebooks

WANTED = Wanted(
    scope=Scope("123456789012", "us-east-1"), name="nb", arn="arn", role_arn="arn:aws:iam::1:role/r",
    instance_type="ml.t3.medium", limits=Limits(1, 64), base_path="/", volume_id="0a",
)  # fmt: skip


@pytest.mark.parametrize("how", ["refused", "cancelled"])
async def test_a_start_that_fails_leaves_no_credentials(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    seen: list[list[str]] = []
    starting = asyncio.Event()

    async def start(spec: MachineSpec, executor: object) -> None:
        role = next(mount.source for mount in spec.mounts if mount.source.name == "role")
        seen.append(sorted(path.name for path in role.iterdir()))
        starting.set()
        if how == "refused":
            raise SandboxUnavailable("no namespaces")
        await asyncio.Event().wait()

    monkeypatch.setattr(servers, "start", start)
    monkeypatch.setattr(servers, "chosen_volumes", FolderVolumes)
    monkeypatch.setattr(servers.importlib.util, "find_spec", lambda name: name)
    folder = tmp_path / "servers"
    made = JupyterServers(folder, notebooks.means, Environments(), lambda listener: None)  # type: ignore[arg-type,return-value]
    launching = asyncio.create_task(made.launch(WANTED, print, lambda line: None))
    if how == "cancelled":
        await starting.wait()
        launching.cancel()
    with pytest.raises((LaunchFailed, asyncio.CancelledError)):
        await launching
    assert seen == [["config", "credentials.json"]]
    assert [(folder / name / "0a").exists() for name in ("starts", "scratch", "volumes")] == [
        False,
        False,
        True,
    ]
