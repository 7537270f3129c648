"""Training jobs on one instance and on two, followed line by line through their log group."""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from examples.image_classifier.images import SPLITS
from examples.image_classifier.story import TRAINING_IMAGE, Story

RECIPE = Path(__file__).parents[2] / "recipes" / "image_classifier"
INSTANCE_TYPE = "ml.c5.xlarge"
GROUP = "/aws/sagemaker/TrainingJobs"
METRICS = [
    {"Name": "train:loss", "Regex": r"train_loss=([0-9.]+)"},
    {"Name": "valid:accuracy", "Regex": r"valid_accuracy=([0-9.]+)"},
    {"Name": "test:accuracy", "Regex": r"test_accuracy=([0-9.]+)"},
]


def upload_source(story: Story) -> str:
    """Put the recipe into the bucket as the SageMaker SDKs do; return its S3 address."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path in sorted(RECIPE.glob("*.py")):
            archive.add(path, path.name)
    story.client("s3").put_object(Bucket=story.bucket, Key="source/sourcedir.tar.gz", Body=buffer.getvalue())
    return f"s3://{story.bucket}/source/sourcedir.tar.gz"


def request(story: Story, source: str, instance_count: int, splits: Sequence[str] = SPLITS) -> dict[str, Any]:
    """Return what jobs of the story are asked for, but for their names."""
    hyperparameters = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": source,
        "model": story.model,
        "seed": "0",
    }
    if story.epochs:
        hyperparameters["epochs"] = str(story.epochs)
    return {
        "AlgorithmSpecification": {
            "TrainingImage": TRAINING_IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": METRICS,
        },
        "RoleArn": story.role,
        "HyperParameters": hyperparameters,
        "InputDataConfig": [
            {
                "ChannelName": split,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{story.bucket}/images/{split}/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for split in splits
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{story.bucket}/jobs/"},
        "ResourceConfig": {
            "InstanceType": INSTANCE_TYPE,
            "InstanceCount": instance_count,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 6 * 3600},
    }


def train(
    story: Story, name: str, source: str, instance_count: int, tuned: Mapping[str, str]
) -> dict[str, Any]:
    """Run one training job to its end and return its description.

    Args:
        tuned: Hyperparameters that the tuning job found.

    Raises:
        RuntimeError: It failed; the reason is AWS's FailureReason.
    """
    asked = request(story, source, instance_count)
    asked["HyperParameters"] |= tuned
    if instance_count > 1:
        asked["HyperParameters"]["sagemaker_torch_distributed_enabled"] = "true"
    story.client("sagemaker").create_training_job(TrainingJobName=name, **asked)
    description = _follow(story, name)
    if description["TrainingJobStatus"] != "Completed":
        raise RuntimeError(f"{name}: {description.get('FailureReason', description['TrainingJobStatus'])}")
    return description


def _follow(story: Story, name: str) -> dict[str, Any]:
    """Print the job's log lines and status changes as they come."""
    sagemaker, logs = story.client("sagemaker"), story.client("logs")
    status, shown = "", set[str]()
    while True:
        description: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        for event in _events(logs, name):
            if event["eventId"] not in shown:
                shown.add(event["eventId"])
                host = re.sub(r".*/(algo-\d+).*", r"\1", event["logStreamName"])
                story.say(f"{host} | {event['message']}")
        if description["SecondaryStatus"] != status:
            status = description["SecondaryStatus"]
            story.say(f"-- {status}")
        if description["TrainingJobStatus"] not in ("InProgress", "Stopping"):
            return description
        time.sleep(0.25)


def _events(logs: Any, name: str) -> list[dict[str, Any]]:
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP, logStreamNamePrefix=f"{name}/"
        )
        return [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []  # nothing was written yet


def accuracy(description: dict[str, Any]) -> float:
    """Return the last `test:accuracy` that the job's log named."""
    for metric in description.get("FinalMetricDataList", []):
        if metric["MetricName"] == "test:accuracy":
            return float(metric["Value"])
    raise RuntimeError("the job reported no test:accuracy")


def seconds_training(description: dict[str, Any]) -> float:
    """Return the seconds between the starts of Training and of Uploading."""
    for transition in description["SecondaryStatusTransitions"]:
        if transition["Status"] == "Training":
            began: datetime = transition["StartTime"]
            ended: datetime = transition.get("EndTime", description["TrainingEndTime"])
            return (ended - began).total_seconds()
    raise RuntimeError("the job never trained")
