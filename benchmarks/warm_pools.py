"""A training job's start: cold, and in a warm pool that another job has left.

Through the platform, as a user would, from CreateTrainingJob to the script's first line in the log. The warm
parent with torch is up in both cases: else the first job of all waits seconds longer for it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import deploy
from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds

_ROUNDS = 7
_BUCKET = "bench-pools"
_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py311"
_GROUP = "/aws/sagemaker/TrainingJobs"
_HERE = "the script is here"
_SCRIPT = f"print({_HERE!r}, flush=True)\n"
_KEPT = {"KeepAlivePeriodInSeconds": 600}
# (what, requirements.txt).
_WORKLOADS = (("a script alone", ""), ("with a requirements.txt of one package", "humanize==4.9.0\n"))


def measure(say: Callable[[str], None]) -> Table:
    """Start jobs in turn, cold and warm, and compare the medians."""
    rows = []
    with Platform("--warm") as platform:
        jobs = Jobs(platform)
        for what, requirements in _WORKLOADS:
            jobs.bring(requirements)
            jobs.start({})  # the first one waits for the warm parent, and fills pip's own caches
            jobs.start(_KEPT)
            cold, warm = [], []
            for number in range(_ROUNDS):
                say(f"{what}: round {number + 1}/{_ROUNDS}")
                # Of another volume, or it would use the pool up.
                cold.append(jobs.start({"VolumeSizeInGB": 2}))
                warm.append(jobs.start(_KEPT))
            rows.append(_row(what, cold, warm))
    return Table(
        "A training job's start in a warm pool",
        peer="cold",
        method=(
            "From CreateTrainingJob to the script's first line in its log; the medians of "
            f"{_ROUNDS} jobs of each in turn. The warm parent with torch is up for both."
        ),
        rows=rows,
    )


def _row(what: str, cold: list[float], warm: list[float]) -> Row:
    ours, peer = statistics.median(warm), statistics.median(cold)
    note = f"{milliseconds(min(warm))} to {milliseconds(max(warm))}, cold {milliseconds(min(cold))} to "
    return Row(
        what,
        milliseconds(ours),
        milliseconds(peer),
        f"{peer / ours:.1f} times",
        note + milliseconds(max(cold)),
    )


class Jobs:
    """Starts jobs of one source."""

    def __init__(self, platform: Platform) -> None:
        self._s3, self._sagemaker, self._logs = (
            client(name, platform.url, platform.keys) for name in ("s3", "sagemaker", "logs")
        )
        self._role = deploy.role(platform, "bench-pools", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
        self._s3.create_bucket(Bucket=_BUCKET)
        self._count = 0

    def bring(self, requirements: str, script: str = _SCRIPT) -> None:
        """Put the source into the bucket."""
        files = {"train.py": script, **({"requirements.txt": requirements} if requirements else {})}
        self._s3.put_object(Bucket=_BUCKET, Key="source.tar.gz", Body=deploy.archive(files))

    def start(self, resources: dict[str, Any]) -> float:
        """Run a job to its end; return how long it took from its creation to the script's first line.

        Raises:
            RuntimeError: It failed.
        """
        self._count += 1
        name = f"job-{self._count}"
        self._sagemaker.create_training_job(**self._request(name, resources))
        while (job := self._sagemaker.describe_training_job(TrainingJobName=name))["TrainingJobStatus"] in (
            "InProgress",
            "Stopping",
        ):
            time.sleep(0.1)
        if job["TrainingJobStatus"] != "Completed":
            raise RuntimeError(f"{name}: {job.get('FailureReason')}")
        found = self._logs.filter_log_events(logGroupName=_GROUP, logStreamNamePrefix=f"{name}/")["events"]
        first = next(event for event in found if event["message"] == _HERE)
        return float(first["timestamp"] / 1000 - job["CreationTime"].timestamp())

    def printed(self, begin: str) -> str:
        """Return what the last job printed behind these words."""
        prefix = f"job-{self._count}/"
        found = self._logs.filter_log_events(logGroupName=_GROUP, logStreamNamePrefix=prefix)["events"]
        return next(
            str(event["message"].removeprefix(begin)) for event in found if event["message"].startswith(begin)
        )

    def create_with_data(self, name: str, uri: str) -> None:
        """Create a job whose channel `train` is what lies below a URI."""
        source = {"S3DataType": "S3Prefix", "S3Uri": uri}
        channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        self._sagemaker.create_training_job(
            **self._request(name, {"VolumeSizeInGB": 10}), InputDataConfig=[channel]
        )

    def _request(self, name: str, resources: dict[str, Any]) -> dict[str, Any]:
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": _IMAGE, "TrainingInputMode": "File"},
            "RoleArn": self._role,
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{_BUCKET}/source.tar.gz",
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{_BUCKET}/out/"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
                **resources,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }
