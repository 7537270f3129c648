"""`--sandbox=off`: plain processes on the host's own paths and ports, with the same contract and rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import story
from tests.running import RunningSagehen

SCRIPT = """
import boto3
from sagemaker_training import environment
env = environment.Environment()
print("trained on", env.current_host, env.hosts, "as", boto3.client("sts").get_caller_identity()["Arn"])
"""
HANDLER = """
import boto3, json
from sagemaker_inference import encoder
def model_fn(model_dir): return 1
def input_fn(body, content_type): return json.loads(body)
def predict_fn(data, model): return boto3.client("sts").get_caller_identity()["Arn"]
def output_fn(prediction, accept): return encoder.encode([prediction], "application/json")
"""


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path / "data")
    running.start("--sandbox", "off")
    yield running
    running.stop()


MEET = """
import torch, torch.distributed as dist
dist.init_process_group("gloo")
total = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(total)
print("together", total.item(), "of", dist.get_world_size(), flush=True)
"""


@pytest.mark.torch
def test_two_hosts_meet_by_address(sagehen: RunningSagehen) -> None:
    source = story.put_source(sagehen, MEET)
    story.create_job(
        sagehen, "two-hosts", source,
        AlgorithmSpecification={"TrainingImage": story.PYTORCH_TRAINING, "TrainingInputMode": "File"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5},
        HyperParameters={
            "sagemaker_program": "train.py", "sagemaker_submit_directory": source,
            "sagemaker_torch_distributed_enabled": "true",
        },
    )  # fmt: skip
    assert story.finished_job(sagehen, "two-hosts")["TrainingJobStatus"] == "Completed"
    assert "together 3.0 of 2" in story.job_log(sagehen, "two-hosts")


def test_jobs_and_endpoints_work_without_namespaces(sagehen: RunningSagehen) -> None:
    """The data folder of a test lies deep: a socket's address would be too short for its path."""
    story.create_job(sagehen, "job", story.put_source(sagehen, SCRIPT))
    assert story.finished_job(sagehen, "job")["TrainingJobStatus"] == "Completed"
    (line,) = [line for line in story.job_log(sagehen, "job") if line.startswith("trained on")]
    assert line.startswith("trained on algo-1 ['algo-1'] as arn:aws:sts::123456789012:assumed-role/")
    story.deploy(sagehen, "two", HANDLER, instances=2)  # which both want port 8080
    assert "assumed-role/" in story.invoke(sagehen, "two", [1])[0]
