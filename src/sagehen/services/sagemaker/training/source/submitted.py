"""Script mode's source: the archive that `sagemaker_submit_directory` names, unpacked to /opt/ml/code.

AWS's toolkit fetches it inside the container. Here the platform does, with the rights of the job's
role, while the channels come in: a job starts with its code in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.archives.bounds import Bounds, Patience
from sagehen.archives.tar import unpack_tar


def submitted_source(request: Mapping[str, Any]) -> str | None:
    """Return the S3 URI of the source archive, or None where the code is already in the container."""
    value = request.get("HyperParameters", {}).get("sagemaker_submit_directory")
    if value is None:
        return None
    try:
        decoded = read_json(value)  # SDKs send it JSON-encoded inside the string
    except NotJson:
        decoded = value
    return decoded if isinstance(decoded, str) and decoded.startswith("s3://") else None


def submitted_program(request: Mapping[str, Any]) -> str | None:
    """Return the script's name where it is a plain path within the source; the toolkit refuses others."""
    value = request.get("HyperParameters", {}).get("sagemaker_program", "")
    try:
        decoded = read_json(value)
    except NotJson:
        decoded = value
    if not isinstance(decoded, str) or "\0" in decoded or len(decoded) > 1024:
        return None
    path = PurePosixPath(decoded)
    return None if path.is_absolute() or ".." in path.parts else decoded


def unpack(
    archive: Path, targets: Sequence[Path], bounds: Bounds | None = None, patience: Patience | None = None
) -> None:
    """Unpack a tar archive into each folder. Blocking.

    Members that would land outside (absolute names, `..`, links that lead out, devices) are refused.

    Raises:
        UnusableArchive: Not a tar archive, or a member is refused.
    """
    for target in targets:
        unpack_tar(archive, target, bounds, patience)
