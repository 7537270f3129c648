"""Channels: the files of a channel as one table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular import examples
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples, UnreadableExamples
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

_LABEL_SIZE = re.compile(r"label_size\s*=\s*(\d+)")


def table_of(environment: TrainingEnvironment, name: str, labelled: bool) -> Examples | None:
    """Read a channel, in the order of its files' names; None where the job has none of that name.

    Args:
        labelled: Whether the first column of CSV is a label where its type does not say `label_size`.

    Raises:
        ToolkitError: Its type is not known, or a file is something else.
    """
    config = environment.input_data_config.get(name)
    if config is None:
        return None
    folder = environment.path_of(f"/opt/ml/input/data/{name}")
    content_type = config.get("ContentType") or examples.RECORDIO
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind not in (examples.RECORDIO, examples.CSV):
        raise ToolkitError(
            f"Unable to read data channel '{name}'. {content_type} is not an accepted ContentType: "
            f"{examples.RECORDIO}, {examples.CSV}"
        )
    if size := _LABEL_SIZE.search(content_type):
        labels = int(size[1])
    else:
        labels = int(labelled)
    if labels > 1:
        raise ToolkitError(f"Unable to read data channel '{name}'. label_size is 0 or 1")
    try:
        parts = [_part(file, kind, labels) for file in _files(folder, config)]
        return examples.joined(parts) if parts else None
    except UnreadableExamples as error:
        raise ToolkitError(
            f"Unable to read data channel '{name}'. Requested content-type is '{content_type}': {error}"
        ) from None


def is_sharded(environment: TrainingEnvironment, name: str) -> bool:
    """Tell whether each host has a part of a channel alone."""
    config = environment.input_data_config.get(name, {})
    return bool(config.get("S3DistributionType") == "ShardedByS3Key")


def _files(folder: Path, config: dict[str, Any]) -> list[Path]:
    if config.get("TrainingInputMode") == "Pipe":
        return [folder.with_name(f"{folder.name}_0")]  # its first epoch is all of it
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.name.startswith((".", "_")))


def _part(file: Path, kind: str, labels: int) -> Examples:
    content = file.read_bytes()
    try:
        if kind == examples.CSV:
            return examples.of_csv(content, labels)
        return examples.of_recordio(content)
    except UnreadableExamples as error:
        raise UnreadableExamples(f"{file.name}: {error}") from None
