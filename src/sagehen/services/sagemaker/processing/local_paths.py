"""LocalPath of inputs and outputs: where in a container they lie. Pure."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from sagehen.api.errors import ValidationException
from sagehen.archives.bounds import MAX_NAME_BYTES
from sagehen.domain.process_text import fault_of_path

# Documented (ProcessingS3Input, LocalPath; How SageMaker Processing configures input and output): it must
# begin so, for outputs, too. The words are from memory.
_ROOT = PurePosixPath("/opt/ml/processing")


def parse(path: str | None, what: str) -> PurePosixPath:
    """Return a LocalPath relative to /opt/ml, without dots and doubled slashes.

    Args:
        what: Whose it is, for the message.

    Raises:
        ValidationException: There is none, or it is not below /opt/ml/processing.
    """
    if not path:
        raise ValidationException(f"LocalPath is required for {what} unless it is AppManaged.")
    found = PurePosixPath(path)
    inside = path.startswith(f"{_ROOT}/") and ".." not in found.parts and len(found.parts) > len(_ROOT.parts)
    usable = fault_of_path(path) is None and all(
        len(os.fsencode(part)) <= MAX_NAME_BYTES for part in found.parts
    )
    if not inside or not usable:
        raise ValidationException(
            f"Invalid LocalPath {path!a} for {what}. It must be an absolute path that begins with {_ROOT}/."
        )
    return found.relative_to("/opt/ml")
