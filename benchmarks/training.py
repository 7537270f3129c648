"""Training jobs of the recipe, for benchmarks: the images and the source go in, times come out."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import Platform
from benchmarks.signed import client

RECIPE = Path(__file__).parent.parent / "recipes" / "image_classifier"
BUCKET = "benchmark"
_ROLE = "arn:aws:iam::{}:role/service-role/SagehenSageMakerExecutionRole"
_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py311"
_GROUP = "/aws/sagemaker/TrainingJobs"
_POLL_S = 0.5
_SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Trained:
    """A job that has ended.

    Args:
        whole_s: From its creation to its end, by the platform's clock.
        training_s: Its status Training: the process's start, all epochs, the test.
        accuracy: What its log named as test_accuracy, between 0 and 1.
    """

    whole_s: float
    training_s: float
    accuracy: float


class TrainingAccount:
    """A bucket with images and the recipe's source; runs jobs on them."""

    def __init__(self, platform: Platform, images: Path) -> None:
        self._s3, self._sagemaker, self._logs, sts = (
            client(name, platform.url, platform.keys) for name in ("s3", "sagemaker", "logs", "sts")
        )
        self._role = _ROLE.format(sts.get_caller_identity()["Account"])
        self._count = 0
        self._s3.create_bucket(Bucket=BUCKET)
        self._put_source()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: self._put(images, path), images.rglob("*.jpg")))

    def _put(self, images: Path, path: Path) -> None:
        self._s3.put_object(Bucket=BUCKET, Key=str(path.relative_to(images)), Body=path.read_bytes())

    def _put_source(self) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path in sorted(RECIPE.glob("*.py")):
                archive.add(path, path.name)
        self._s3.put_object(Bucket=BUCKET, Key="source.tar.gz", Body=buffer.getvalue())

    def train(self, instances: int, options: Mapping[str, str]) -> Trained:
        """Run one job to its end.

        Raises:
            RuntimeError: It failed.
        """
        self._count += 1
        name = f"job-{self._count}"
        self._sagemaker.create_training_job(**self._request(name, instances, options))
        while True:
            job: dict[str, Any] = self._sagemaker.describe_training_job(TrainingJobName=name)
            if job["TrainingJobStatus"] not in ("InProgress", "Stopping"):
                break
            time.sleep(_POLL_S)  # two busy instances leave no core to whoever asks
        if job["TrainingJobStatus"] != "Completed":
            raise RuntimeError(
                f"{name}: {job.get('FailureReason', job['TrainingJobStatus'])}\n{self._log(name)}"
            )
        training = next(step for step in job["SecondaryStatusTransitions"] if step["Status"] == "Training")
        accuracy = next(m["Value"] for m in job["FinalMetricDataList"] if m["MetricName"] == "accuracy")
        whole_s = (job["TrainingEndTime"] - job["CreationTime"]).total_seconds()
        return Trained(whole_s, (training["EndTime"] - training["StartTime"]).total_seconds(), accuracy)

    def _log(self, name: str) -> str:
        events = self._logs.filter_log_events(logGroupName=_GROUP, logStreamNamePrefix=f"{name}/")["events"]
        return "\n".join(event["message"] for event in events[-40:])

    def _request(self, name: str, instances: int, options: Mapping[str, str]) -> dict[str, Any]:
        parameters = {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{BUCKET}/source.tar.gz",
            **options,
        }
        if instances > 1:
            parameters["sagemaker_torch_distributed_enabled"] = "true"
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {
                "TrainingImage": _IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "accuracy", "Regex": r"test_accuracy=([0-9.]+)"}],
            },
            "RoleArn": self._role,
            "HyperParameters": parameters,
            "InputDataConfig": [
                {
                    "ChannelName": split,
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{split}/"}
                    },
                }
                for split in _SPLITS
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out/"},
            "ResourceConfig": {
                "InstanceType": "ml.c5.xlarge",
                "InstanceCount": instances,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }
