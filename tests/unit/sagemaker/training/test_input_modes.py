"""Channels of a whole job: pipes epoch after epoch, views, shares, instance groups' own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from .job_parts import two_hosts


def _channel(mode: str, name: str = "train", uri: str = "s3://data/many/", **more: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, **more.pop("s3", {})}
    return {"ChannelName": name, "InputMode": mode, "DataSource": {"S3DataSource": source}, **more}


async def _read(path: Path) -> str:
    async with asyncio.timeout(30):
        while not path.exists():
            await asyncio.sleep(0.001)
    return (await asyncio.to_thread(path.read_bytes)).decode()


@pytest.fixture
def many(platform: Any) -> Any:
    for number in range(6):
        platform.objects.put(f"s3://data/many/{number}", str(number).encode())
    platform.objects.put("s3://data/many/", b"")  # a console's folder is no content
    return platform


async def test_epochs_are_read_one_after_the_other(many: Any) -> None:
    async def train(container: Any) -> int:
        data = container.opt_ml / "input" / "data"
        assert sorted(path.name for path in data.iterdir()) == ["test_0", "train_0"]
        assert container.config("inputdataconfig")["train"]["TrainingInputMode"] == "Pipe"
        assert not any("input/data" in mount.target for mount in container.spec.mounts)
        for epoch in range(3):
            container.say(await _read(data / f"train_{epoch}"))
            assert not (data / f"train_{epoch}").exists()
        container.say(await _read(data / "test_0"))
        return 0

    many.executor.program = train
    channels = [_channel("Pipe", ShuffleConfig={"Seed": 1}), _channel("Pipe", "test")]
    await many.create(InputDataConfig=channels)
    assert (await many.ended())["TrainingJobStatus"] == "Completed"
    said = [line for line in next(iter(many.logs.lines.values())) if line.isdigit()]
    assert len(said) == 4 and len(set(said)) == 4
    assert all(sorted(line) == list("012345") for line in said) and said[-1] == "012345"


async def test_a_channel_s_name_is_that_of_no_other_s_list(many: Any) -> None:
    async def train(container: Any) -> int:
        data = container.opt_ml / "input" / "data"
        container.say(f"{await _read(data / 'train_0')} {await _read(data / 'train.list_0')}")
        return 0

    many.executor.program = train
    many.objects.put("s3://data/lines", b'{"label": "a"}\n{"label": "b"}\n')
    lines = {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["label"]}
    channels = [_channel("Pipe"), _channel("Pipe", "train.list", "s3://data/lines", s3=lines)]
    await many.create(InputDataConfig=channels)
    assert (await many.ended())["TrainingJobStatus"] == "Completed"
    assert "012345 ab" in next(iter(many.logs.lines.values()))


@pytest.mark.parametrize("mode", ["Pipe", "File"])
async def test_shares_are_shuffled_across_instances(many: Any, mode: str) -> None:
    epochs: dict[str, list[str]] = {}

    async def train(container: Any) -> int:
        data, host = container.opt_ml / "input" / "data", container.spec.hostname
        if mode == "Pipe":
            epochs[host] = [await _read(data / f"train_{epoch}") for epoch in range(3)]
        else:
            epochs[host] = ["".join(sorted(path.name for path in container.channel("train").iterdir()))]
        return 0

    many.executor.program = train
    sharded = {"S3DataDistributionType": "ShardedByS3Key"}
    channels = [_channel(mode, s3=sharded, ShuffleConfig={"Seed": 5})]
    await many.create(InputDataConfig=channels, ResourceConfig=two_hosts())
    assert (await many.ended())["TrainingJobStatus"] == "Completed"
    for one, other in zip(epochs["algo-1"], epochs["algo-2"], strict=True):
        assert sorted(one + other) == list("012345") and len(one) == len(other) == 3
    assert epochs["algo-1"][0] != "024"


async def test_an_object_that_cannot_be_had_ends_the_job(many: Any) -> None:
    async def train(container: Any) -> int:
        await _read(container.opt_ml / "input" / "data" / "train_0")
        await asyncio.Event().wait()
        return 0

    many.executor.program = train
    many.objects.unreadable.add("many/3")
    await many.create(InputDataConfig=[_channel("Pipe")])
    reason = (await many.ended())["FailureReason"]
    assert reason.startswith("ClientError: Data download failed:AccessDenied (403)")


async def test_a_view_is_mounted_for_reading_and_the_container_is_told_files(many: Any) -> None:
    async def look(container: Any) -> int:
        (mount,) = (mount for mount in container.spec.mounts if mount.target == "/opt/ml/input/data/train")
        assert not mount.writable
        assert sorted(path.name for path in mount.source.iterdir()) == list("012345")
        assert container.config("inputdataconfig")["train"]["TrainingInputMode"] == "File"
        return 0

    many.executor.program = look
    await many.create(InputDataConfig=[_channel("FastFile", uri="s3://data/many")])
    assert (await many.ended())["TrainingJobStatus"] == "Completed"


async def test_a_view_of_half_a_name_fails(many: Any) -> None:
    await many.create(InputDataConfig=[_channel("FastFile", uri="s3://data/man")])
    assert "which FastFile does not support" in (await many.ended())["FailureReason"]
