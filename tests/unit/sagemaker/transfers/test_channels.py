"""Input channels of a job: manifests, many objects, keys that are no names of files."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest


async def test_a_manifest_names_its_objects(platform: Any) -> None:
    platform.objects.put("s3://data/deep/x/1.jpg", b"one")
    platform.objects.put("s3://data/deep/2.jpg", b"two")
    manifest = [{"prefix": "s3://data/deep/"}, "x/1.jpg", "2.jpg"]
    platform.objects.put("s3://data/list.manifest", json.dumps(manifest).encode())
    found: dict[str, bytes] = {}

    async def look(container: Any) -> int:
        folder = container.channel("train")
        found.update({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.jpg")})
        return 0

    platform.executor.program = look
    source = {"S3DataType": "ManifestFile", "S3Uri": "s3://data/list.manifest"}
    channels = [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]
    await platform.create(InputDataConfig=channels)
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    assert found == {"x/1.jpg": b"one", "2.jpg": b"two"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000, "no prefix is given"),
        (b"\xff", "no prefix is given"),
        (b'[{"prefix": "s3://data/"}, "\xff"]', "it cannot be read as JSON"),
        (b'["a"]', "no prefix is given"),
        (b'[{"prefix": 1}, "a"]', "no prefix is given"),
        (b'[{"prefix": "s3://data/"}, {"a": 1}]', "it lists something that is not a name"),
        (b'[{"prefix": "s3://data/"}, "%s"]' % (b"a" * 300), "is not a file name"),
        (b'[{"prefix": "s3://data/"}, "%s"]' % (b"a" * 100_000), "it lists something that is not a name"),
    ],
)
async def test_a_manifest_that_is_none_fails_the_job(platform: Any, content: bytes, reason: str) -> None:
    platform.objects.put("s3://data/list.manifest", content)
    source = {"S3DataType": "ManifestFile", "S3Uri": "s3://data/list.manifest"}
    await platform.create(InputDataConfig=[{"ChannelName": "t", "DataSource": {"S3DataSource": source}}])
    told = (await platform.ended())["FailureReason"]
    assert told.startswith("ClientError: ") and reason in told
    assert platform.executor.started == []


async def test_of_many_objects_a_few_are_under_way(platform: Any) -> None:
    for number in range(1000):
        platform.objects.put(f"s3://data/many/{number}")
    platform.objects.gate = asyncio.Event()
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/many/"}
    await platform.create(InputDataConfig=[{"ChannelName": "t", "DataSource": {"S3DataSource": source}}])
    await platform.until("Downloading")
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) < 200
    platform.objects.gate.set()
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize(
    ("keys", "reason"),
    [(["t/a", "t/a/b"], "one key is a prefix of another"), (["t/../../../escape"], "is not a file name")],
)
async def test_keys_that_cannot_be_files_fail_the_job(platform: Any, keys: list[str], reason: str) -> None:
    for key in keys:
        platform.objects.put(f"s3://data/{key}")
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/t/"}
    await platform.create(InputDataConfig=[{"ChannelName": "t", "DataSource": {"S3DataSource": source}}])
    assert reason in (await platform.ended())["FailureReason"]
