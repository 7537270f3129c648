"""Which jobs may take a pool over, and which may have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.training.pools.matching import check, key_of

from ...conftest import SCOPE, job_request

_VPC = {"Subnets": ["subnet-b", "subnet-a"], "SecurityGroupIds": ["sg-1"]}


def resources(**changes: Any) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5, **changes}


def key(**changes: Any) -> str:
    return key_of(SCOPE, job_request(**{"VpcConfig": _VPC, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"RoleArn": "arn:aws:iam::123456789012:role/other"},
        {"ResourceConfig": resources(InstanceType="ml.m5.xlarge")},
        {"ResourceConfig": resources(InstanceCount=2)},
        {"ResourceConfig": resources(VolumeSizeInGB=6)},
        {"ResourceConfig": resources(VolumeKmsKeyId="k")},
        {"VpcConfig": {**_VPC, "Subnets": ["subnet-a"]}},
        {"VpcConfig": {**_VPC, "SecurityGroupIds": ["sg-2"]}},
        {"EnableInterContainerTrafficEncryption": True},
        {"EnableNetworkIsolation": True},
    ],
)
def test_what_must_be_the_same(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()


@pytest.mark.parametrize(
    "changes",
    [
        {"ResourceConfig": resources(KeepAlivePeriodInSeconds=60)},
        {"HyperParameters": {"a": "b"}},
        {"AlgorithmSpecification": {"TrainingImage": "x", "TrainingInputMode": "File"}},
        {"VpcConfig": {**_VPC, "Subnets": ["subnet-a", "subnet-b"]}},
        {"EnableNetworkIsolation": False},
    ],
)
def test_what_may_differ(changes: dict[str, Any]) -> None:
    assert key(**changes) == key()


def test_accounts_and_regions_never_share() -> None:
    request = job_request()
    scopes = [SCOPE, replace(SCOPE, region="eu-west-1"), replace(SCOPE, account_id="1" * 12)]
    assert len({key_of(scope, request) for scope in scopes}) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"EnableManagedSpotTraining": True, "ResourceConfig": resources(KeepAlivePeriodInSeconds=1)},
        {"ResourceConfig": resources(KeepAlivePeriodInSeconds=1, InstanceGroups=[{"InstanceType": "ml.a"}])},
    ],
)
def test_spot_and_mixed_clusters_have_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationException, match="KeepAlivePeriodInSeconds is not supported"):
        check(changes)
    changes["ResourceConfig"]["KeepAlivePeriodInSeconds"] = 0
    check(changes)
