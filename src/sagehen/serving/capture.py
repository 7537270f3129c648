"""CaptureSettings: which of an endpoint's requests and answers are kept, where, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """What the data plane has to know of one deployment's data capture.

    Args:
        bucket: Where files go.
        prefix: What their keys begin with; may be empty.
        percentage: Of the requests, 0 to 100.
        inputs: Whether requests' bodies are kept.
        outputs: Whether answers' bodies are kept.
        csv_types: Media types, lower-case, whose bodies are written as they are; all others in base64.
        json_types: Likewise.
        kms_key_id: Encrypts the files; None leaves that to the bucket.
    """

    bucket: str
    prefix: str
    percentage: int
    inputs: bool = True
    outputs: bool = True
    csv_types: tuple[str, ...] = ()
    json_types: tuple[str, ...] = ()
    kms_key_id: str | None = None
