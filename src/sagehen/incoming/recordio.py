"""RecordIO, as MXNet's format note and SDK v2's `sagemaker.amazon.common` have it. Pure.

A record is a magic number, its length (29 bits; the three above tell parts of a record, of which there is
one here), its content, and zeros up to a multiple of four bytes.
"""

from __future__ import annotations

import struct

MAX_BYTES = 2**29 - 1
_MAGIC = 0xCED7230A


def header(length: int) -> bytes:
    """Return what stands before a record's content."""
    assert length <= MAX_BYTES
    return struct.pack("<II", _MAGIC, length)


def padding(length: int) -> bytes:
    """Return what stands behind it."""
    return bytes(-length % 4)
