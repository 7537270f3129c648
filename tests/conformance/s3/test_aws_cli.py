"""`aws s3` as people use it: recursive copies, sync, presign, rm."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.running import ACCOUNTS


@pytest.fixture
def aws(endpoint_url: str, tmp_path: Path) -> object:
    key, secret = (os.environ.get("SAGEHEN_TEST_KEYS") or ACCOUNTS["123456789012"]).split(":", 1)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    def run(*words: str) -> str:
        command = [str(Path(sys.executable).with_name("aws")), *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_life_of_a_folder(aws: object, tmp_path: Path) -> None:
    assert callable(aws)
    bucket = f"s3://cli-{uuid.uuid4()}"
    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("train/a b/1.jpg", "train/a b/2.jpg", "valid/größe.jpg", "big.bin"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(name.encode() * (1_500_000 if name == "big.bin" else 10))
    aws("s3", "mb", bucket)
    aws("s3", "cp", "--recursive", "--only-show-errors", str(source), f"{bucket}/data/")
    assert "PRE data/" in aws("s3", "ls", bucket)
    assert len(aws("s3", "ls", "--recursive", bucket).splitlines()) == 4
    aws("s3", "sync", "--only-show-errors", f"{bucket}/data", str(target))
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    assert [(target / path).read_bytes() for path in files] == [
        (source / path).read_bytes() for path in files
    ]
    assert aws("s3", "sync", f"{bucket}/data", str(target)) == ""  # nothing changed: nothing to do
    (target / "valid/größe.jpg").unlink()
    assert "delete:" in aws("s3", "sync", "--delete", str(target), f"{bucket}/data")
    aws("s3", "rb", "--force", bucket)
    assert bucket.removeprefix("s3://") not in aws("s3", "ls")
