"""A recipe's job on two instances is stopped; another with its checkpoints goes on where it was."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.story import BUCKET, PYTORCH_TRAINING, archive, client, create_job, finished_job, job_log
from tests.running import RunningSagehen
from tests.waiting import pauses

# Asked for without an import: every worker collects every file, and these two take 7 s.
pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not all(map(find_spec, ("torch", "sklearn"))), reason="no torch or no scikit-learn"),
]

RECIPE = Path(__file__).parents[2] / "recipes" / "image_classifier"
EPOCHS = 30


@pytest.fixture(scope="module")
def source(sagehen: RunningSagehen, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Put the digits and the recipe into a bucket; return the source's address."""
    digits = tmp_path_factory.mktemp("digits")
    subprocess.run([sys.executable, RECIPE / "digits.py", digits], check=True, capture_output=True)
    s3 = client(sagehen, "s3")
    s3.create_bucket(Bucket=BUCKET)
    for path in digits.rglob("*.jpg"):
        key = f"data/{path.relative_to(digits)}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
    files = archive({path.name: path for path in RECIPE.glob("*.py")})
    s3.put_object(Bucket=BUCKET, Key="source.tar.gz", Body=files)
    return f"s3://{BUCKET}/source.tar.gz"


def create(sagehen: RunningSagehen, name: str, source: str) -> None:
    create_job(
        sagehen,
        name,
        source,
        AlgorithmSpecification={"TrainingImage": PYTORCH_TRAINING, "TrainingInputMode": "File"},
        HyperParameters={
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": source,
            "sagemaker_torch_distributed_enabled": "true",
            "epochs": str(EPOCHS),
        },
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/checkpoints/", "LocalPath": "/opt/ml/checkpoints"},
    )


def wait_for_line(sagehen: RunningSagehen, name: str, start: str, timeout_s: float = 120) -> None:
    sagemaker: Any = client(sagehen, "sagemaker")
    deadline, pause = time.monotonic() + timeout_s, pauses()
    while time.monotonic() < deadline:
        status = sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
        try:
            lines = job_log(sagehen, name)
        except client(sagehen, "logs").exceptions.ResourceNotFoundException:
            lines = []  # the group appears with the first line
        if any(line.startswith(start) for line in lines):
            return
        assert status == "InProgress", lines
        time.sleep(next(pause))
    raise AssertionError(f"{name} wrote no line that starts with {start!r}: {lines}")


def test_a_stopped_job_of_two_instances_goes_on_in_the_next(sagehen: RunningSagehen, source: str) -> None:
    create(sagehen, "cut", source)
    wait_for_line(sagehen, "cut", "epoch 3 ")
    client(sagehen, "sagemaker").stop_training_job(TrainingJobName="cut")
    stopped = finished_job(sagehen, "cut")
    assert stopped["TrainingJobStatus"] == "Stopped"
    (written,) = (line for line in job_log(sagehen, "cut") if line.startswith("SIGTERM: checkpoint at "))
    place = re.search(r"epoch (\d+), step \d+", written)
    assert place is not None and 3 < int(place[1]) < EPOCHS

    create(sagehen, "resumed", source)
    assert finished_job(sagehen, "resumed", timeout_s=240)["TrainingJobStatus"] == "Completed"
    log = job_log(sagehen, "resumed")
    assert f"resumed at {place[0]}" in log  # the very step, not the last epoch's end
    assert any("ranks=2" in line for line in log)
    epochs = [int(line.split()[1]) for line in log if line.startswith("epoch ")]
    assert epochs == list(range(int(place[1]), EPOCHS + 1))
    (accuracy,) = (float(m[1]) for line in log if (m := re.search(r"test_accuracy=([0-9.]+)", line)))
    assert accuracy >= 0.97
