"""Checksums: their values, how parts are combined, what requests claim."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.s3.contents.checksums import COMPOSITE, FULL_OBJECT, Checksum, expectation
from sagehen.services.s3.contents.combination import checksum_type_of, combine
from sagehen.services.s3.errors.requests import (
    InvalidRequest,
)


def test_checksum_vectors() -> None:
    """The check values of the catalogue of CRCs for '123456789'."""
    expected = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
    for algorithm, value in expected.items():
        checksum = Checksum(algorithm)
        checksum.update(b"1234")
        checksum.update(b"56789")
        assert int.from_bytes(base64.b64decode(checksum.value()), "big") == value


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=5))
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_the_whole_from_its_parts(algorithm: str, parts: list[bytes]) -> None:
    def value(data: bytes) -> str:
        checksum = Checksum(algorithm)
        checksum.update(data)
        return checksum.value()

    combined = combine(algorithm, FULL_OBJECT, [(value(part), len(part)) for part in parts])
    assert combined == value(b"".join(parts))


def test_a_composite_checksum_is_one_of_checksums() -> None:
    parts = [b"one", b"two"]
    values = [base64.b64encode(zlib.crc32(part).to_bytes(4, "big")).decode() for part in parts]
    outer = zlib.crc32(b"".join(base64.b64decode(value) for value in values)).to_bytes(4, "big")
    composite = combine("CRC32", COMPOSITE, [(value, 3) for value in values])
    assert composite == f"{base64.b64encode(outer).decode()}-2"
    with pytest.raises(InvalidRequest):
        checksum_type_of("CRC64NVME", COMPOSITE)


def test_the_trailer_names_the_algorithm() -> None:
    assert expectation({}, {"x-amz-trailer": "x-amz-checksum-crc32c"}).algorithm == "CRC32C"
    with pytest.raises(InvalidRequest, match="Multiple"):
        expectation({"ChecksumCRC32": "AAAAAA==", "ChecksumSHA1": "AAAA"}, {})
    with pytest.raises(InvalidRequest, match="x-amz-checksum-crc32 "):
        expectation({"ChecksumCRC32": "not base64"}, {})
