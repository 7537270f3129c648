"""What an execution is in experiments: a trial with its jobs, of the experiment that its definition names.

Documented (SageMaker Developer Guide, "Amazon SageMaker Experiments Integration"): both are made where there
are none, and each job that a step makes is put into them.
"""

from __future__ import annotations

from typing import Any

from sagehen.services.sagemaker.pipelines.definition.step_types import StepType
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts

_TRACKED = ("CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob")
_EXISTS = "already exists"


async def config_of(parts: Parts, execution: Execution, made: StepType) -> dict[str, Any]:
    """Return the ExperimentConfig of a step's request, as a member; {} where there is none.

    A role that may not make experiments, or names that none can have, leave the job in none: the execution
    goes on as it would without (from memory).

    Raises:
        CallFailed: It may go better another time.
    """
    names = execution.experiment
    if made.create not in _TRACKED or not names.get("ExperimentName") or not names.get("TrialName"):
        return {}
    experiment = {"ExperimentName": names["ExperimentName"]}
    config = {**experiment, "TrialName": names["TrialName"]}
    for operation, request in (("CreateExperiment", experiment), ("CreateTrial", config)):
        try:
            await parts.calls.call(execution.role_arn, execution.scope.region, operation, request)
        except CallFailed as error:
            if error.exception:
                raise
            if _EXISTS not in error.message:
                return {}
    return {"ExperimentConfig": config}
