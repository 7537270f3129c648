"""InputDataConfig: what goes together, and what is told to the container."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.channels.parsing import parse

AUGMENTED: dict[str, Any] = {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["a-ref", "b"]}


def _entry(mode: str | None = "Pipe", s3: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/", **(s3 or {})}
    named = {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **more}
    return named if mode is None else {**named, "InputMode": mode}


def _parsed(
    *entries: dict[str, Any], groups: tuple[str, ...] = (), mode: str = "File"
) -> tuple[Channel, ...]:
    resources = {"InstanceGroups": [{"InstanceGroupName": name} for name in groups]}
    algorithm = {"TrainingInputMode": mode}
    return parse(
        {"AlgorithmSpecification": algorithm, "InputDataConfig": entries, "ResourceConfig": resources}
    )


def test_a_channels_own_mode_counts_before_the_jobs() -> None:
    modes = [
        _parsed(_entry(own), mode=job)[0].input_mode
        for own, job in ((None, "Pipe"), ("File", "Pipe"), ("FastFile", "File"), ("Pipe", "File"))
    ]
    assert modes == ["Pipe", "File", "FastFile", "Pipe"]


def test_everything_that_a_pipe_may_have() -> None:
    (channel,) = _parsed(
        _entry(
            s3=AUGMENTED | {"S3DataDistributionType": "ShardedByS3Key", "InstanceGroupNames": ["g"]},
            CompressionType="Gzip",
            RecordWrapperType="RecordIO",
            ShuffleConfig={"Seed": -1},
            ContentType="image/png",
        ),
        groups=("g",),
    )
    assert (channel.is_pipe, channel.is_gzipped, channel.wraps_records, channel.seed) == (
        True,
        True,
        True,
        -1,
    )
    assert channel.attributes == ("a-ref", "b")
    assert channel.hosts(["algo-1", "algo-2"], {"algo-1": "other", "algo-2": "g"}) == ["algo-2"]
    assert channel.config() == {
        "TrainingInputMode": "Pipe",
        "S3DistributionType": "ShardedByS3Key",
        "RecordWrapperType": "RecordIO",
        "ContentType": "image/png",
    }


def test_the_container_is_told_that_a_view_is_files() -> None:
    assert _parsed(_entry("FastFile"))[0].config()["TrainingInputMode"] == "File"


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([_entry("File", CompressionType="Gzip")], "InputMode File with CompressionType Gzip"),
        ([_entry("FastFile", CompressionType="Gzip")], "InputMode FastFile with CompressionType Gzip"),
        ([_entry("File", RecordWrapperType="RecordIO")], "InputMode File with RecordWrapperType RecordIO"),
        ([_entry("File", AUGMENTED)], "with S3DataType AugmentedManifestFile: only Pipe"),
        ([_entry("FastFile", AUGMENTED)], "with S3DataType AugmentedManifestFile: only Pipe"),
        ([_entry("FastFile", {"S3DataType": "ManifestFile"})], "FastFile with S3DataType ManifestFile"),
        ([_entry(s3={"S3DataType": "AugmentedManifestFile"})], "without AttributeNames"),
        ([_entry(s3={"AttributeNames": ["a"]})], "AttributeNames with S3DataType S3Prefix"),
        ([_entry(s3=AUGMENTED | {"AttributeNames": ["a", "a"]})], "each may be named once"),
        ([_entry(), _entry("File", ChannelName="train_10")], "the name train_10 is that of a pipe"),
        ([_entry(s3={"InstanceGroupNames": ["other"]})], "there is no instance group other"),
        ([_entry(), _entry()], "Duplicate channel names"),
    ],
)
def test_what_does_not_go_together_is_refused(entries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        _parsed(*entries, groups=("g",))


@pytest.mark.parametrize("source", ["FileSystemDataSource", "DatasetSource"])
def test_sources_that_are_not_there_are_named(source: str) -> None:
    with pytest.raises(NotImplementedOperation, match=source):
        _parsed({"ChannelName": "train", "DataSource": {source: {}}})


@pytest.mark.parametrize(
    ("sources", "message"), [({}, "No data source"), ({"S3DataSource": {}, "DatasetSource": {}}, "Only one")]
)
def test_a_channel_has_one_source(sources: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        _parsed({"ChannelName": "train", "DataSource": sources})
