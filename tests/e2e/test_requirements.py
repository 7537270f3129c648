"""requirements.txt of a training job: pip inside a real sandbox, through the door, with the host's index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import story
from tests.running import RunningSagehen

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(180)]

# Pure Python, tiny, without dependencies, and nothing that Sagehen needs.
PACKAGE = "peppercorn==0.6"
SCRIPT = """
import os, pathlib
import peppercorn
print("found", peppercorn.__file__, flush=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "m").write_text("m")
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("probe")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "--retries", "0"]
    command += ["--timeout", "10", "-d", str(folder), PACKAGE]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no package index is reachable from here: {tried.stderr.strip().splitlines()[-1:]}")


@pytest.mark.usefixtures("index")
def test_a_job_installs_what_it_requires(sagehen: RunningSagehen, tmp_path: Path) -> None:
    story.put_source(sagehen, SCRIPT)
    archive = story.archive({"train.py": SCRIPT, "requirements.txt": f"{PACKAGE}\nnumpy\n"})
    story.client(sagehen, "s3").put_object(Bucket=story.BUCKET, Key="with.tar.gz", Body=archive)
    story.create_job(sagehen, "requires", f"s3://{story.BUCKET}/with.tar.gz")
    ended = story.finished_job(sagehen, "requires")
    lines = story.job_log(sagehen, "requires")
    assert ended["TrainingJobStatus"] == "Completed", "\n".join(lines[-20:])
    assert any(line.startswith("found /opt/sagehen/packages/") for line in lines)


@pytest.mark.usefixtures("index")
def test_a_script_that_calls_pip_gets_another_version_than_the_installed_one(
    sagehen: RunningSagehen,
) -> None:
    script = """
import subprocess, sys
subprocess.check_call([sys.executable, "-m", "pip", "install", "--no-deps", "idna==3.7"])
print(subprocess.check_output([sys.executable, "-c", "import idna; print(idna.__version__, idna.__file__)"]))
"""
    archive = story.archive({"train.py": script})
    story.client(sagehen, "s3").put_object(Bucket=story.BUCKET, Key="calls.tar.gz", Body=archive)
    story.create_job(sagehen, "calls-pip", f"s3://{story.BUCKET}/calls.tar.gz")
    ended = story.finished_job(sagehen, "calls-pip")
    lines = story.job_log(sagehen, "calls-pip")
    assert ended["TrainingJobStatus"] == "Completed", "\n".join(lines[-20:])
    assert any("3.7 /opt/sagehen/packages/" in line for line in lines), "\n".join(lines[-20:])
