"""Input channels: InputDataConfig, checked, and whether there is anything in them.

FastFile is materialised like File before the start: the script sees the same files at the same
paths, only earlier. Pipe, AugmentedManifestFile, file systems and wrappers are answered with 501.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.objects import NoSuchObject, Objects
from sagehen.services.sagemaker.transfers import uris


@dataclass(frozen=True, slots=True)
class Channel:
    """One element of InputDataConfig, checked."""

    name: str
    uri: str
    data_type: str
    distribution: str
    input_mode: str
    content_type: str | None

    def config(self) -> dict[str, str]:
        """Return its entry of inputdataconfig.json."""
        entry = {
            "TrainingInputMode": self.input_mode,
            "S3DistributionType": self.distribution,
            "RecordWrapperType": "None",  # documented: inputdataconfig.json of the container contract
        }
        if self.content_type:
            entry["ContentType"] = self.content_type
        return entry


def parse(request: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Return the channels of a CreateTrainingJob request.

    Raises:
        ValidationException: Two channels of one name, or a data source without content.
        NotImplementedOperation: A mode, source or wrapper that is not built, by its name.
    """
    default_mode = request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")
    channels = tuple(_parse_one(entry, default_mode) for entry in request.get("InputDataConfig", ()))
    names = [channel.name for channel in channels]
    if {".", ".."} & set(names):  # the service's pattern allows them; as folders they are others' names
        raise ValidationException("Channel names must not be '.' or '..'.")
    if len(set(names)) != len(names):
        raise ValidationException("Duplicate channel names in InputDataConfig. Channel names must be unique.")
    return channels


def _parse_one(entry: Mapping[str, Any], default_mode: str) -> Channel:
    name = entry["ChannelName"]
    source = entry["DataSource"].get("S3DataSource")
    if source is None:
        given = next(iter(entry["DataSource"]), None)
        if given is None:
            raise ValidationException(f"No data source is given for channel {name}.")
        raise NotImplementedOperation(f"InputDataConfig DataSource.{given} is not implemented.")
    mode = entry.get("InputMode", default_mode)
    unbuilt = {
        f"TrainingInputMode {mode}": mode not in ("File", "FastFile"),
        f"S3DataType {source['S3DataType']}": source["S3DataType"] not in ("S3Prefix", "ManifestFile"),
        "CompressionType Gzip": entry.get("CompressionType", "None") != "None",
        "RecordWrapperType RecordIO": entry.get("RecordWrapperType", "None") != "None",
        "ShuffleConfig": "ShuffleConfig" in entry,
        "AttributeNames": bool(source.get("AttributeNames")),
        "InstanceGroupNames": bool(source.get("InstanceGroupNames")),
        "HubAccessConfig": "HubAccessConfig" in source,
        "ModelAccessConfig": "ModelAccessConfig" in source,
    }
    for member, present in unbuilt.items():
        if present:
            raise NotImplementedOperation(f"InputDataConfig {member} is not implemented.")
    uris.split(source["S3Uri"])
    distribution = source.get("S3DataDistributionType", "FullyReplicated")
    return Channel(name, source["S3Uri"], source["S3DataType"], distribution, mode, entry.get("ContentType"))


async def require_objects(
    objects: Objects, principal: Principal, channel: Channel, region: str, role_arn: str
) -> None:
    """Check, as AWS does at creation, that a channel names at least one object.

    Raises:
        ValidationException: With AWS's wording.
    """
    bucket, key = uris.split(channel.uri)
    try:
        async for _ in objects.list_objects(principal, bucket, key):
            return
    except AccessDenied as error:
        raise ValidationException(error.message) from None
    except NoSuchObject:
        pass
    raise ValidationException(
        # Recorded in public repositories.
        f'No S3 objects found under S3 URL "{channel.uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 prefix, and "
        f'that the role "{role_arn}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
