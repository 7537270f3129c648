"""Names in a request that become paths of the job's container."""

from __future__ import annotations

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.training.requests import acceptance
from sagehen.services.sagemaker.transfers.channels.channel import Channel

from ..conftest import job_request


def checkpoints_at(path: str) -> tuple[Channel, ...]:
    config = {"S3Uri": "s3://bucket/checkpoints", "LocalPath": path}
    return acceptance.check(job_request(CheckpointConfig=config))


@pytest.mark.parametrize("path", ["/opt/ml/checkpoints", "/opt/ml/checkpoints/", "/opt/ml/mine/a", "/mnt/x"])
def test_checkpoints_may_lie_beside_what_the_container_has(path: str) -> None:
    assert [channel.name for channel in checkpoints_at(path)] == ["train"]


@pytest.mark.parametrize(
    "path", ["/../../etc", "/opt/ml/../../usr", "relative", "", "//usr", "/opt/ml/a/../../../x"]
)
def test_a_checkpoint_path_must_be_plain(path: str) -> None:
    with pytest.raises(ValidationException, match="LocalPath"):
        checkpoints_at(path)


@pytest.mark.parametrize(
    "path",
    ["/", "/usr", "/usr/lib/x86_64-linux-gnu", "/proc", "/opt/ml", "/opt/ml/code", "/opt/sagehen"],
)
def test_checkpoints_are_not_mounted_over_the_system(path: str) -> None:
    # The programs that start the sandbox, as root, are read from there.
    with pytest.raises(NotImplementedOperation, match="LocalPath"):
        checkpoints_at(path)


@pytest.mark.parametrize("name", [".", ".."])
def test_channel_names_that_are_no_names_of_folders(name: str) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train"}}
    with pytest.raises(ValidationException, match="Channel names"):
        acceptance.check(job_request(InputDataConfig=[{"ChannelName": name, "DataSource": source}]))
