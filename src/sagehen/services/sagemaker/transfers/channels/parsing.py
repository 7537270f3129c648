"""InputDataConfig of a request, made channels. Pure.

The rules are documented in the models of Channel, S3DataSource and TrainingInputMode, and in the Developer
Guide (How SageMaker provides training information; Augmented manifest files). The words are from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel


def parse(request: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Return the channels of a CreateTrainingJob request.

    Raises:
        ValidationException: Two channels of one name, a data source without content, members that do not go
            together.
        NotImplementedOperation: A source that is not built, by its name.
    """
    default_mode = request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")
    channels = tuple(_parse_one(entry, default_mode) for entry in request.get("InputDataConfig", ()))
    names = [channel.name for channel in channels]
    if {".", ".."} & set(names):  # the service's pattern allows them; as folders they are others' names
        raise ValidationException("Channel names must not be '.' or '..'.")
    if len(set(names)) != len(names):
        raise ValidationException("Duplicate channel names in InputDataConfig. Channel names must be unique.")
    _check_pipe_names(channels)
    _check_groups(channels, request.get("ResourceConfig") or {})
    return channels


def _parse_one(entry: Mapping[str, Any], default_mode: str) -> Channel:
    name = entry["ChannelName"]
    given = [member for member, value in entry["DataSource"].items() if value is not None]
    if not given:
        raise ValidationException(f"No data source is given for channel {name}.")
    if len(given) > 1:
        raise ValidationException(f"Only one data source may be given for channel {name}.")
    if given != ["S3DataSource"]:
        raise NotImplementedOperation(f"InputDataConfig DataSource.{given[0]} is not implemented.")
    source = entry["DataSource"]["S3DataSource"]
    unbuilt = {
        f"S3DataType {source['S3DataType']}": source["S3DataType"] == "Converse",
        "HubAccessConfig": "HubAccessConfig" in source,
        "ModelAccessConfig": "ModelAccessConfig" in source,
    }
    for member, present in unbuilt.items():
        if present:
            raise NotImplementedOperation(f"InputDataConfig {member} is not implemented.")
    uris.split(source["S3Uri"])
    shuffle = entry.get("ShuffleConfig")
    channel = Channel(
        name=name,
        uri=source["S3Uri"],
        data_type=source["S3DataType"],
        distribution=source.get("S3DataDistributionType", "FullyReplicated"),
        input_mode=entry.get("InputMode", default_mode),
        content_type=entry.get("ContentType"),
        is_gzipped=entry.get("CompressionType", "None") == "Gzip",
        wraps_records=entry.get("RecordWrapperType", "None") == "RecordIO",
        seed=None if shuffle is None else shuffle["Seed"],
        attributes=tuple(source.get("AttributeNames") or ()),
        groups=tuple(source.get("InstanceGroupNames") or ()),
    )
    _check(channel)
    return channel


def _check(channel: Channel) -> None:
    """Check that a channel's members go together."""
    augmented = channel.data_type == "AugmentedManifestFile"
    wrong = {
        f"InputMode {channel.input_mode} with CompressionType Gzip: only Pipe supports it": (
            channel.is_gzipped and not channel.is_pipe
        ),
        f"InputMode {channel.input_mode} with RecordWrapperType RecordIO: only Pipe supports it": (
            channel.wraps_records and not channel.is_pipe
        ),
        f"InputMode {channel.input_mode} with S3DataType AugmentedManifestFile: only Pipe supports it": (
            augmented and not channel.is_pipe
        ),
        f"InputMode FastFile with S3DataType {channel.data_type}: only S3Prefix is supported": (
            channel.is_view and channel.data_type != "S3Prefix"
        ),
        "S3DataType AugmentedManifestFile without AttributeNames": augmented and not channel.attributes,
        f"AttributeNames with S3DataType {channel.data_type}: only AugmentedManifestFile has attributes": (
            bool(channel.attributes) and not augmented
        ),
        "AttributeNames: each may be named once": len(set(channel.attributes)) != len(channel.attributes),
    }
    for what, present in wrong.items():
        if present:
            raise ValidationException(f"Invalid InputDataConfig for channel {channel.name}: {what}.")


def _check_pipe_names(channels: tuple[Channel, ...]) -> None:
    """Refuse a channel whose folder would have the name of another's pipe, `<channel>_<epoch>`."""
    pipes = {channel.name for channel in channels if channel.is_pipe}
    for channel in channels:
        stem, _, epoch = channel.name.rpartition("_")
        if stem in pipes and epoch.isdecimal():
            raise ValidationException(
                f"Invalid InputDataConfig: the name {channel.name} is that of a pipe of channel {stem}."
            )


def _check_groups(channels: tuple[Channel, ...], resources: Mapping[str, Any]) -> None:
    known = {group["InstanceGroupName"] for group in resources.get("InstanceGroups") or ()}
    for channel in channels:
        for group in channel.groups:
            if group not in known:
                raise ValidationException(
                    f"Invalid InputDataConfig for channel {channel.name}: there is no instance group {group} "
                    "in ResourceConfig."
                )
