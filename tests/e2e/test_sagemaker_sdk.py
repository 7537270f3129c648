"""Both SageMaker SDKs as they are, on one platform at once: the story's notebook, all of its cells."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e import sdk3
from tests.e2e.conftest import shell_environment
from tests.e2e.story import client
from tests.running import RunningSagehen

NOTEBOOK = Path(__file__).parent / "notebook"
ROLE = "arn:aws:iam::123456789012:role/service-role/SagehenSageMakerExecutionRole"
BUCKET = "sagemaker-us-east-1-123456789012"
RED_AND_BLUE = {"blue": (20, 20, 230), "red": (230, 20, 20)}

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.torch, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Notebooks:
    """What both notebooks saw, and what v2 printed: its `fit` follows the log."""

    v2: Mapping[str, Any]
    v3: Mapping[str, Any]
    printed: str


@pytest.fixture(scope="module")
def notebooks(sagehen: RunningSagehen, tmp_path_factory: pytest.TempPathFactory) -> Notebooks:
    """Run both, side by side: they wait more than they work."""
    images = tmp_path_factory.mktemp("images")
    for name, (red, green, blue) in RED_AND_BLUE.items():
        (images / name).mkdir()
        for number in range(2):
            colour = (red + number, green + number, blue + number)
            Image.new("RGB", (8, 8), colour).save(images / name / f"{number}.jpg")
    # The SDKs make their STS client for https://sts.us-east-1.amazonaws.com: only the proxy door answers it.
    environment = shell_environment(sagehen, role="SagehenSageMakerExecutionRole")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    source = str(NOTEBOOK / "source")
    # The environment of v3 is made while v2 is at work.
    v2 = _start(
        sys.executable, "v2.py", environment, str(images), source, str(NOTEBOOK / "dependency/greeting")
    )
    try:
        v3 = _start(str(sdk3.interpreter()), "v3.py", environment, str(images), source)
        try:
            seen_in_v3, _ = _end(v3)
        finally:
            _kill(v3)
        seen_in_v2, printed = _end(v2)
    finally:
        _kill(v2)
    return Notebooks(seen_in_v2, seen_in_v3, printed)


def _start(python: str, notebook: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, str(NOTEBOOK / "run.py"), str(NOTEBOOK / notebook), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )  # fmt: skip


def _kill(notebook: subprocess.Popen[str]) -> None:
    with notebook:  # its pipe is closed, and its end waited for
        notebook.kill()


def _end(notebook: subprocess.Popen[str]) -> tuple[dict[str, Any], str]:
    printed, _ = notebook.communicate(timeout=500)
    assert notebook.returncode == 0, printed[-6000:]
    return json.loads(printed.splitlines()[-1]), printed


def _logged(sagehen: RunningSagehen, job: str) -> str:
    """Return what the jobs printed whose names begin so."""
    found = client(sagehen, "logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=job
    )
    return "\n".join(event["message"] for event in found["events"])


def test_v2_runs_every_cell(sagehen: RunningSagehen, notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert (seen["cells"], seen["role"], seen["bucket"]) == (48, ROLE, BUCKET)
    assert """note='it\\'s "quoted"'""" in notebooks.printed  # fit() followed the log
    ranks = _logged(sagehen, "dogs-two-")
    assert "rank 0 of 2 on algo-1" in ranks and "rank 1 of 2 on algo-2" in ranks
    assert seen["training_jobs"] == [["dogs", "Completed"], ["dogs-two", "Completed"]]
    assert seen["model_data"] == f"s3://{BUCKET}/{seen['job']}/output/model.tar.gz"


def test_v2_s_tuner_finds_the_best(notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert seen["tuning_status"] == "Completed"
    assert {"lr", "epochs", "batch_size", "FinalObjectiveValue"} <= set(seen["columns"])
    assert seen["best_job"] == seen["best_of_frame"] and seen["best_job"].startswith("hpo-")
    assert seen["best_model"].endswith(f"/{seen['best_job']}/output/model.tar.gz")
    assert 0.001 <= seen["hyperparameters"]["lr"] <= 0.1
    assert seen["hyperparameters"]["batch_size"] in (32, 64, 128)


def test_v2_s_rules_and_metrics_are_read_by_the_sdk(notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert seen["rules"] == ["LossNotDecreasing", "Overfit", "LowGPUUtilization", "ProfilerReport"]
    assert seen["profiler_output"] == f"s3://{BUCKET}/{seen['job']}/profiler-output"
    assert seen["metrics"] == ["average test loss"]


def test_v2_deploys_asks_updates_and_deletes(sagehen: RunningSagehen, notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert (seen["predictor"], seen["classes"]) == ("ImagePredictor", [0, 0, 1, 1])
    assert seen["answers"] == [[1, 0]] * 3  # JSON, CSV, NumPy
    assert "Requested unsupported ContentType in content_type: image/tiff" in seen["refusal"]
    assert seen["instances"] == 2
    assert [sum(row) for row in seen["second"]] == pytest.approx([1, 1])
    assert seen["line"] == pytest.approx([5])
    assert (seen["models"], seen["one_of_many"]) == (["lines/one.tar.gz"], seen["line"])
    assert seen["calm"] == seen["line"]
    assert set(seen["left"]) <= {"hounds"}  # version 3's, which runs at the same time
    served = client(sagehen, "logs").filter_log_events(logGroupName="/aws/sagemaker/Endpoints/dogs")
    assert "greeting hello from a dependency" in [event["message"] for event in served["events"]]


def test_v2_finds_what_was_tried_and_what_came_of_what(notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert seen["tried"] == ["JOB-aws-training-job", "lines-first"]
    assert seen["trained_by"] == [True]
    assert sorted(seen["lineage"]) == [
        ["Input", "Image", "ContributedTo", "artifact"],
        ["Output", "Model", "Produced", "artifact"],
    ]


def test_v2_s_baselines_are_checked_against(notebooks: Notebooks) -> None:
    seen = notebooks.v2
    assert seen["suggested"] == {
        "name": "height", "inferred_type": "Fractional", "completeness": 1.0,
        "num_constraints": {"is_non_negative": False}, "num_present": 300, "num_missing": 0,
    }  # fmt: skip
    assert "model package group heights has no approved" in seen["nothing_to_compare"]
    assert (seen["kept"], seen["drifted"]) == ("Succeeded", ["Failed", True])
    [violation] = seen["violations"]["violations"]
    assert (violation["feature_name"], violation["constraint_check_type"]) == (
        *("height", "baseline_drift_check"),
    )


def test_v2_s_code_comes_as_a_channel_under_network_isolation(
    sagehen: RunningSagehen, notebooks: Notebooks
) -> None:
    """The SDK names a local archive then; and the story's GPU type runs on what there is."""
    logged = _logged(sagehen, "isolated-")
    assert " in /opt/ml/code with" in logged
    if not list(Path("/dev").glob("nvidia[0-9]*")):
        assert "with 0 GPUs" in logged and "ml.g4dn.xlarge has 1 GPU on AWS and none here" in logged


def test_v3_runs_every_cell(sagehen: RunningSagehen, notebooks: Notebooks) -> None:
    seen = notebooks.v3
    assert (seen["cells"], seen["role"], seen["bucket"]) == (41, ROLE, BUCKET)
    assert seen["model_data"].endswith(f"/{seen['job']}/output/model.tar.gz")
    assert seen["metrics"] == ["average test loss"]
    assert "note='in v3'" in _logged(sagehen, "hounds-")
    assert {"together", "meeting", "command", "hounds"} <= set(seen["completed"])
    assert "exit code: 3" in seen["failure"] and seen["stopped"] == "Stopped"
    assert "Requested resource not found" in seen["nobody"]


def test_v3_s_instances_meet_at_the_same_port_side_by_side(
    sagehen: RunningSagehen, notebooks: Notebooks
) -> None:
    ranks = _logged(sagehen, "together-")
    assert "rank 0 of 2 on algo-1" in ranks and "rank 1 of 2 on algo-2" in ranks
    assert "met algo-2" in _logged(sagehen, "meeting-")


def test_v3_s_command_is_bash_s(sagehen: RunningSagehen, notebooks: Notebooks) -> None:
    logged = _logged(sagehen, "command-")
    assert "bash in /opt/ml/input/data/code with two words and 3" in logged
    assert "meet.py" in logged.splitlines()  # what was a folder of this machine is a channel


def test_v3_s_tuner_finds_the_best(notebooks: Notebooks) -> None:
    seen = notebooks.v3
    assert seen["tuning_status"] == "Completed" and seen["best_job"] == seen["best_of_frame"]
    assert {"rate", "depth", "batch_size", "FinalObjectiveValue"} <= set(seen["columns"])
    best = seen["best_hyperparameters"]
    assert 0.001 <= float(best["rate"]) <= 0.1 and best["batch_size"] in ("32", "64")


def test_v3_builds_deploys_invokes_and_deletes(notebooks: Notebooks) -> None:
    seen = notebooks.v3
    assert seen["repacked"] == f"s3://{BUCKET}/hounds/model.tar.gz"
    assert seen["classes"] == [0, 0, 1, 1]
    assert sum(map(float, seen["csv"].split(","))) == pytest.approx(1)
    assert "Requested unsupported ContentType in content_type: image/tiff" in seen["refusal"]
    assert (seen["instances"], seen["models"]) == (2, ["hounds"])


def test_torchvision_is_what_jobs_import(sagehen: RunningSagehen, notebooks: Notebooks) -> None:
    version = importlib.metadata.version("torchvision")
    assert f"torchvision {version}" in notebooks.printed
    assert f"torchvision {version}" in _logged(sagehen, "hounds-")
