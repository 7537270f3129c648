"""EnableNetworkIsolation: no network and no credentials inside, while data comes and artifacts go."""

from __future__ import annotations

from typing import Any

import pytest

_ROLE = "/opt/sagehen/role"


@pytest.mark.parametrize("isolated", [True, False])
async def test_an_isolated_job_has_neither_door_nor_role(platform: Any, isolated: bool) -> None:
    async def train(container: Any) -> int:
        assert any(container.channel("train").iterdir())
        (container.opt_ml / "model" / "w").write_bytes(b"w")
        return 0

    platform.executor.program = train
    await platform.create(EnableNetworkIsolation=isolated)
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    spec = platform.executor.started[0].spec
    assert spec.network.platform_door is not isolated
    assert any(mount.target == _ROLE for mount in spec.mounts) is not isolated
    assert ("AWS_CONFIG_FILE" in spec.environment) is not isolated
    assert ("out", "jobs/Job-1/output/model.tar.gz") in platform.objects.content
