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
