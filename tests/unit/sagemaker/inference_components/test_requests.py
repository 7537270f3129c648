"""What requests for components mean and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.services.sagemaker.endpoint_configs.acceptance import accepted_variants
from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling, scaling_of
from sagehen.services.sagemaker.inference_components import specification
from sagehen.services.sagemaker.inference_components.planning.rollout import Batches, batches_of

from ..endpoints.conftest import ROLE

NEEDS = {"MinMemoryRequiredInMb": 1024}
HOST = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"ComputeResourceRequirements": NEEDS}, "Exactly one of ModelName and Container"),
        ({"ModelName": "m", "Container": {"Image": "i"}}, "Exactly one of"),
        ({"ModelName": "m"}, "ComputeResourceRequirements must be"),
        ({"Container": {"ArtifactUrl": "s3://b/k"}, "ComputeResourceRequirements": NEEDS}, "Image must"),
        ({"Container": {"Image": "i", "Environment": {"A": "\0"}}}, "Invalid Environment"),
        (
            {"ModelName": "m", "ComputeResourceRequirements": {**NEEDS, "MaxMemoryRequiredInMb": 512}},
            "MaxMemoryRequiredInMb 512 is less",
        ),
    ],
)
def test_what_is_no_specification(given: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ValidationException, match=refusal):
        specification.require_whole(given)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"Specifications": [{}]}, "Specifications"),
        ({"Specification": {"BaseInferenceComponentName": "b"}}, "BaseInferenceComponentName"),
        ({"Specification": {"InstanceType": "ml.m5.large"}}, "InstanceType"),
        ({"Specification": {"Container": {"ContainerMetricsConfig": {"M": 1}}}}, "ContainerMetricsConfig"),
        (
            {"Specification": {"SchedulingConfig": {"AvailabilityZoneBalance": {"E": 1}}}},
            "AvailabilityZoneBalance",
        ),
        (
            {"Specification": {"ComputeResourceRequirements": {"AcceleratorPartitionType": "mig"}}},
            "AcceleratorPartitionType",
        ),
    ],
)
def test_what_is_not_built_says_so(members: dict[str, Any], named: str) -> None:
    with pytest.raises(NotImplementedOperation, match=named):
        specification.check("CreateInferenceComponent", members)


MODEL = {"ModelName": "m", "ComputeResourceRequirements": NEEDS}
IMAGE = {"Container": {"Image": "i", "ArtifactUrl": "s3://b/k"}, "ComputeResourceRequirements": NEEDS}


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        (MODEL, {"ModelName": "n"}, {**MODEL, "ModelName": "n"}),
        (MODEL, {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2}}, {
            "ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2},
        }),
        (IMAGE, {"ModelName": "m"}, MODEL),
        (MODEL, {"Container": {"Image": "i", "ArtifactUrl": "s3://b/k"}}, IMAGE),
        (IMAGE, {"Container": {"Image": "j"}}, {
            **IMAGE, "Container": {"Image": "j", "ArtifactUrl": "s3://b/k"},
        }),
    ],
)  # fmt: skip
def test_an_update_keeps_what_it_leaves_out(
    before: dict[str, Any], given: dict[str, Any], after: dict[str, Any]
) -> None:
    assert specification.merged(before, given) == after


def _policy(kind: str, value: int, **more: Any) -> dict[str, Any]:
    size = {"Type": kind, "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 30, **more}}


@pytest.mark.parametrize(
    ("config", "copies", "batches"),
    [
        ({}, 4, Batches()),
        (_policy("COPY_COUNT", 2), 4, Batches(2, 30.0)),
        (_policy("COPY_COUNT", 1, MaximumExecutionTimeoutInSeconds=600), 1, Batches(1, 30.0, 600)),
        (_policy("CAPACITY_PERCENT", 50), 5, Batches(2, 30.0)),
        (_policy("CAPACITY_PERCENT", 5), 4, Batches(1, 30.0)),
    ],
)
def test_batches(config: dict[str, Any], copies: int, batches: Batches) -> None:
    assert batches_of(config, copies) == batches


@pytest.mark.parametrize(
    "config",
    [
        _policy("COPY_COUNT", 3),
        _policy("CAPACITY_PERCENT", 4),
        _policy("CAPACITY_PERCENT", 51),
        _policy("COPY_COUNT", 1, RollbackMaximumBatchSize={"Type": "COPY_COUNT", "Value": 1}),
    ],
)
def test_no_batches(config: dict[str, Any]) -> None:
    with pytest.raises(ServiceError):
        batches_of(config, 4)


@pytest.mark.parametrize(
    ("config", "scaling"),
    [
        (None, None),
        ({}, None),
        ({"Status": "DISABLED", "MinInstanceCount": 1}, None),
        ({"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3}, InstanceScaling(0, 3)),
        ({"Status": "ENABLED", "MaxInstanceCount": 3}, InstanceScaling(1, 3)),
        ({"Status": "ENABLED"}, InstanceScaling(1, 1)),
    ],
)
def test_instance_scaling(config: dict[str, Any] | None, scaling: InstanceScaling | None) -> None:
    assert scaling_of({**HOST, "ManagedInstanceScaling": config}) == scaling


@pytest.mark.parametrize(
    ("variant", "config", "refusal"),
    [
        ({}, {"ExecutionRoleArn": None}, "ExecutionRoleArn is required"),
        ({"ModelName": "m"}, {}, "ExecutionRoleArn of variants with a ModelName"),
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}, {}, "ModelName is required"),
        ({}, {"AsyncInferenceConfig": {"OutputConfig": {}}}, "AsyncInferenceConfig is not supported"),
        ({"ManagedInstanceScaling": {"MinInstanceCount": 2, "MaxInstanceCount": 1}}, {}, "is greater than"),
        ({"ManagedInstanceScaling": {"ScaleInPolicy": {"Strategy": "CONSOLIDATION"}}}, {}, "ScaleInPolicy"),
    ],
)
def test_configurations_that_are_refused(
    variant: dict[str, Any], config: dict[str, Any], refusal: str
) -> None:
    request = {"ExecutionRoleArn": ROLE, "ProductionVariants": [{**HOST, **variant}], **config}
    with pytest.raises(ServiceError, match=refusal):
        accepted_variants(request)
