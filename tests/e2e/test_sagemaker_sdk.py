"""The SageMaker SDK v2 as it is: `PyTorch(...).fit()`, `.deploy()`, `PyTorchModel(...)`, `predict()`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import shell_environment
from tests.running import RunningSagehen

NOTEBOOK = Path(__file__).parent / "notebook" / "notebook.py"


_ISOLATED = """
import json, sys
import sagemaker
from sagemaker.pytorch import PyTorch
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
session = sagemaker.Session()  # one for all: each takes seconds to make
common = dict(
    source_dir=sys.argv[1], role=sagemaker.get_execution_role(session), framework_version="2.6.0",
    py_version="py312", instance_count=1, sagemaker_session=session,
)
estimator = PyTorch(
    entry_point="isolated.py", instance_type="ml.g4dn.xlarge", enable_network_isolation=True,
    base_job_name="isolated", **common,
)
estimator.fit()

tuner = HyperparameterTuner(
    PyTorch(entry_point="tuned.py", instance_type="ml.m5.large", **common),
    "score",
    {"rate": ContinuousParameter(0, 1), "depth": IntegerParameter(1, 5), "kind": CategoricalParameter(["a"])},
    [{"Name": "score", "Regex": "score=([0-9.]+)"}],
    max_jobs=2, max_parallel_jobs=2, base_tuning_job_name="sdk",
)
tuner.fit()
attached = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=session)
frame = attached.analytics().dataframe()
best = frame.loc[frame["FinalObjectiveValue"].idxmax()]
print()
print(json.dumps({
    "status": attached.describe()["HyperParameterTuningJobStatus"],
    "best": attached.best_training_job(), "model": attached.best_estimator().model_data,
    "columns": sorted(frame), "job": best["TrainingJobName"],
    "rate": best["rate"], "value": best["FinalObjectiveValue"],
}))
"""


@pytest.mark.sandbox
@pytest.mark.timeout(200)
def test_code_comes_as_a_channel_under_network_isolation_and_a_tuner_finds_its_best(
    sagehen: RunningSagehen, tmp_path: Path
) -> None:
    """The SDK names a local archive then; and the story's GPU type runs on what there is."""
    script = "import os; print('isolated in', os.getcwd(), 'with', os.environ['SM_NUM_GPUS'], 'GPUs')"
    (tmp_path / "isolated.py").write_text(script)
    (tmp_path / "tuned.py").write_text("import os; print('score=' + os.environ['SM_HP_RATE'])")
    ran = subprocess.run(
        [sys.executable, "-c", _ISOLATED, str(tmp_path)], capture_output=True, text=True, timeout=180,
        env=shell_environment(sagehen, role="SagehenSageMakerExecutionRole"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    assert "isolated in /opt/ml/code with" in ran.stdout
    if not list(Path("/dev").glob("nvidia[0-9]*")):
        assert "with 0 GPUs" in ran.stdout
        assert "ml.g4dn.xlarge has 1 GPU on AWS and none here" in ran.stdout
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen["status"] == "Completed" and {"rate", "depth", "kind"} <= set(seen["columns"])
    assert seen["best"] == seen["job"] and seen["best"].startswith("sdk-")
    assert seen["value"] == pytest.approx(seen["rate"], abs=1e-5)
    assert seen["model"].endswith(f"/{seen['best']}/output/model.tar.gz")


@pytest.mark.sandbox
@pytest.mark.torch
@pytest.mark.timeout(600)
def test_a_notebook_trains_deploys_and_predicts(sagehen: RunningSagehen) -> None:
    # The SDK makes its STS client for https://sts.us-east-1.amazonaws.com: only the proxy door answers it.
    environment = shell_environment(sagehen, role="SagehenSageMakerExecutionRole")
    ran = subprocess.run(
        [sys.executable, str(NOTEBOOK)], capture_output=True, text=True, env=environment, timeout=500
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen["role"].endswith(":role/service-role/SagehenSageMakerExecutionRole")
    assert seen["bucket"] == "sagemaker-us-east-1-123456789012"
    assert seen["model_data"] == f"s3://{seen['bucket']}/{seen['job']}/output/model.tar.gz"
    for answer in (seen["first"], seen["second"]):
        assert answer[0][0] == pytest.approx(7, abs=0.1)
        assert answer[1][0] == pytest.approx(-2, abs=0.1)
    # fit() followed the log: the script's own line is in its output.
    assert """note='it\\'s "quoted"'""" in ran.stdout
