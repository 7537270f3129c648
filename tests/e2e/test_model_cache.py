"""`--model-cache`: a job in a real sandbox reads what is shared, adds for itself, and changes nothing.

The platform is open to other machines meanwhile (`--host`): jobs have their door as ever, clients TLS.
"""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from tests.e2e import story
from tests.running import ACCOUNTS, RunningSagehen

pytestmark = [pytest.mark.sandbox, pytest.mark.once]

SCRIPT = """
import os, pathlib, urllib.request
folder = pathlib.Path(os.environ["TORCH_HOME"], "hub", "checkpoints")
print("read", (folder / "net.pth").read_text())
(folder / "own.pth").write_text("own")
try:
    (folder / "net.pth").write_text("changed")
except OSError as error:
    print("refused:", error.strerror)
print("door", urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_sagehen/health").status)
"""


def test_a_job_reads_the_shared_models(tmp_path: Path) -> None:
    checkpoints = tmp_path / "cache" / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "net.pth").write_text("weights")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # a sandbox's user is another
    running = RunningSagehen(tmp_path / "data")
    running.start("--model-cache", str(tmp_path / "cache"), "--host", "0.0.0.0")
    try:
        story.create_job(running, "cached", story.put_source(running, SCRIPT))
        ended = story.finished_job(running, "cached")
        lines = story.job_log(running, "cached")
        elsewhere, account = running.facts["elsewhere"], next(iter(ACCOUNTS))
        key, secret = ACCOUNTS[account].split(":")
        client = boto3.client(
            "sts", endpoint_url=f"https://127.0.0.1:{running.facts['port']}", region_name="us-east-1",
            aws_access_key_id=key, aws_secret_access_key=secret, verify=elsewhere["ca_certificate"],
        )  # fmt: skip
        assert client.get_caller_identity()["Account"] == account
    finally:
        running.stop()
    assert ended["TrainingJobStatus"] == "Completed", lines
    assert "read weights" in lines
    assert "door 200" in lines
    assert elsewhere["url"].startswith("https://")
    assert any(line.startswith("refused: ") for line in lines)
    assert [path.name for path in checkpoints.iterdir()] == ["net.pth"]
