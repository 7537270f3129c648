"""An image of one's own, pushed over the wire, trains: its entry point, user, folder and signal."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator

import pytest

from sagehen.executors.machines.roots.choice import RootKind, root_kind
from sagehen.images.configuration import host_architecture
from tests.conformance.conftest import ClientFactory
from tests.conformance.sagemaker.test_training import Stage
from tests.registry import RegistryClient, digest_of, layer_of
from tests.rootfs import files_of

_SCRIPT = b"""#!/bin/sh
echo "called with $* in $(pwd), $MINE"
while read -r key value; do [ "$key" = Uid: ] && echo "as $value"; done </proc/self/status
read -r data </opt/ml/input/data/train/a.txt; echo "$data" >/opt/ml/model/weights
[ "$1" = fail ] && { echo "went wrong" >/opt/ml/output/failure; exit 3; }
exit 0
"""


@pytest.fixture(scope="module")
def stage(client: ClientFactory) -> Stage:
    return Stage(client)


@pytest.fixture
def image(client: ClientFactory, endpoint_url: str) -> Iterator[str]:
    """The URI of an image without its tag."""
    ecr, name = client("ecr"), f"own-{uuid.uuid4().hex[:8]}"
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    users = b"root:x:0:0::/root:/bin/sh\napp:x:500:600::/app:/bin/sh\n"
    layer = layer_of({**files_of(["sh"]), "app/train.sh": _SCRIPT, "etc/passwd": users})
    for tag, architecture in (("v1", host_architecture()), ("other", "vax")):
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/app/train.sh"], "Env": ["MINE=yes"], "User": "app", "WorkingDir": "/app",
            },
            "rootfs": {"type": "layers", "diff_ids": [digest_of(gzip.decompress(layer))]},
        }  # fmt: skip
        RegistryClient(endpoint_url, token).push(name, tag, json.dumps(config).encode(), layer)
    yield uri
    ecr.delete_repository(repositoryName=name, force=True)


def test_a_job_runs_on_it(stage: Stage, image: str) -> None:
    if root_kind() is RootKind.NONE:
        pytest.skip("the kernel lets no overlay be mounted here")

    def run(tag: str, **algorithm: object) -> tuple[str, str]:
        spec = {"TrainingImage": f"{image}:{tag}", "TrainingInputMode": "File", **algorithm}
        name = stage.create("", AlgorithmSpecification=spec)
        job = stage.ended(name)
        return name, str(job.get("FailureReason", job["TrainingJobStatus"]))

    name, end = run("v1")
    assert "is not authorized to perform: ecr:BatchCheckLayerAvailability" in end
    everything = ["s3:*", "ecr:*"]
    stage.allow(everything, ["*"])
    name, end = run("v1")
    assert end == "Completed"
    lines = stage.log(name).splitlines()
    assert stage.archive(name)["weights"] == b"alpha\n"
    assert "called with train in /app, yes" in lines and "as 500\t500\t500\t500" in lines
    assert run("v1", ContainerArguments=["fail", "it"])[1] == "AlgorithmError: went wrong, exit code: 3"
    entrypoint = ["/bin/sh", "-c", "exit 4"]
    assert run("v1", ContainerEntrypoint=entrypoint)[1] == "AlgorithmError: , exit code: 4"
    assert "it is for linux/vax" in run("other")[1]
    with pytest.raises(stage.sagemaker.exceptions.ClientError, match="not found"):
        run("none")
