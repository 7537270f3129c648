"""JobLog: what a job does, line by line. `right_size` of the SDK (2) prints it while it waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.services.sagemaker.recommender import job as states
from sagehen.services.sagemaker.recommender.benchmarks import Benchmark
from sagehen.services.sagemaker.recommender.job import RecommendationJob

# Group and stream are where the SDK looks (sagemaker/session.py,
# `_display_inference_recommendations_job_steps_status`); the words are ours: AWS's are not documented.
GROUP = "/aws/sagemaker/InferenceRecommendationsJobs"


class JobLog:
    """Writes the stream of one job.

    Args:
        count: Of the job's benchmarks.
    """

    def __init__(self, logs: LogSink, clock: Clock, job: RecommendationJob, count: int) -> None:
        self._logs, self._clock, self._job, self._count = logs, clock, job, count

    def begun(self) -> None:
        """Tell that the job is carried out, from its start or after one of the platform's."""
        verb = "goes on" if self._job.steps else "begins"
        self._say(f"{self._job.request['JobType']} job {verb}, benchmarks: {self._count}")

    def step(self, benchmark: Benchmark, step: Mapping[str, Any]) -> None:
        """Tell what became of a benchmark."""
        metrics = step.get("Metrics") or {}
        told = step.get("FailureReason") or ", ".join(f"{name} {value}" for name, value in metrics.items())
        self._say(
            f"Benchmark {benchmark.number + 1} of {self._count}, {words_of(benchmark)}: {step['Status']}"
            f"{told and f': {told}'}"
        )

    def ended(self, status: str, reason: str | None) -> None:
        """Tell how the job ended."""
        self._say(f"Job {status}{f': {reason}' if status == states.FAILED and reason else ''}")

    def _say(self, line: str) -> None:
        event = (epoch_ms(self._clock.now()), line)
        self._logs.write(self._job.scope, GROUP, f"{self._job.name}/execution", [event])


def words_of(benchmark: Benchmark) -> str:
    """Return what is tried: `ml.m5.large, OMP_NUM_THREADS=2`."""
    serverless = benchmark.serverless or {}
    on = benchmark.instance_type or f"serverless, {serverless.get('MemorySizeInMB')} MB"
    return ", ".join((on, *(f"{name}={value}" for name, value in benchmark.variables)))
