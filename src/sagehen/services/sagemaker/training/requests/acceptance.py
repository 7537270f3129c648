"""What CreateTrainingJob accepts, beyond the service model's own rules. Pure checks.

A member that has no effect here is refused with 501 by its name. The exceptions are those that SDKs
send unasked or that only save money or time on AWS; `notes.py` says of each in the job's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.process_text import first_fault
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.jobs import settings_without_effect
from sagehen.services.sagemaker.jobs.groups import acceptance as groups
from sagehen.services.sagemaker.training.hooks import files as hooks
from sagehen.services.sagemaker.training.job import DEFAULT_MAX_RUNTIME_S
from sagehen.services.sagemaker.training.log import compile_definitions
from sagehen.services.sagemaker.training.pools import matching
from sagehen.services.sagemaker.training.profiler import settings as profiler
from sagehen.services.sagemaker.training.rules import configuration as rules
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.channels.parsing import parse

# Documented: StoppingCondition's model.
_MAX_RUNTIME_S = 28 * 86_400
# Ours: folders that an environment has no files in. AWS takes any path, since an image brings its own root.
_CHECKPOINT_ROOTS = ("checkpoints", "data", "mnt")
# Named as the service model names them, so that 501 says what to leave out.
_UNBUILT = (
    "ServerlessJobConfig", "MlflowConfig", "ModelPackageConfig",
)  # fmt: skip
_UNBUILT_INNER = {
    "ResourceConfig": (
        "TrainingPlanArn", "InstancePlacementConfig", "InstancePreferences",
        "SelectedInstanceType", "SelectedInstanceCount",
    ),
    "StoppingCondition": ("MaxPendingTimeInSeconds",),
    "AlgorithmSpecification": ("AlgorithmName", "TrainingImageConfig"),
}  # fmt: skip


def check(request: Mapping[str, Any], images: Images | None = None) -> tuple[Channel, ...]:
    """Check a request and return its channels.

    Args:
        images: What stands for images; None knows the platform's own environment alone.

    Raises:
        ValidationException: A rule of AWS's is broken.
        NotImplementedOperation: A member whose effect is not built, or an image that is not mapped.
        ResourceLimitExceeded: More instances than one job may have.
    """
    _refuse_unbuilt(request)
    groups.check(request.get("ResourceConfig"))
    _check_time(request)
    settings_without_effect.check(request)
    matching.check(request)
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        # Words from memory; AWS takes an AlgorithmName instead, which is refused above.
        raise ValidationException("TrainingImage must be provided in AlgorithmSpecification.")
    (images or Images()).resolve(algorithm["TrainingImage"], "training")
    _check_texts(request, algorithm)
    compile_definitions(algorithm.get("MetricDefinitions", ()))
    uris.split(request["OutputDataConfig"]["S3OutputPath"])
    profiler.check(request)
    rules.check(request)
    hooks.check(request)
    if checkpoint := request.get("CheckpointConfig"):
        uris.split(checkpoint["S3Uri"])
        _check_local_path(checkpoint.get("LocalPath"))
    return parse(request)


def _check_texts(request: Mapping[str, Any], algorithm: Mapping[str, Any]) -> None:
    """Refuse what no process can be given: variables, arguments, and hyperparameters, which become both."""
    require_variables("Environment", request.get("Environment", {}))
    require_variables("HyperParameters", request.get("HyperParameters", {}))
    for member in ("ContainerEntrypoint", "ContainerArguments"):
        if fault := first_fault({}, algorithm.get(member, ())):
            raise ValidationException(f"Invalid {member}: {fault[0]}: {fault[1]}.")
    if algorithm.get("ContainerEntrypoint", ["-"])[0] == "":
        raise ValidationException("Invalid ContainerEntrypoint: its first word is empty.")


def _check_local_path(path: str | None) -> None:
    """Keep checkpoints from being mounted over the system that the container starts with."""
    if path is None:
        return
    parts = PurePosixPath(path).parts
    if parts[:1] != ("/",) or ".." in parts or "\0" in path or len(path.encode()) > 1024:
        raise ValidationException(f"Invalid CheckpointConfig LocalPath {path}. It must be an absolute path.")
    below_ml = parts[1:3] == ("opt", "ml") and len(parts) > 3 and parts[3] not in ("input", "code")
    if not below_ml and (len(parts) < 2 or parts[1] not in _CHECKPOINT_ROOTS):
        raise NotImplementedOperation(
            "CreateTrainingJob CheckpointConfig.LocalPath is implemented below /opt/ml (but for input and "
            f"code), /{', /'.join(_CHECKPOINT_ROOTS)}; it is {path}."
        )


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = [member for member in _UNBUILT if request.get(member)]
    for outer, members in _UNBUILT_INNER.items():
        structure = request.get(outer, {})
        given += [f"{outer}.{member}" for member in members if structure.get(member)]
    if request.get("RemoteDebugConfig", {}).get("EnableRemoteDebug"):
        given.append("RemoteDebugConfig.EnableRemoteDebug")
    if (request.get("SessionChainingConfig") or {}).get("EnableSessionTagChaining"):
        given.append("SessionChainingConfig.EnableSessionTagChaining")
    if request.get("InfraCheckConfig", {}).get("EnableInfraCheck"):
        given.append("InfraCheckConfig.EnableInfraCheck")
    if given:
        raise NotImplementedOperation(f"CreateTrainingJob {', '.join(given)} is not implemented.")


def _check_time(request: Mapping[str, Any]) -> None:
    condition = request.get("StoppingCondition", {})
    runtime = condition.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_S)
    wait = condition.get("MaxWaitTimeInSeconds")
    if runtime > _MAX_RUNTIME_S:
        raise ValidationException(
            f"Invalid MaxRuntimeInSeconds. It must be less than or equal to {_MAX_RUNTIME_S}."
        )
    if request.get("EnableManagedSpotTraining"):
        # Documented: MaxWaitTimeInSeconds' model says "equal to or greater"; the words are after AWS's own
        # below.
        if wait is None or wait < runtime:
            raise ValidationException(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
                "MaxRuntimeInSeconds"
            )
    elif wait is not None:
        # Recorded: Kenza-AI/sagify issue 111, aws/amazon-sagemaker-examples issue 869.
        raise ValidationException(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
        )
