"""What an upload says about its object besides the bytes: pure, from the request into the record.

Metadata    x-amz-meta-*, names in lower case
Headers     Content-Type and the other headers that come back as they were sent
Encryption  what was asked or is the bucket's default; `encryption.sealing` does it
Parts       [number, size, checksum] of each part of a multipart object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.s3.errors.objects import InvalidStorageClass, KeyTooLongError, MetadataTooLarge
from sagehen.services.s3.records.versions import Version

# Documented: Naming Amazon S3 objects.
_KEY_BYTES = 1024
# Documented: Working with object metadata; user-defined, names and values in UTF-8 together.
_METADATA_BYTES = 2048
HEADERS = (
    "ContentType",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "WebsiteRedirectLocation",
    "Expires",  # text, as S3's model has it: what was sent comes back, be it a date or not
)
# Documented: Understanding and managing Amazon S3 storage classes. Reads of these need no restore.
_STORAGE_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
)
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
# Members whose effect would have to be real, and is not built.
_UNBUILT = {
    "WriteOffsetBytes": "Appending to objects",
    **dict.fromkeys(
        ("ObjectLockEventHold", "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears"),
        "Holding objects by event",
    ),
}


def check_key(key: str) -> None:
    """Refuse a key of more than 1,024 bytes in UTF-8.

    Raises:
        KeyTooLongError.
    """
    size = len(key.encode())
    if size > _KEY_BYTES:
        raise KeyTooLongError(size, _KEY_BYTES)


def check_built(request: Mapping[str, Any]) -> None:
    """Refuse what would be ignored otherwise.

    Raises:
        NotImplementedOperation: Naming the feature.
    """
    for name, feature in _UNBUILT.items():
        if request.get(name) is not None:
            raise NotImplementedOperation(f"{feature} is not implemented.")


def storage_class(request: Mapping[str, Any]) -> str:
    """Return the class that an upload asks for, STANDARD where it asks for none.

    All of them store and cost the same here; the name is kept and shown.

    Raises:
        InvalidStorageClass: There is no such class.
        NotImplementedOperation: An archive, whose objects would have to be restored first.
    """
    name = request.get("StorageClass") or "STANDARD"
    if name in _ARCHIVES:
        raise NotImplementedOperation("Archive storage classes are not implemented: objects stay readable.")
    if name not in _STORAGE_CLASSES:
        raise InvalidStorageClass(name)
    return str(name)


def details_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata and headers of an upload.

    Raises:
        MetadataTooLarge: Names and values exceed 2 kB.
    """
    metadata = {name.lower(): value for name, value in (request.get("Metadata") or {}).items()}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > _METADATA_BYTES:
        raise MetadataTooLarge(size, _METADATA_BYTES)
    headers = {name: request[name] for name in HEADERS if request.get(name) is not None}
    headers.setdefault("ContentType", "binary/octet-stream")
    if encoding := _without_aws_chunked(headers.pop("ContentEncoding", "")):
        headers["ContentEncoding"] = encoding
    return {"Metadata": metadata, "Headers": headers}


def _without_aws_chunked(encoding: str) -> str:
    """Take off the encoding that belongs to the upload, not to the object."""
    codings = [coding.strip() for coding in encoding.split(",")]
    return ",".join(coding for coding in codings if coding and coding != "aws-chunked")


def shown_encryption(version: Version) -> dict[str, Any]:
    """Return how a version is encrypted, as answers show it; nothing of a customer's key."""
    return dict(version.details.get("Encryption") or {})


def shown_details(version: Version) -> dict[str, Any]:
    """Return metadata, headers and encryption as GetObject's members."""
    headers = version.details.get("Headers") or {}
    return {"Metadata": version.details.get("Metadata") or {}} | headers | shown_encryption(version)
