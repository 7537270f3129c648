"""A tuning job: trials of few epochs, two at a time, say which learning rate and batch size are worth it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from examples.image_classifier import training
from examples.image_classifier.story import Story

NAME = "find-rate"
OBJECTIVE = "valid:accuracy"
_AT_ONCE, _EPOCHS = 2, 3
# With what is found, the small network is after so many as good as after the 20 of its own choice.
_EPOCHS_AFTERWARDS = 12
_RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "learning_rate", "MinValue": "0.002", "MaxValue": "0.15", "ScalingType": "Logarithmic"}
    ],
    "IntegerParameterRanges": [
        {"Name": "batch_size", "MinValue": "32", "MaxValue": "256", "ScalingType": "Logarithmic"}
    ],
}
# The same trials at each telling.
_SEED = 10


def tune(story: Story, source: str) -> Mapping[str, str]:
    """Run the tuning job to its end; return what to train with: the best trial's hyperparameters.

    Raises:
        RuntimeError: It found nothing.
    """
    sagemaker, trials, began = story.client("sagemaker"), story.trials, time.perf_counter()
    request = training.request(story, source, instance_count=1, splits=("train", "valid"))
    static = request.pop("HyperParameters") | {"epochs": str(min(_EPOCHS, story.epochs or _EPOCHS))}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=NAME,
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "RandomSeed": _SEED,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": OBJECTIVE},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": _AT_ONCE},
            "ParameterRanges": _RANGES,
        },
        TrainingJobDefinition={**request, "StaticHyperParameters": static},
    )
    while True:
        job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=NAME)
        if job["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
            break
        time.sleep(0.25)
    best = job.get("BestTrainingJob")
    if best is None:
        raise RuntimeError(f"{NAME}: {job.get('FailureReason', job['HyperParameterTuningJobStatus'])}")
    _show(story, best["TrainingJobName"])
    tuned: dict[str, str] = best["TunedHyperParameters"]
    value = best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    story.record(
        "tuning job",
        f"{trials} trials, {_AT_ONCE} at a time, in {time.perf_counter() - began:.1f} s; best valid accuracy"
        f" {value:.1%}: {_text(tuned)}",
    )
    if story.model == "small" and not story.epochs:
        tuned["epochs"] = str(_EPOCHS_AFTERWARDS)
    return tuned


def _show(story: Story, best: str) -> None:
    """Print the trials, the best first."""
    trials = story.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=NAME, SortBy="FinalObjectiveMetricValue", SortOrder="Descending"
    )["TrainingJobSummaries"]
    table = Table("trial", "learning rate", "batch size", OBJECTIVE.replace(":", " "), "seconds", box=None)
    for trial in trials:
        tuned = trial["TunedHyperParameters"]
        found = trial.get("FinalHyperParameterTuningJobObjectiveMetric")
        table.add_row(
            trial["TrainingJobName"],
            f"{float(tuned['learning_rate']):.4f}",
            tuned["batch_size"],
            f"{found['Value']:.1%}" if found else trial["TrainingJobStatus"],
            _seconds(trial),
            style="bold" if trial["TrainingJobName"] == best else None,
        )
    story.console.print(table)


def _seconds(trial: Mapping[str, Any]) -> str:
    begun, ended = trial.get("TrainingStartTime"), trial.get("TrainingEndTime")
    return f"{(ended - begun).total_seconds():.1f}" if begun and ended else ""


def _text(tuned: Mapping[str, str]) -> str:
    return f"learning rate {float(tuned['learning_rate']):.4f}, batch size {tuned['batch_size']}"
