"""What DataCaptureConfig of a transform job stores: manifests of its inputs and of its outputs. Pure.

Documented, with the layout: SageMaker Developer Guide, Capture data from batch transform job.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sagehen.incoming.index import Entry
from sagehen.services.sagemaker.transfers import uris


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file: whose objects they are (`input`, `output`), and its text."""

    kind: str
    text: str

    def name(self, started: datetime, unique: str) -> str:
        """Return its name below DestinationS3Uri: by the hour in which the job began to transform."""
        return f"{self.kind}/{started.astimezone(UTC):%Y/%m/%d/%H}/{unique}.jsonl"


def manifests(answered: Iterable[tuple[Entry, str]], output_uri: str) -> Iterator[Manifest]:
    """Yield the manifests of a job.

    Args:
        answered: Each object that was transformed, and its output's name below the output's prefix.
        output_uri: S3OutputPath.
    """
    inputs: dict[str, list[str]] = {}
    outputs: list[str] = []
    for entry, name in answered:
        prefix = f"s3://{entry.bucket}/{entry.key.removesuffix(entry.relative)}"
        inputs.setdefault(prefix, []).append(entry.relative)
        outputs.append(name)
    for prefix, names in inputs.items():  # of a manifest that names several prefixes there are several
        yield Manifest("input", _text(prefix, names))
    if outputs:
        bucket, key = uris.split(output_uri)
        yield Manifest("output", _text(f"s3://{uris.join(bucket, key).rstrip('/')}/", outputs))


def _text(prefix: str, names: list[str]) -> str:
    return json.dumps([{"prefix": prefix}, *names])
