"""Requests about inference components that work: on an endpoint of instances without a process."""

from __future__ import annotations

from typing import Any

from tests.waiting import eventually

_ROLE = "arn:aws:iam::123456789012:role/tuner"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


def component_requests(sagemaker: Any) -> dict[str, dict[str, Any]]:
    """Make the endpoint, and return requests by operation. The role of `_tuning_job` is there."""
    variant = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    name = {"EndpointName": "members-hosts"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="members-hosts", ExecutionRoleArn=_ROLE, ProductionVariants=[variant]
    )
    sagemaker.create_endpoint(**name, EndpointConfigName="members-hosts")
    eventually(lambda: sagemaker.describe_endpoint(**name)["EndpointStatus"] == "InService")
    # More than the instance has: what the request says is read, and nothing is started.
    needs = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1000}
    specification = {"Container": {"Image": _IMAGE}, "ComputeResourceRequirements": needs}
    created = {**name, "Specification": specification, "RuntimeConfig": {"CopyCount": 1}}
    return {"CreateInferenceComponent": created}
