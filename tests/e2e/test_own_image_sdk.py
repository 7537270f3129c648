"""The SageMaker SDK as it is, with an image of one's own: trained, processed, and asked in every way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.machines.roots.choice import RootKind, root_kind
from tests.e2e.conftest import shell_environment
from tests.e2e.story import client
from tests.registry import RegistryClient
from tests.running import RunningSagehen
from tests.serving_image import push_server, server_layer
from tests.waiting import eventually

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.once,
    pytest.mark.skipif(root_kind() is RootKind.NONE, reason="no overlay can be mounted here"),
]


@pytest.fixture(scope="module")
def seen(sagehen: RunningSagehen, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the notebook."""
    ecr = client(sagehen, "ecr")
    uri = ecr.create_repository(repositoryName="team/own")["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    push_server(RegistryClient(sagehen.url, token), "team/own", "v1", server_layer())
    environment = shell_environment(sagehen, role="SagehenSageMakerExecutionRole")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.e2e.notebook.own_image", f"{uri}:v1"],
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path_factory.mktemp("notebook"), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found | {"printed": ran.stdout}


def test_it_trains_serves_and_processes(seen: dict[str, Any]) -> None:
    assert (seen["trained"]["weights"], seen["trained"]["uid"]) == ("some words", 500)
    assert (seen["model"]["body"], seen["model"]["env"]["GIVEN"]) == ("b", "by the model")
    assert seen["processed"] == "SOME WORDS"


def test_its_model_answers_in_batches_and_later(seen: dict[str, Any]) -> None:
    for way in ("transformed", "later"):
        assert (seen[way]["body"], seen[way]["weights"]) == ("some words", "some words")


def test_two_containers_answer_in_a_row_and_what_they_were_asked_is_kept(
    sagehen: RunningSagehen, seen: dict[str, Any]
) -> None:
    second = seen["in a row"]
    first = json.loads(second["body"])
    assert [one["env"]["GIVEN"] for one in (first, second)] == ["first", "second"] and first["body"] == "c"
    bucket, _, prefix = seen["captured"].removeprefix("s3://").partition("/")
    s3 = client(sagehen, "s3")

    def captured() -> Any:
        files = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents")
        return files and s3.get_object(Bucket=bucket, Key=files[0]["Key"])["Body"].read()

    [line] = eventually(captured).splitlines()
    assert json.loads(line)["captureData"]["endpointInput"]["data"] == "Yw=="  # c: text is CSV and JSON alone


def test_a_registered_version_is_sized_and_deployed_as_recommended(seen: dict[str, Any]) -> None:
    assert "ml.m5.large, GIVEN=sized: COMPLETED: MaxInvocations " in seen["printed"]
    recommended = seen["recommended"]
    assert (recommended["InstanceType"], recommended["InitialInstanceCount"]) == ("ml.m5.large", 1)
    assert seen["sized"]["body"] == "e"
