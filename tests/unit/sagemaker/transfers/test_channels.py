"""Where objects land, what images stand for, and what of pip's configuration goes into a sandbox."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.images import mapping
from sagehen.services.sagemaker.instances import pip_settings
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels import relative_path


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("a/train", "a/train/x.jpg", "x.jpg"),
        ("a/train/", "a/train/dog/x.jpg", "dog/x.jpg"),
        ("a/tr", "a/train/x.jpg", "train/x.jpg"),
        ("a/train.csv", "a/train.csv", "train.csv"),
        ("train", "train-00.csv", "train-00.csv"),
        ("", "deep/x.jpg", "deep/x.jpg"),
    ],
)
def test_paths_within_a_channel(prefix: str, key: str, path: str) -> None:
    assert relative_path(prefix, key) == path


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket/a/b", ("bucket", "a/b")),
        ("https://bucket.s3.us-east-1.amazonaws.com/a/b", ("bucket", "a/b")),
        ("https://s3.us-east-1.amazonaws.com/bucket/a/b", ("bucket", "a/b")),
        ("https://s3-us-west-2.amazonaws.com/bucket/a", ("bucket", "a")),
    ],
)
def test_s3_uris(uri: str, parts: tuple[str, str]) -> None:
    assert uris.split(uri) == parts


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "bucket/key", "https://example.com/a"])
def test_what_is_no_s3_uri(uri: str) -> None:
    with pytest.raises(ValidationException):
        uris.split(uri)


@pytest.mark.parametrize(
    ("uri", "framework", "version"),
    [
        ("763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:1.4.0-gpu-py3", "pytorch", "1.4.0"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu", "sklearn", "1.2-1"),
        ("520713654638.dkr.ecr.us-east-1.amazonaws.com/sagemaker-pytorch:1.0.0-cpu-py3", "pytorch", "1.0.0"),
        ("pytorch-training", "pytorch", ""),
    ],
)  # fmt: skip
def test_images_are_mapped(uri: str, framework: str, version: str) -> None:
    image = mapping.resolve(uri, "training")
    assert (image.framework, image.wanted_version) == (framework, version)
    assert uri in image.describe() and image.local_version in image.describe()


@pytest.mark.parametrize(
    ("uri", "purpose"),
    [("pytorch-training:2.1", "inference"), ("me/mine:latest", "training"), ("", "training")],
)
def test_unknown_images_are_refused_with_the_list(uri: str, purpose: str) -> None:
    with pytest.raises(NotImplementedOperation, match="Mapped images: pytorch"):
        mapping.resolve(uri, purpose)


def test_pip_s_settings_and_local_folders_go_in(tmp_path: Path) -> None:
    wheels, index = tmp_path / "wheels", tmp_path / "index" / "simple"
    wheels.mkdir()
    index.mkdir(parents=True)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        f"[global]\nfind-links = {wheels}\nextra-index-url =\n  file://{index}\n  https://other.test/simple\n"
        "[install]\nuser = yes\n"
    )
    settings = pip_settings.of_host(
        {"PIP_CONFIG_FILE": str(configuration), "PIP_INDEX_URL": "https://first.test/simple"}
    )
    assert settings.environment["PIP_INDEX_URL"] == "https://first.test/simple"
    assert settings.environment["PIP_EXTRA_INDEX_URL"] == f"file://{index} https://other.test/simple"
    assert "PIP_USER" not in settings.environment
    sources = {mount.source for mount in settings.mounts}
    assert {wheels, index.parent} <= sources
    assert not any(mount.writable for mount in settings.mounts)


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
        (b"[" * 100_000, "it cannot be read as JSON"),
        (b"\xff", "it cannot be read as JSON"),
        (b'["a"]', "no prefix is given"),
        (b'[{"prefix": 1}, "a"]', "no prefix is given"),
        (b'[{"prefix": "s3://data/"}, {"a": 1}]', "it lists something that is not a name"),
        (b'[{"prefix": "s3://data/"}, "%s"]' % (b"a" * 300), "is not a file name"),
        (b" " * (16 * 1024**2 + 1), "it has more than 16777216 bytes"),
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
