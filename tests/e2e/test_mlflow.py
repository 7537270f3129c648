"""An MLflow tracking server: MLflow's own client from outside and in a training job, and a browser.

MLflow wants other versions of packages than everything else here is tested with (cachetools below 8): an
environment of its own has it and the plug-in, which `SAGEHEN_TEST_MLFLOW` names.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e import story
from tests.e2e.conftest import shell_environment
from tests.running import RunningSagehen
from tests.waiting import eventually

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
CHROMIUM = Path("/usr/bin/chromium")
ROLE = "arn:aws:iam::123456789012:role/service-role/SagehenSageMakerExecutionRole"
SCRIPT = """
import os, pathlib, sys
import mlflow
mlflow.set_tracking_uri(os.environ.get("SM_HP_ARN") or sys.argv[1])
mlflow.set_experiment("birds")
with mlflow.start_run(run_name=os.environ.get("TRAINING_JOB_NAME", "outside")) as run:
    mlflow.log_param("lr", 0.1)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    pathlib.Path("/tmp/note.txt").write_text("hoot")
    mlflow.log_artifact("/tmp/note.txt")
found = mlflow.search_runs(search_all_experiments=True, output_format="list")
print("runs", sorted(each.info.run_name for each in found), flush=True)
print("kept", mlflow.MlflowClient().list_artifacts(run.info.run_id)[0].path, flush=True)
"""


def _python() -> str | None:
    """Return the Python that has MLflow and the plug-in, or None."""
    if venv := os.environ.get("SAGEHEN_TEST_MLFLOW"):
        return str(Path(venv, "bin", "python"))
    has = all(importlib.util.find_spec(name) for name in ("mlflow", "sagemaker_mlflow"))
    return sys.executable if has else None


REGISTER = """
import sys
import mlflow, sagemaker_mlflow
mlflow.set_tracking_uri(sys.argv[1])
class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[str]) -> list[str]:
        return model_input
with mlflow.start_run():
    logged = mlflow.pyfunc.log_model(name="echo", python_model=Echo())
client = mlflow.MlflowClient()
files = client.get_logged_model(logged.model_id).artifact_location
container = {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"}
sagemaker_mlflow.log_inference_specification(
    logged.model_id, inference_specification={"Containers": [container]}
)
version = mlflow.register_model(logged.model_uri, "Echo")
client.set_registered_model_alias("Echo", "sagemakerlifecycle-staging-active", version.version)
print("package", client.get_model_version("Echo", version.version).tags["sagemaker.model_package_arn"], files)
"""
PYTHON = _python()
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.once,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        PYTHON is None, reason="no MLflow here: SAGEHEN_TEST_MLFLOW=VENV names an environment that has it"
    ),
]


def _status(sagemaker: Any) -> str:
    told: str = sagemaker.describe_mlflow_tracking_server(TrackingServerName="Owls")["TrackingServerStatus"]
    return told


@pytest.fixture(scope="module")
def arn(sagehen: RunningSagehen) -> Iterator[str]:
    """A tracking server that answers, on a platform whose environments the operator has mapped."""
    assert PYTHON is not None
    venv, data = str(Path(PYTHON).parents[1]), str(sagehen.data_folder)
    for name in ("mlflow", IMAGE):
        subprocess.run(
            [sys.executable, "-m", "sagehen.cli", "images", "use", name, venv, "--data", data],
            check=True, capture_output=True,
        )  # fmt: skip
    story.client(sagehen, "s3").create_bucket(Bucket="owls")
    policy = {"Effect": "Allow", "Action": "sagemaker-mlflow:*", "Resource": "*"}
    story.client(sagehen, "iam").put_role_policy(
        RoleName="SagehenSageMakerExecutionRole",
        PolicyName="mlflow",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    sagemaker = story.client(sagehen, "sagemaker")
    made = sagemaker.create_mlflow_tracking_server(
        TrackingServerName="Owls", ArtifactStoreUri="s3://owls/runs", RoleArn=ROLE,
        AutomaticModelRegistration=True,
    )  # fmt: skip
    eventually(lambda: _status(sagemaker) != "Creating", 700)
    assert _status(sagemaker) == "Created"
    yield made["TrackingServerArn"]
    sagemaker.delete_mlflow_tracking_server(TrackingServerName="Owls")


def _outside(sagehen: RunningSagehen, arn: str, tmp_path: Path, source: str = SCRIPT) -> str:
    script = tmp_path / "script.py"
    script.write_text(source)
    assert PYTHON is not None
    ran = subprocess.run(
        [PYTHON, str(script), arn], env=shell_environment(sagehen), timeout=300,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.stdout + ran.stderr


def test_runs_come_from_outside_and_from_a_job_and_are_kept(
    sagehen: RunningSagehen, arn: str, tmp_path: Path
) -> None:
    printed = _outside(sagehen, arn, tmp_path)
    assert "runs ['outside']" in printed and "kept note.txt" in printed, printed[-3000:]

    source = story.put_source(sagehen, SCRIPT)
    story.create_job(
        sagehen,
        "inside",
        source,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters={
            "sagemaker_program": "train.py", "sagemaker_submit_directory": source, "arn": arn
        },
    )  # fmt: skip
    sagemaker = story.client(sagehen, "sagemaker")
    ended = story.finished_job(sagehen, "inside", 300)
    log = "\n".join(story.job_log(sagehen, "inside"))
    assert ended["TrainingJobStatus"] == "Completed", log[-3000:]
    assert "runs ['inside', 'outside']" in log

    sagemaker.stop_mlflow_tracking_server(TrackingServerName="Owls")
    eventually(lambda: _status(sagemaker) == "Stopped")
    sagemaker.start_mlflow_tracking_server(TrackingServerName="Owls")
    eventually(lambda: _status(sagemaker) == "Started", 700)
    assert "runs ['inside', 'outside', 'outside']" in _outside(sagehen, arn, tmp_path)


def test_what_mlflow_registers_sagemaker_has(sagehen: RunningSagehen, arn: str, tmp_path: Path) -> None:
    printed = _outside(sagehen, arn, tmp_path, REGISTER)
    assert "package arn:aws:sagemaker:" in printed, printed[-3000:]
    package, files = printed.rpartition("package ")[2].split()[:2]
    told = story.client(sagehen, "sagemaker").describe_model_package(ModelPackageName=package)
    assert told["ModelPackageGroupName"].startswith("Echo-") and told["SourceUri"] == files
    assert told["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE
    assert told["ModelLifeCycle"] == {"Stage": "staging", "StageStatus": "active"}
    assert told["CustomerMetadataProperties"]["mlflow.uri"] == "models:/Echo/1"


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine (apt-get install chromium)")
def test_a_presigned_url_opens_the_page_once(sagehen: RunningSagehen, arn: str) -> None:
    sagemaker = story.client(sagehen, "sagemaker")
    url = sagemaker.create_presigned_mlflow_tracking_server_url(TrackingServerName="Owls")["AuthorizedUrl"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.get_by_text("birds", exact=True).first.wait_for(timeout=120_000)
        stranger = browser.new_context().new_page()
        refused = stranger.goto(url)
        assert refused is not None and refused.status == 403
