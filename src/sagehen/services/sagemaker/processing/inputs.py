"""ProcessingInputs of a request, made channels that have a place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.processing import local_paths
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel


@dataclass(frozen=True, slots=True)
class ProcessingInput:
    """One input that the platform brings.

    Args:
        channel: Named by its place in the request: InputName is any text.
        folder: Relative to /opt/ml.
    """

    channel: Channel
    folder: PurePosixPath


def parse(request: Mapping[str, Any]) -> tuple[ProcessingInput, ...]:
    """Return the inputs that the platform brings; those that are AppManaged the container fetches itself.

    Raises:
        ValidationException: An input without a source or place, or two of one place.
        NotImplementedOperation: A source or mode that is not built.
    """
    found = []
    for number, entry in enumerate(request.get("ProcessingInputs") or ()):
        what = f"processing input {entry['InputName']!a}"[:200]
        if entry.get("DatasetDefinition") is not None:
            raise NotImplementedOperation("CreateProcessingJob DatasetDefinition is not implemented.")
        source = entry.get("S3Input")
        if source is None:
            raise ValidationException(f"S3Input or DatasetDefinition must be provided for {what}.")
        uris.split(source["S3Uri"])
        _check_modes(source, what)
        if not entry.get("AppManaged"):
            found.append(
                ProcessingInput(_channel(number, source), local_paths.parse(source.get("LocalPath"), what))
            )
    places = [each.folder for each in found]
    if len(set(places)) != len(places):
        # What AWS refuses, with an empty message: aws/sagemaker-python-sdk issue 4939.
        raise ValidationException("Each processing input must have a LocalPath of its own.")
    return tuple(found)


def apart(inputs: Iterable[ProcessingInput], others: Iterable[PurePosixPath]) -> tuple[ProcessingInput, ...]:
    """Return the inputs in whose folders there is nothing else, and which lie in no other's.

    Args:
        others: Folders of the job that are no inputs, relative to /opt/ml.
    """
    inputs = tuple(inputs)
    taken = (*(each.folder for each in inputs), *others)

    def is_apart(folder: PurePosixPath) -> bool:
        met = [each for each in taken if each.is_relative_to(folder) or folder.is_relative_to(each)]
        return met == [folder]

    return tuple(each for each in inputs if is_apart(each.folder))


def _check_modes(source: Mapping[str, Any], what: str) -> None:
    piped = source.get("S3InputMode") == "Pipe"
    if source.get("S3CompressionType") == "Gzip" and not piped:  # documented: its model
        raise ValidationException(
            f"Invalid S3CompressionType Gzip for {what}: it can only be used when S3InputMode is Pipe."
        )
    if piped:
        # Where a container finds the pipe is documented for training jobs alone.
        raise NotImplementedOperation("CreateProcessingJob S3Input.S3InputMode Pipe is not implemented.")


def _channel(number: int, source: Mapping[str, Any]) -> Channel:
    return Channel(
        name=f"input-{number + 1}",
        uri=source["S3Uri"],
        data_type=source["S3DataType"],
        distribution=source.get("S3DataDistributionType") or "FullyReplicated",
        input_mode="File",
    )
