"""Instance groups: hosts through all groups, each with its type's hardware, channels of some groups alone."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused, GpuTypes
from sagehen.services.sagemaker.jobs.groups.acceptance import check
from sagehen.services.sagemaker.jobs.groups.group import groups_of
from sagehen.services.sagemaker.jobs.groups.hardware import gpu_note, require_gpus
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded

from ...conftest import channel


def group(name: str, instance_type: str, count: int = 1) -> dict[str, Any]:
    return {"InstanceGroupName": name, "InstanceType": instance_type, "InstanceCount": count}


def resources(*groups: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"InstanceGroups": list(groups), "VolumeSizeInGB": 5, **more}


def test_hosts_are_numbered_through_all_groups() -> None:
    first, second = groups_of(resources(group("cpu", "ml.c5.xlarge", 2), group("gpu", "ml.p3.2xlarge")))
    assert (first.hosts, second.hosts) == (("algo-1", "algo-2"), ("algo-3",))
    (only,) = groups_of({"InstanceType": "ml.m5.large", "InstanceCount": 2})
    assert only.config() == {
        "instance_group_name": "homogeneousCluster",
        "instance_type": "ml.m5.large",
        "hosts": ["algo-1", "algo-2"],
    }


async def test_each_host_is_told_its_group_and_gets_its_channels(platform: Any) -> None:
    seen: dict[str, Any] = {}

    async def look(container: Any) -> int:
        config = container.config("resourceconfig")
        inputs = sorted(container.config("inputdataconfig"))
        named = [name for name in container.spec.environment if name.startswith("SM_CHANNEL_")]
        cpus = container.spec.limits.cpus
        seen[container.spec.hostname] = (config, inputs, sorted(named), cpus, container.spec.limits.disk_mib)
        return 0

    platform.executor.program = look
    wanted = resources(group("data", "ml.m5.large"), group("train", "ml.m5d.4xlarge", 2))
    channels = [
        channel("all", "s3://data/train"),
        channel("raw", "s3://data/train", InstanceGroupNames=["data"]),
        channel(
            "fine", "s3://data/train", InstanceGroupNames=["train"], S3DataDistributionType="ShardedByS3Key"
        ),
    ]
    await platform.create(ResourceConfig=wanted, InputDataConfig=channels)
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed", described
    assert described["ResourceConfig"] == wanted
    config, inputs, named, cpus, disk_mib = seen["algo-1"]
    assert config == {
        "current_host": "algo-1",
        "current_instance_type": "ml.m5.large",
        "current_group_name": "data",
        "hosts": ["algo-1", "algo-2", "algo-3"],
        "instance_groups": [
            {"instance_group_name": "data", "instance_type": "ml.m5.large", "hosts": ["algo-1"]},
            {
                "instance_group_name": "train",
                "instance_type": "ml.m5d.4xlarge",
                "hosts": ["algo-2", "algo-3"],
            },
        ],
        "network_interface_name": "lo",
    }
    assert (inputs, named, disk_mib) == (["all", "raw"], ["SM_CHANNEL_ALL", "SM_CHANNEL_RAW"], 5 * 1024)
    config, inputs, _, more_cpus, disk_mib = seen["algo-3"]
    assert (config["current_group_name"], inputs, disk_mib) == ("train", ["all", "fine"], None)
    assert more_cpus >= cpus
    assert {metric.dimensions["Host"] for metric in platform.metrics.values} <= {"Job-1/algo-1"}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (None, "InstanceType and InstanceCount must be provided"),
        (resources(), "InstanceType and InstanceCount must be provided"),
        (resources(group("a", "ml.m5.large"), InstanceType="ml.m5.large"), "InstanceType must not be"),
        (resources(group("a", "ml.m5.large"), InstanceCount=1), "InstanceCount must not be provided"),
        (resources(group("a", "ml.m5.large"), group("a", "ml.c5.large")), "Duplicate InstanceGroupName"),
        (resources(group("a\0b", "ml.m5.large")), "Invalid InstanceGroupName"),
        (resources(group("a", "ml.none.large")), "ml.none.large is not in"),
        (resources(group("a", "ml.m5.large", 0)), "InstanceCount in ResourceConfig must be at least 1"),
        ({"InstanceType": "ml.m5.large", "InstanceCount": 0}, "must be at least 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(wanted: Any, message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        check(wanted)


def test_the_limit_is_for_all_groups_together() -> None:
    check(resources(group("a", "ml.m5.large", 10), group("b", "ml.c5.xlarge", 10)))
    with pytest.raises(ResourceLimitExceeded, match=r"'ml.c5.xlarge for training job usage' is 20 Instances"):
        check(resources(group("a", "ml.m5.large", 10), group("b", "ml.c5.xlarge", 11)))


def test_gpus_are_shared_by_the_hosts_of_types_that_have_some() -> None:
    groups = groups_of(resources(group("cpu", "ml.c5.xlarge", 3), group("gpu", "ml.p3.8xlarge", 2)))
    assert gpu_note(groups, GpuTypes(present=8)) is None
    assert gpu_note(groups, GpuTypes(present=2)) == "ml.p3.8xlarge has 4 GPUs on AWS and 1 here"
    with pytest.raises(GpuTypeRefused, match=r"2 ml.p3.8xlarge want 8 GPUs"):
        require_gpus(groups, GpuTypes(refuse=True, present=0))
