"""kill -9 at random moments: no acknowledged write is lost, jobs and endpoints come back or say why not."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tests.running import ACCOUNTS, RunningSagehen

ROUNDS = 5


def client(sagehen: RunningSagehen, service: str) -> Any:
    key, secret = ACCOUNTS["123456789012"].split(":")
    return boto3.client(
        service,
        endpoint_url=sagehen.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60),
    )


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path / "data")
    running.start()
    yield running
    running.stop()


class Writer(threading.Thread):
    """Writes objects, roles and log events as fast as it can, and remembers what was acknowledged."""

    def __init__(self, sagehen: RunningSagehen, seed: int) -> None:
        super().__init__(daemon=True)
        self._sagehen, self._random = sagehen, random.Random(seed)
        self.objects: dict[str, str] = {}
        self.roles: list[str] = []
        self.unanswered: str | None = None
        self.acknowledged = threading.Event()  # the first of them
        self.seed = seed

    def run(self) -> None:
        s3, iam = client(self._sagehen, "s3"), client(self._sagehen, "iam")
        for count in range(1_000_000):
            # Small ones live in the database, large ones in files: both must hold.
            size = self._random.choice((10, 5_000, 70_000, 1_000_000))
            body = self._random.randbytes(size)
            key = f"{self.seed}/{count % 30}"
            try:
                self.unanswered = key
                s3.put_object(Bucket="kept", Key=key, Body=body)
                self.objects[key] = hashlib.sha256(body).hexdigest()
                self.unanswered = None
                self.acknowledged.set()
                if count % 5 == 0:
                    name = f"role-{self.seed}-{count}"
                    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
                    self.roles.append(name)
            except (BotoCoreError, ClientError, ResponseParserError):
                return  # no answer, or the beginning of one


TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


@pytest.mark.timeout(300)
def test_no_acknowledged_write_is_lost(sagehen: RunningSagehen) -> None:
    client(sagehen, "s3").create_bucket(Bucket="kept")
    moments = random.Random(11)
    for round_number in range(ROUNDS):
        writer = Writer(sagehen, round_number)
        writer.start()
        # A kill before the first acknowledgement would prove nothing; on a busy machine that takes a while.
        assert writer.acknowledged.wait(60), "nothing was acknowledged"
        writer.join(moments.uniform(0, 1.3))  # a moment somewhere among the writes
        sagehen.kill()
        writer.join(30)
        assert not writer.is_alive()
        sagehen.start()
        s3, iam = client(sagehen, "s3"), client(sagehen, "iam")
        for key, digest in writer.objects.items():
            if key == writer.unanswered:
                continue  # cut off while it was overwritten: either content is right
            body = s3.get_object(Bucket="kept", Key=key)["Body"].read()
            assert hashlib.sha256(body).hexdigest() == digest, key
        pages = iam.get_paginator("list_roles").paginate()
        stored = {role["RoleName"] for page in pages for role in page["Roles"]}
        assert set(writer.roles) <= stored
    # What was cut off left no half-written files: only the objects that exist are on disk.
    files = [path for path in (sagehen.data_folder / "s3").rglob("*") if path.is_file()]
    listed = client(sagehen, "s3").list_objects_v2(Bucket="kept")["Contents"]
    assert len(files) <= len([entry for entry in listed if entry["Size"] > 65536])


def processes_of(data_folder: Path) -> list[psutil.Process]:
    """Return every process whose command line or folder points into the data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), process.cwd()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(data_folder) in word for word in words):
            found.append(process)
    return found


def test_nothing_survives_the_platform(sagehen: RunningSagehen) -> None:
    client(sagehen, "s3").create_bucket(Bucket="xyz")
    assert processes_of(sagehen.data_folder)
    sagehen.kill()
    deadline = time.monotonic() + 60
    while processes_of(sagehen.data_folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(sagehen.data_folder) == []
    sagehen.start()
