"""What a step of each type asks of the platform: operations, and where their answers have what. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepType:
    """A type whose step makes something by an operation of SageMaker's.

    Args:
        create, describe: Operations.
        name: Their member that names what is made.
        arn: The member of the creation's answer.
        metadata: The member of a step's Metadata.
        stop: The operation; '' where what is made is there at once.
        status: The description's member.
        cached: Whether CacheConfig is for it (documented: Caching pipeline steps).
        job: Whether it has the pipeline's names and its end has to be waited for.
    """

    create: str
    describe: str
    name: str
    arn: str
    metadata: str
    stop: str = ""
    status: str = ""
    cached: bool = True

    @property
    def job(self) -> bool:
        return bool(self.stop)


def _job(operation: str, metadata: str) -> StepType:
    return StepType(
        create=f"Create{operation}",
        describe=f"Describe{operation}",
        stop=f"Stop{operation}",
        name=f"{operation}Name",
        arn=f"{operation}Arn",
        status=f"{operation}Status",
        metadata=metadata,
    )


TYPES = {
    "Processing": _job("ProcessingJob", "ProcessingJob"),
    "Training": _job("TrainingJob", "TrainingJob"),
    "Tuning": _job("HyperParameterTuningJob", "TuningJob"),
    "Transform": _job("TransformJob", "TransformJob"),
    "QualityCheck": _job("ProcessingJob", "QualityCheck"),
    "ClarifyCheck": _job("ProcessingJob", "ClarifyCheck"),
    "Model": StepType("CreateModel", "DescribeModel", "ModelName", "ModelArn", "Model", cached=False),
    "RegisterModel": StepType(
        *("CreateModelPackage", "DescribeModelPackage", "ModelPackageName", "ModelPackageArn"),
        metadata="RegisterModel",
        cached=False,
    ),
}
CONDITION, FAIL, LAMBDA = "Condition", "Fail", "Lambda"
BUILT = (*TYPES, CONDITION, FAIL, LAMBDA)
# The other types of AWS's: the SDK's StepTypeEnum, and the metadata that the service model has of steps.
UNBUILT = (
    *("AutoML", "BedrockCustomModel", "BedrockCustomModelDeployment", "BedrockModelImport"),
    *("BedrockProvisionedModelThroughput", "Callback", "EMR", "EMRServerless", "Endpoint"),
    *("EndpointConfig", "ForEach", "InferenceComponent", "Lineage", "MonitoringSchedule", "NotebookJob"),
    *("Athena", "Cleanup", "HubContent", "Job"),
)
