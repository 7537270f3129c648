"""An endpoint that inference components share, with one of them: the demo's model again."""

from __future__ import annotations

import time
from typing import Any

NAME = "classifier-shared"
DEADLINE_S = 60


def make_component(sagemaker: Any) -> None:
    """Make both, and wait until the component answers."""
    role = sagemaker.describe_model(ModelName="classifier-one")["ExecutionRoleArn"]
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName=NAME, ExecutionRoleArn=role, ProductionVariants=[variant]
    )
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": DEADLINE_S})
    needs = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1}
    sagemaker.create_inference_component(
        InferenceComponentName="digits",
        EndpointName=NAME,
        VariantName="AllTraffic",
        Specification={"ModelName": "classifier-one", "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": 1},
    )
    deadline = time.monotonic() + DEADLINE_S
    while (found := _status(sagemaker)) != "InService":
        if time.monotonic() > deadline or found == "Failed":
            raise RuntimeError(f"The component is {found}.")
        time.sleep(0.2)


def _status(sagemaker: Any) -> str:
    described = sagemaker.describe_inference_component(InferenceComponentName="digits")
    return str(described["InferenceComponentStatus"])
