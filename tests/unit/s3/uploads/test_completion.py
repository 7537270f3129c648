"""Which parts a completion may name, and which checksum it may carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.contents.checksums import COMPOSITE, FULL_OBJECT
from sagehen.services.s3.contents.combination import checksum_type_of
from sagehen.services.s3.records.uploads import Part, Upload
from sagehen.services.s3.uploads.completion import chosen_parts, verify_whole

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
FIVE = 5 * 1024**2
PARTS = [
    Part(1, "c1", FIVE, '"a"', "sum1", WHEN),
    Part(2, "c2", FIVE - 1, '"b"', "sum2", WHEN),
    Part(3, "c3", 1, '"c"', "sum3", WHEN),
]


def upload(kind: str = FULL_OBJECT, asked: bool = False) -> Upload:
    return Upload("u", "birds", "k", WHEN, "arn", "STANDARD", "CRC32", kind, asked)


def named(*parts: tuple[int, str], **more: str) -> list[dict[str, Any]]:
    return [{"PartNumber": number, "ETag": etag, **more} for number, etag in parts]


@pytest.mark.parametrize(
    ("entries", "of", "answer"),
    [
        (named((1, "a"), (2, "b")), upload(), [1, 2]),
        (named((1, '"a"'), (3, '"c"')), upload(), [1, 3]),  # gaps are no fault
        (named((3, "c")), upload(), [3]),
        (named((2, "b"), (3, "c")), upload(), "EntityTooSmall"),  # only the last may be
        (named((2, "b"), (1, "a")), upload(), "InvalidPartOrder"),
        (named((1, "a"), (1, "a")), upload(), "InvalidPartOrder"),
        (named((1, "b")), upload(), "InvalidPart"),
        (named((4, "d")), upload(), "InvalidPart"),
        ([{"ETag": "a"}], upload(), "InvalidPart"),
        ([], upload(), "MalformedXML"),
        (named((1, "a"), ChecksumCRC32="sum1"), upload(), [1]),
        (named((1, "a"), ChecksumCRC32="sum2"), upload(), "InvalidPart"),
        (named((1, "a"), ChecksumSHA1="sum1"), upload(), "BadDigest"),
        # Of a composite checksum that was asked for, each part says its own.
        (named((1, "a")), upload(COMPOSITE, True), "InvalidRequest"),
        (named((1, "a"), ChecksumCRC32="sum1"), upload(COMPOSITE, True), [1]),
        (named((1, "a")), upload(COMPOSITE, False), [1]),
        (named((1, "a")), upload(FULL_OBJECT, True), [1]),
    ],
)
def test_parts(entries: list[dict[str, Any]], of: Upload, answer: list[int] | str) -> None:
    if isinstance(answer, list):
        assert [part.number for part in chosen_parts(of, entries, PARTS)] == answer
        return
    with pytest.raises(ServiceError) as refused:
        chosen_parts(of, entries, PARTS)
    assert refused.value.code == answer


@pytest.mark.parametrize(
    ("request_members", "of", "checksum", "code"),
    [
        ({}, upload(), "sum", None),
        ({"ChecksumCRC32": "sum"}, upload(), "sum", None),
        ({"ChecksumCRC32": "sum"}, upload(COMPOSITE), "sum-2", None),
        ({"ChecksumCRC32": "sum-2"}, upload(COMPOSITE), "sum-2", None),
        ({"ChecksumCRC32": "other"}, upload(), "sum", "BadDigest"),
        ({"ChecksumSHA1": "sum"}, upload(), "sum", "BadDigest"),
        ({"ChecksumType": COMPOSITE}, upload(FULL_OBJECT, True), "sum", "InvalidRequest"),
        ({"ChecksumType": COMPOSITE}, upload(FULL_OBJECT, False), "sum", None),
    ],
)
def test_the_whole(request_members: dict[str, str], of: Upload, checksum: str, code: str | None) -> None:
    if code is None:
        verify_whole(request_members, of, checksum)
        return
    with pytest.raises(ServiceError) as refused:
        verify_whole(request_members, of, checksum)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("algorithm", "asked", "kind"),
    [
        ("CRC64NVME", None, FULL_OBJECT),
        ("CRC64NVME", FULL_OBJECT, FULL_OBJECT),
        ("CRC64NVME", COMPOSITE, None),
        ("CRC32", None, COMPOSITE),
        ("CRC32", FULL_OBJECT, FULL_OBJECT),
        ("CRC32C", COMPOSITE, COMPOSITE),
        ("SHA1", None, COMPOSITE),
        ("SHA256", COMPOSITE, COMPOSITE),
        ("SHA256", FULL_OBJECT, None),
    ],
)
def test_how_parts_are_combined(algorithm: str, asked: str | None, kind: str | None) -> None:
    if kind is not None:
        assert checksum_type_of(algorithm, asked) == kind
        return
    with pytest.raises(ServiceError) as refused:
        checksum_type_of(algorithm, asked)
    assert refused.value.code == "InvalidRequest"
