"""The instances of a job: which of them analyzes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused

_CONFIG = Path("/opt/ml/config")


def is_first(folder: Path = _CONFIG) -> bool:
    """Tell whether this instance analyzes: the first does alone, of data that all of them have.

    Raises:
        Refused: Each has a part of them.
    """
    try:
        resources = json.loads((folder / "resourceconfig.json").read_text())
        inputs = json.loads((folder / "processingjobconfig.json").read_text()).get("ProcessingInputs") or []
    except OSError:
        return True
    hosts = resources["hosts"]
    if len(hosts) > 1 and any(_is_sharded(one) for one in inputs):
        raise Refused("Data that are sharded among instances are not implemented: replicate them fully.")
    return bool(resources["current_host"] == hosts[0])


def _is_sharded(given: Mapping[str, Any]) -> bool:
    return (given.get("S3Input") or {}).get("S3DataDistributionType") == "ShardedByS3Key"
