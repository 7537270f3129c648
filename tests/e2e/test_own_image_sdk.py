"""The SageMaker SDK as it is, with an image of one's own: `Estimator`, `Model` and `Processor`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sagehen.executors.machines.roots.choice import RootKind, root_kind
from tests.e2e.conftest import shell_environment
from tests.e2e.story import client
from tests.registry import RegistryClient
from tests.running import RunningSagehen
from tests.serving_image import push_server, server_layer

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.once,
    pytest.mark.skipif(root_kind() is RootKind.NONE, reason="no overlay can be mounted here"),
]


def test_a_notebook(sagehen: RunningSagehen, tmp_path: Path) -> None:
    ecr = client(sagehen, "ecr")
    uri = ecr.create_repository(repositoryName="team/own")["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    push_server(RegistryClient(sagehen.url, token), "team/own", "v1", server_layer())
    notebook = Path(__file__).parent / "notebook/own_image.py"
    ran = subprocess.run(
        [sys.executable, str(notebook), f"{uri}:v1"],
        env=shell_environment(sagehen, role="SagehenSageMakerExecutionRole"),
        cwd=tmp_path, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert (seen["trained"]["weights"], seen["trained"]["uid"]) == ("some words", 500)
    assert (seen["model"]["body"], seen["model"]["env"]["GIVEN"]) == ("b", "by the model")
    assert seen["processed"] == "SOME WORDS"
