"""A notebook instance, as a person has it: opened by a presigned URL in a browser, used, stopped, started."""

from __future__ import annotations

import base64
import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.e2e import story
from tests.running import RunningSagehen
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(400)]
CHROMIUM = Path("/usr/bin/chromium")
ROLE = "arn:aws:iam::123456789012:role/service-role/SagehenSageMakerExecutionRole"
# The cell is in the notebook already: a person would paste it. It is a person's but for the clock that the
# SDK sleeps by between two questions for a status.
# What is looked for is one string: arguments of one print may be parted by what the SDK logs meanwhile.
CELL = """
import time
from pathlib import Path

time.sleep = lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.2))

import sagemaker
from sagemaker.sklearn import SKLearn

role = sagemaker.get_execution_role()
Path("kept.txt").write_text(f"by {role}")
Path("train.py").write_text('''
import os, sys
from pathlib import Path

def model_fn(folder): return float(Path(folder, "factor").read_text())
def predict_fn(rows, factor): return rows * factor

if __name__ == "__main__":
    given = Path(os.environ["SM_CHANNEL_TRAIN"], "factor.txt").read_text()
    print("the script has", given, "and", *sys.argv[1:])
    Path(os.environ["SM_MODEL_DIR"], "factor").write_text(given)
''')
session = sagemaker.Session()
data = session.upload_string_as_file_body("21", session.default_bucket(), "lab/factor.txt")
estimator = SKLearn(
    "train.py", role=role, framework_version="1.2-1", instance_type="ml.m5.large",
    hyperparameters={"rounds": 3},
)
estimator.fit({"train": data.rpartition("/")[0]})
predictor = estimator.deploy(1, "ml.m5.large")
print(f"THE ENDPOINT SAYS {predictor.predict([[1, 2]]).tolist()} IN {session.boto_region_name}")
predictor.delete_endpoint()
"""
ON_START = f"""#!/bin/bash
set -e
cd /home/ec2-user/SageMaker
test -e probe.ipynb || python3 - <<'END'
import json
cell = {{"cell_type": "code", "id": "c", "metadata": {{}}, "execution_count": None, "outputs": []}}
cell["source"] = {CELL!r}
spec = {{"display_name": "conda_python3", "language": "python", "name": "conda_python3"}}
json.dump(
    {{"cells": [cell], "metadata": {{"kernelspec": spec}}, "nbformat": 4, "nbformat_minor": 5}},
    open("probe.ipynb", "w"),
)
END
"""


def until(sagemaker: Any, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, Any] = sagemaker.describe_notebook_instance(NotebookInstanceName="Lab")
        if found["NotebookInstanceStatus"] == status:
            return found
        assert found["NotebookInstanceStatus"] != "Failed", found["FailureReason"]
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def _made(sagemaker: Any) -> tuple[str, str]:
    """Return its origin and a URL that opens it."""
    sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="probe",
        OnStart=[{"Content": base64.b64encode(ON_START.encode()).decode()}],
    )
    sagemaker.create_notebook_instance(
        NotebookInstanceName="Lab", InstanceType="ml.t3.medium", RoleArn=ROLE, LifecycleConfigName="probe"
    )
    described = until(sagemaker, "InService")
    presigned = sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName="Lab")
    assert urlsplit(presigned["AuthorizedUrl"]).netloc == described["Url"]
    return f"http://{described['Url']}", presigned["AuthorizedUrl"]


def _is_let_in(page: Page, origin: str, authorized_url: str) -> None:
    """Who has no session is not let in; a presigned URL opens one."""
    refused = page.goto(f"{origin}/lab")
    assert refused is not None and refused.status == 403
    page.goto(authorized_url, wait_until="commit")


def _trains_and_deploys(page: Page, origin: str) -> None:
    """By the SDK as it is: role, default bucket and region come from the instance."""
    page.goto(f"{origin}/lab/tree/probe.ipynb", wait_until="commit")
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    # A browser beside other tests takes its time: 40 s were not enough once.
    cell.click(timeout=100_000)
    # What is run while the kernel still starts is dropped by JupyterLab.
    page.get_by_text("conda_python3 | Idle").wait_for(timeout=80_000)
    page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-OutputArea-output", has_text="THE ENDPOINT SAYS")
    output.wait_for(timeout=90_000)
    printed = page.locator(".jp-Cell-outputArea").first.inner_text()
    assert "THE ENDPOINT SAYS [[21.0, 42.0]] IN us-east-1" in printed
    assert "the script has 21 and --rounds 3" in printed


def _finds_the_work_again(sagemaker: Any, page: Page, origin: str) -> None:
    """After a stop and a start the session is as good as before, and so is what was written."""
    sagemaker.stop_notebook_instance(NotebookInstanceName="Lab")
    until(sagemaker, "Stopped")
    gone = page.goto(f"{origin}/lab")
    assert gone is not None and gone.status == 503
    page.goto("about:blank")  # that page looks again by itself, and would get in the way
    sagemaker.start_notebook_instance(NotebookInstanceName="Lab")
    until(sagemaker, "InService")
    # In a window of its own: the page that says 503 looks again by itself.
    kept = page.context.new_page().goto(f"{origin}/files/kept.txt")
    assert kept is not None and kept.text() == f"by {ROLE}"


def _is_deleted(sagemaker: Any, data_folder: Path) -> None:
    sagemaker.stop_notebook_instance(NotebookInstanceName="Lab")
    until(sagemaker, "Stopped")
    sagemaker.delete_notebook_instance(NotebookInstanceName="Lab")
    sagemaker.get_waiter("notebook_instance_deleted").wait(
        NotebookInstanceName="Lab", WaiterConfig={"Delay": 1}
    )
    # What the volume held is deleted by a thread of its own.
    folder = data_folder / "sagemaker" / "notebook-instances"
    eventually(lambda: not list(folder.glob("*/*")))


def test_a_person_works_in_jupyterlab_and_finds_the_work_again(sagehen: RunningSagehen) -> None:
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("no JupyterLab beside Sagehen (pip install 'sagehen[notebooks]')")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    sagemaker = story.client(sagehen, "sagemaker")
    origin, authorized_url = _made(sagemaker)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        page = browser.new_context().new_page()
        _is_let_in(page, origin, authorized_url)
        _trains_and_deploys(page, origin)
        _finds_the_work_again(sagemaker, page, origin)
        browser.close()
    _is_deleted(sagemaker, sagehen.data_folder)
