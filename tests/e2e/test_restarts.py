"""What runs survives the platform: kill -9 and `down`/`up` in the middle of jobs and endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import story
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

SLOW_JOB = """
import os, pathlib, time
print("began", flush=True)
checkpoint = pathlib.Path("/opt/ml/checkpoints/step")
step = int(checkpoint.read_text()) if checkpoint.exists() else 0
while step < 40:
    step += 1
    checkpoint.write_text(str(step))
    time.sleep(0.1)
print(f"ended at {step}", flush=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "done.txt").write_text("done")
"""
HANDLER = """
import json
def model_fn(model_dir): return 2
def input_fn(body, content_type): return json.loads(body)
def predict_fn(data, factor): return [factor * value for value in data]
def output_fn(prediction, accept): return json.dumps(prediction)
"""


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path / "data")
    running.start()
    yield running
    running.stop()


def kill_9(sagehen: RunningSagehen) -> None:
    sagehen.kill()


def down(sagehen: RunningSagehen) -> None:
    assert sagehen.stop() == 0


# What `down` leaves behind, kill -9 does too, and more.
ENDS = [kill_9, pytest.param(down, marks=pytest.mark.once)]


@pytest.mark.parametrize("end", ENDS)
def test_a_job_in_the_middle_goes_on(sagehen: RunningSagehen, end: Callable[[RunningSagehen], None]) -> None:
    source = story.put_source(sagehen, SLOW_JOB)
    checkpoints = {"S3Uri": f"s3://{story.BUCKET}/checkpoints/"}
    story.create_job(sagehen, "slow", source, CheckpointConfig=checkpoints)
    deadline = time.monotonic() + 60
    while "began" not in (story.job_log(sagehen, "slow") if _logs(sagehen) else []):
        assert time.monotonic() < deadline, "the job never began"
        time.sleep(0.1)
    end(sagehen)
    sagehen.start()
    job = story.finished_job(sagehen, "slow")
    assert job["TrainingJobStatus"] == "Completed", job
    assert "Restarting" in [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert job_began_twice(sagehen)
    # Nothing is left of either attempt: folders of jobs, nor what their sandboxes saw as /etc.
    data = sagehen.data_folder
    eventually(lambda: not list((data / "sagemaker").glob("training-jobs*/*")))
    eventually(lambda: not list((data / "run").glob("etc*/*")))


def job_began_twice(sagehen: RunningSagehen) -> bool:
    lines = story.job_log(sagehen, "slow")
    return lines.count("began") == 2 and lines.count("ended at 40") == 1


def _logs(sagehen: RunningSagehen) -> bool:
    groups = story.client(sagehen, "logs").describe_log_groups()["logGroups"]
    return any(group["logGroupName"] == "/aws/sagemaker/TrainingJobs" for group in groups)


@pytest.mark.parametrize("end", ENDS)
def test_an_endpoint_comes_back(sagehen: RunningSagehen, end: Callable[[RunningSagehen], None]) -> None:
    story.put_source(sagehen, SLOW_JOB)
    story.deploy(sagehen, "doubler", HANDLER, instances=2)
    assert story.invoke(sagehen, "doubler", [1, 2]) == [2, 4]
    end(sagehen)
    sagehen.start()
    assert story.in_service(sagehen, "doubler") == "InService"
    # It says InService, so the first request is answered, once an instance is up again.
    assert story.invoke(sagehen, "doubler", [3]) == [6]
