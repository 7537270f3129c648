"""Which bytes a Range header asks for: pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.services.s3.errors.objects import InvalidRange
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest

# RFC 9110, 14.2: what is no range is ignored. Several ranges S3 does not serve (documented: GetObject).
_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` bytes from `start` of an object of `size` bytes."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range, or None where the whole object is to be sent.

    As RFC 9110 wants it, a header that cannot be understood (several ranges, other units, last
    before first) is ignored, and S3 ignores it likewise.

    Raises:
        InvalidRange: The range lies behind the object's end.
    """
    match = _RANGE.fullmatch(header) if header else None
    if header is None or match is None:
        return None
    first, last = match.groups()
    if first == "" and last == "":
        return None
    if first == "":  # the last N bytes
        length = min(int(last), size)
        if length == 0:
            raise InvalidRange(header, size)
        return ByteRange(size - length, length, size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise InvalidRange(header, size)
    end = min(int(last), size - 1) if last else size - 1
    return ByteRange(start, end - start + 1, size)


def copy_source_range(header: str, size: int) -> ByteRange:
    """Return the range of an UploadPartCopy, which must be `bytes=first-last` inside the source."""
    match = re.fullmatch(r"bytes=(\d+)-(\d+)", header)
    if match is None or int(match[2]) < int(match[1]):
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
            "are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            header,
        )
    start, end = int(match[1]), int(match[2])
    if start >= size:
        raise InvalidRequest("The specified copy range is invalid for the source object size")
    if end >= size:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: {size}",
            "x-amz-copy-source-range",
            header,
        )
    return ByteRange(start, end - start + 1, size)
