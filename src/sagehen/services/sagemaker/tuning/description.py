"""What DescribeHyperParameterTuningJob and the lists say of a tuning job and its trials. Unset structures
are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.training.description import resources_shown
from sagehen.services.sagemaker.tuning.definition.definition import Definition, resources_of
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.trials import tally
from sagehen.services.sagemaker.tuning.trials.tally import Group
from sagehen.services.sagemaker.tuning.trials.trial import Trial


def describe(
    job: TuningJob, trials: Sequence[Trial], groups: Sequence[Group], now: datetime
) -> dict[str, Any]:
    """Return DescribeHyperParameterTuningJob's answer."""
    objective = job.definitions[0].objective
    answer: dict[str, Any] = {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobConfig": _config(job),
        "HyperParameterTuningJobStatus": job.status,
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "TrainingJobStatusCounters": tally.status_counters(groups),
        "ObjectiveStatusCounters": tally.objective_counters(groups),
        "WarmStartConfig": job.request.get("WarmStartConfig"),
        "TuningJobCompletionDetails": {
            "NumberOfTrainingJobsObjectiveNotImproving": tally.not_improving(trials, objective),
            "ConvergenceDetectedTime": moment(job.converged_at) if job.converged_at else None,
        },
        "ConsumedResources": {"RuntimeInSeconds": _runtime_s(job, now)},
    }
    definitions = [_definition(definition) for definition in job.definitions]
    if job.request.get("TrainingJobDefinitions"):
        answer["TrainingJobDefinitions"] = definitions
    else:
        (answer["TrainingJobDefinition"],) = definitions
    if job.ended_at is not None:
        answer["HyperParameterTuningEndTime"] = moment(job.ended_at)
    if job.failure_reason:
        answer["FailureReason"] = job.failure_reason
    if best := tally.best(trials, objective):
        answer["BestTrainingJob"] = summarize_trial(job, best)
    if overall := _overall(job, best):
        answer["OverallBestTrainingJob"] = overall
    return answer


def summarize(job: TuningJob, groups: Sequence[Group]) -> dict[str, Any]:
    """Return ListHyperParameterTuningJobs' summary."""
    return {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobStatus": job.status,
        "Strategy": job.strategy,
        "CreationTime": moment(job.created_at),
        "HyperParameterTuningEndTime": moment(job.ended_at) if job.ended_at is not None else None,
        "LastModifiedTime": moment(job.modified_at),
        "TrainingJobStatusCounters": tally.status_counters(groups),
        "ObjectiveStatusCounters": tally.objective_counters(groups),
        "ResourceLimits": job.config["ResourceLimits"],
    }


def summarize_trial(job: TuningJob, trial: Trial) -> dict[str, Any]:
    """Return a HyperParameterTrainingJobSummary."""
    definition = job.definitions[trial.definition]
    summary: dict[str, Any] = {
        "TrainingJobDefinitionName": definition.name,
        "TrainingJobName": trial.name,
        "TrainingJobArn": arns.training_job_arn(job.scope, trial.name),
        "TuningJobName": job.name,
        "CreationTime": moment(trial.created_at),
        "TrainingStartTime": moment(trial.started_at) if trial.started_at is not None else None,
        "TrainingEndTime": moment(trial.ended_at) if trial.ended_at is not None else None,
        "TrainingJobStatus": trial.status,
        "TunedHyperParameters": dict(trial.tuned),
        "FailureReason": trial.failure_reason,
        "ObjectiveStatus": trial.objective_status,
    }
    if trial.objective is not None:
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "MetricName": definition.objective.metric,
            "Value": trial.objective,
            # From memory: AWS names the type where each definition has an objective of its own.
            "Type": definition.objective.kind if job.request.get("TrainingJobDefinitions") else None,
        }
    return summary


def kept_summary(job: TuningJob, trial: Trial) -> dict[str, Any]:
    """Return a summary as JSON can hold it: times are seconds since the epoch."""
    summary = summarize_trial(job, trial)
    return {
        name: value.timestamp() if isinstance(value, datetime) else value
        for name, value in summary.items()
        if value is not None
    }


def _overall(job: TuningJob, best: Trial | None) -> dict[str, Any] | None:
    """Return the best of a warm-started job and its parents, where their data and algorithm are the same."""
    warm: Mapping[str, Any] = job.request.get("WarmStartConfig") or {}
    if warm.get("WarmStartType") != "IdenticalDataAndAlgorithm":
        return None
    own = summarize_trial(job, best) if best else None
    if job.overall is None:
        return own
    metric = "FinalHyperParameterTuningJobObjectiveMetric"
    value = job.overall[metric]["Value"]
    if own is not None and job.definitions[0].objective.better(own[metric]["Value"], value):
        return own
    return {name: moment(value) if name.endswith("Time") else value for name, value in job.overall.items()}


def _config(job: TuningJob) -> dict[str, Any]:
    """Return the configuration with all three lists of ranges: SDK v2's `attach` reads them without a
    default.
    """
    config = dict(job.config)
    if ranges := config.get("ParameterRanges"):
        config["ParameterRanges"] = _ranges(ranges)
    config.setdefault("TrainingJobEarlyStoppingType", "Off")
    return config


def _ranges(ranges: Mapping[str, Any]) -> dict[str, Any]:
    scaled = {"ScalingType": "Auto"}
    return {
        "IntegerParameterRanges": [{**scaled, **each} for each in ranges.get("IntegerParameterRanges") or ()],
        "ContinuousParameterRanges": [
            {**scaled, **each} for each in ranges.get("ContinuousParameterRanges") or ()
        ],
        "CategoricalParameterRanges": list(ranges.get("CategoricalParameterRanges") or ()),
    }


def _definition(definition: Definition) -> dict[str, Any]:
    request = definition.request
    answer = {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
        **request,
        "StaticHyperParameters": definition.static,
        # SDK v2 reads KmsKeyId without a default.
        "OutputDataConfig": {"KmsKeyId": "", **request["OutputDataConfig"]},
        # SDK v2's `attach` reads it, also where HyperParameterTuningResourceConfig was given.
        "ResourceConfig": resources_shown(resources_of(request)),
    }
    if ranges := request.get("HyperParameterRanges"):
        answer["HyperParameterRanges"] = _ranges(ranges)
    return answer


def _runtime_s(job: TuningJob, now: datetime) -> int:
    end = job.ended_at if job.ended_at is not None else now.timestamp()
    return max(0, math.ceil(end - job.created_at))
