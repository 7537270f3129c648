"""Completions: which parts were chosen, and whether they are what the client says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sagehen.services.s3.contents.checksums import (
    COMPOSITE,
    EVERY_ALGORITHM,
    member,
    mismatch,
)
from sagehen.services.s3.errors.bodies import BadDigest
from sagehen.services.s3.errors.requests import InvalidRequest, MalformedXML
from sagehen.services.s3.errors.uploads import EntityTooSmall, InvalidPart, InvalidPartOrder
from sagehen.services.s3.records.uploads import Part, Upload

# Documented: Amazon S3 multipart upload limits; the last part may be smaller.
_MIN_PART_BYTES = 5 * 1024**2


def chosen_parts(upload: Upload, named: Sequence[Mapping[str, Any]], stored: Sequence[Part]) -> list[Part]:
    """Return the parts that a completion names.

    Raises:
        MalformedXML: It names none.
        InvalidPartOrder: Numbers do not ascend.
        InvalidPart: A part is missing, or its ETag or checksum is another.
        BadDigest: A part comes with a checksum of another kind than the upload's.
        EntityTooSmall: A part other than the last has less than 5 MiB.
        InvalidRequest: A composite checksum, and a part comes without its own.
    """
    if not named:
        raise MalformedXML()
    numbers = [entry.get("PartNumber") or 0 for entry in named]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise InvalidPartOrder(upload.upload_id)
    by_number = {part.number: part for part in stored}
    chosen: list[Part] = []
    for entry in named:
        number, etag = entry.get("PartNumber") or 0, (entry.get("ETag") or "").strip('"')
        part = by_number.get(number)
        if part is None or part.etag.strip('"') != etag:
            raise InvalidPart(upload.upload_id, number, etag)
        _check_part_checksum(upload, part, entry)
        chosen.append(part)
    # After all others: AWS names a missing part before one that is too small (from memory).
    for part in chosen[:-1]:
        if part.size < _MIN_PART_BYTES:
            raise EntityTooSmall(part.number, part.etag, part.size, _MIN_PART_BYTES)
    return chosen


def _check_part_checksum(upload: Upload, part: Part, entry: Mapping[str, Any]) -> None:
    claimed = {name: entry[member(name)] for name in EVERY_ALGORITHM if entry.get(member(name)) is not None}
    expected = claimed.pop(upload.checksum_algorithm, None)
    for algorithm in claimed:  # parts are kept with the upload's checksum only; from memory
        raise BadDigest(
            f"The {algorithm.lower()} you specified for part {part.number} did not match what we received."
        )
    # Words of public reports of clients (an SDK that left checksums out); not recorded.
    if expected is None and upload.checksum_asked and upload.checksum_type == COMPOSITE:
        raise InvalidRequest(
            f"The upload was created using a {upload.checksum_algorithm.lower()} checksum. The complete "
            "request must include the checksum for each part. "
            f"It was missing for part {part.number} in the request."
        )
    if expected is not None and expected != part.checksum:
        raise InvalidPart(upload.upload_id, part.number, part.etag.strip('"'))


def verify_whole(request: Mapping[str, Any], upload: Upload, checksum: str) -> None:
    """Compare the object's checksum with the one that the completion carries, if it carries one.

    Args:
        checksum: Base64; of a composite one the number of parts behind it is not compared.

    Raises:
        InvalidRequest: The completion is of another mode than the upload.
        BadDigest: The checksum is another, or of another algorithm.
    """
    wanted = request.get("ChecksumType")
    if wanted and upload.checksum_asked and wanted != upload.checksum_type:
        raise InvalidRequest(
            f"The upload was created using the {upload.checksum_type} checksum mode. "
            "The complete request must use the same checksum mode."
        )
    for algorithm in EVERY_ALGORITHM:
        claimed = request.get(member(algorithm))
        if claimed is None:
            continue
        if algorithm != upload.checksum_algorithm or claimed.partition("-")[0] != checksum.partition("-")[0]:
            raise mismatch(algorithm)
