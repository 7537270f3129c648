"""What a job's log says at its beginning: the environment used, and what is taken but has no effect here."""

from __future__ import annotations

from sagehen.services.sagemaker.images import Image
from sagehen.services.sagemaker.training_job import TrainingJob


def notes_of(job: TrainingJob, image: Image) -> list[str]:
    """Return the lines that each instance's log begins with."""
    request, lines = job.request, [image.describe()]
    if job.attempts > 1:
        lines.append(f"[sagehen] attempt {job.attempts}: the platform was restarted while this job ran")
    if any(c.get("InputMode") == "FastFile" for c in request.get("InputDataConfig", ())) or (
        request["AlgorithmSpecification"]["TrainingInputMode"] == "FastFile"
    ):
        lines.append("[sagehen] FastFile channels are materialised before the start, like File")
    if request.get("DebugHookConfig") or request.get("DebugRuleConfigurations"):
        lines.append("[sagehen] SageMaker Debugger is not run: no tensors are saved, no rule is evaluated")
    profiler = request.get("ProfilerConfig") or {}
    if request.get("ProfilerRuleConfigurations") or (profiler and not profiler.get("DisableProfiler")):
        lines.append("[sagehen] SageMaker Profiler is not run: nothing is sampled, no rule is evaluated")
    if request["AlgorithmSpecification"].get("EnableSageMakerMetricsTimeSeries"):
        lines.append("[sagehen] metrics are CloudWatch's alone: EnableSageMakerMetricsTimeSeries adds none")
    if request.get("EnableInterContainerTrafficEncryption"):
        lines.append("[sagehen] traffic between instances never leaves this machine and is not encrypted")
    if request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        lines.append("[sagehen] no warm pool is kept after the job: KeepAlivePeriodInSeconds has no effect")
    if request.get("EnableManagedSpotTraining"):
        lines.append("[sagehen] no spot market here: the job is never interrupted")
    return lines
