"""VPC and KMS settings: stored, said to be without effect, and refused where AWS could not take them."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ValidationException

_VPC = {"Subnets": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-01234567"]}
_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
_VOLUME = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}


async def test_they_are_told_again_and_the_log_says_what_they_do_not_do(platform: Any) -> None:
    await platform.create(
        VpcConfig=_VPC,
        ResourceConfig={**_VOLUME, "VolumeKmsKeyId": _KEY},
        EnableInterContainerTrafficEncryption=True,
    )
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    assert described["VpcConfig"] == _VPC
    assert described["ResourceConfig"]["VolumeKmsKeyId"] == _KEY
    log = "\n".join(line for lines in platform.logs.lines.values() for line in lines)
    assert "VpcConfig is stored and has no effect" in log
    assert "VolumeKmsKeyId is stored and has no effect" in log
    assert "is not encrypted" in log


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"VpcConfig": {**_VPC, "Subnets": ["s"]}}, "The subnet ID 's' does not exist"),
        ({"VpcConfig": {**_VPC, "SecurityGroupIds": ["sg-1"]}}, "The security group 'sg-1' does not exist"),
        ({"ResourceConfig": {**_VOLUME, "VolumeKmsKeyId": "k"}}, "Invalid VolumeKmsKeyId k"),
        (
            {"ResourceConfig": {**_VOLUME, "InstanceType": "ml.m5d.large", "VolumeKmsKeyId": _KEY}},
            "VolumeKmsKeyId can not be specified when using instance type ml.m5d.large",
        ),
    ],
)
async def test_what_could_not_be_is_refused(platform: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await platform.create(**changes)
