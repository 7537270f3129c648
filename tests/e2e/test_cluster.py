"""A platform and one node, both on this machine: joined by a token, a job placed there by Ray, left again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from sagehen.cluster.address import BadAddress, read_address
from tests.e2e import story
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        find_spec("ray") is None, reason="Ray is not installed: pip install 'sagehen[cluster]'"
    ),
]

JOB = """
import os, pathlib
print("here", flush=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "done.txt").write_text("done")
"""


def sagehen_command(*arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "sagehen.cli", *arguments], capture_output=True, text=True, timeout=90
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    try:
        read_address("auto")
    except BadAddress as error:
        pytest.skip(str(error))
    running = RunningSagehen(tmp_path / "data")
    running.start("--cluster", "auto:0")
    yield running
    assert running.stop() == 0


def test_a_job_runs_on_a_node_that_joined(sagehen: RunningSagehen, tmp_path: Path) -> None:
    data = ("--data", str(sagehen.data_folder))
    invitation = sagehen_command("nodes", *data, "--invite").split()
    words = invitation[invitation.index("join") :]
    node = ["--folder", str(tmp_path / "node")]
    log = tmp_path / "node.log"
    with log.open("wb") as output:
        joined = subprocess.Popen(
            [sys.executable, "-m", "sagehen.cli", *words, *node], stdout=output, stderr=output
        )
    try:
        sagehen_command("drain", "platform", *data)
        eventually(lambda: " ready " in sagehen_command("nodes", *data), 120)
        story.create_job(sagehen, "there", story.put_source(sagehen, JOB))
        job = story.finished_job(sagehen, "there")
        assert job["TrainingJobStatus"] == "Completed", json.dumps(job, default=str) + log.read_text()
        assert any("here" in line for line in story.job_log(sagehen, "there"))
        assert list((tmp_path / "node" / "work" / "executor").iterdir())  # it was there that it ran
        sagehen_command("leave", *node)
        assert joined.wait(60) == 0
        assert " left " in sagehen_command("nodes", *data)
    finally:
        joined.kill()
        joined.wait()
