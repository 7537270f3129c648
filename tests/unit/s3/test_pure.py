"""Ranges, conditions, checksums, names, pages: no state."""

from __future__ import annotations

import base64
import bisect
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.s3.buckets.names import is_bucket_name
from sagehen.services.s3.buckets.operations import bucket_region
from sagehen.services.s3.contents.checksums import (
    COMPOSITE,
    FULL_OBJECT,
    Checksum,
    checksum_type_of,
    combine,
    expectation,
)
from sagehen.services.s3.errors import (
    IllegalLocationConstraintException,
    InvalidLocationConstraint,
    InvalidRange,
    InvalidRequest,
    NoSuchKey,
    PreconditionFailed,
)
from sagehen.services.s3.listings.pages import Seek, common_prefix, list_page
from sagehen.services.s3.objects.conditions import Outcome, check_read, check_write
from sagehen.services.s3.objects.copy_source import CopySource
from sagehen.services.s3.objects.ranges import requested_range
from sagehen.services.s3.policies.publicity import is_public
from sagehen.services.s3.records.keys import successor

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", (0, 5)),
        ("bytes=5-", (5, 5)),
        ("bytes=-3", (7, 3)),
        ("bytes=-30", (0, 10)),
        ("bytes=8-99", (8, 2)),
        ("bytes=4-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        (None, None),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    chosen = requested_range(header, 10)
    assert (chosen and (chosen.start, chosen.length)) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_behind_the_end(header: str, size: int) -> None:
    with pytest.raises(InvalidRange) as caught:
        requested_range(header, size)
    assert caught.value.members == {"ActualObjectSize": str(size), "RangeRequested": header}


def test_read_conditions_and_their_precedence() -> None:
    early, late = WHEN - timedelta(days=1), WHEN + timedelta(days=1)
    assert check_read({"IfMatch": '"a"', "IfUnmodifiedSince": early}, '"a"', WHEN, late) is Outcome.PROCEED
    assert check_read({"IfNoneMatch": '"b"', "IfModifiedSince": late}, '"a"', WHEN, late) is Outcome.PROCEED
    assert check_read({"IfNoneMatch": "a"}, '"a"', WHEN, late) is Outcome.NOT_MODIFIED
    assert check_read({"IfModifiedSince": WHEN}, '"a"', WHEN, late) is Outcome.NOT_MODIFIED
    with pytest.raises(PreconditionFailed):
        check_read({"IfMatch": '"b"'}, '"a"', WHEN, late)
    with pytest.raises(PreconditionFailed):
        check_read({"IfUnmodifiedSince": early}, '"a"', WHEN, late)
    ahead = {"IfModifiedSince": late + timedelta(seconds=1)}
    assert check_read(ahead, '"a"', WHEN, late) is Outcome.PROCEED  # a date in the future says nothing


def test_write_conditions() -> None:
    check_write({"IfNoneMatch": "*"}, "k", None)
    check_write({"IfMatch": '"a"'}, "k", '"a"')
    with pytest.raises(PreconditionFailed):
        check_write({"IfNoneMatch": "*"}, "k", '"a"')
    with pytest.raises(PreconditionFailed):
        check_write({"IfMatch": '"b"'}, "k", '"a"')
    with pytest.raises(NoSuchKey):
        check_write({"IfMatch": '"b"'}, "k", None)


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


@pytest.mark.parametrize("name", ["abc", "a.b-c", "9ab", "a" * 63])
def test_bucket_names(name: str) -> None:
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Abc", "a_b", "-abc", "abc-", "a..b", "1.2.3.4", "xn--a", "x-s3alias"]
)
def test_refused_bucket_names(name: str) -> None:
    assert not is_bucket_name(name)


def test_where_a_bucket_goes() -> None:
    assert bucket_region(None, "us-east-1") == "us-east-1"
    assert bucket_region("eu-west-1", "us-east-1") == "eu-west-1"
    assert bucket_region("eu-west-1", "eu-west-1") == "eu-west-1"
    with pytest.raises(InvalidLocationConstraint):
        bucket_region("us-east-1", "us-east-1")
    with pytest.raises(IllegalLocationConstraintException, match="unspecified"):
        bucket_region(None, "eu-west-1")


def test_copy_sources() -> None:
    assert CopySource.parse("/b/a%20b/c?versionId=v") == CopySource("b", "a b/c", "v")
    assert CopySource.parse("b/k%3FversionId=x") == CopySource("b", "k?versionId=x")


KEYS = st.text(alphabet="ab/\ud7ff\U0010ffff", min_size=1, max_size=6)


@given(
    keys=st.sets(KEYS, max_size=30),
    prefix=st.text(alphabet="ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b"]),
    limit=st.integers(1, 7),
)
def test_pages_put_together_are_the_naive_listing(
    keys: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    ordered = sorted(keys, key=str.encode)
    naive: list[str] = []
    for key in ordered:
        entry = common_prefix(key, prefix, delimiter) or key
        if key.startswith(prefix) and entry not in naive:
            naive.append(entry)

    def fetch(seek: Seek, high: str | None, count: int) -> list[dict[str, object]]:
        find = bisect.bisect_left if seek.inclusive else bisect.bisect_right
        first = find([key.encode() for key in ordered], seek.low.encode())
        chosen = [key for key in ordered[first:] if high is None or key.encode() < high.encode()]
        return [{"key": key, "sequence": 1} for key in chosen[:count]]

    listed: list[str] = []
    start: Seek | None = None
    while True:
        page = list_page(fetch, prefix, delimiter, start, limit)
        assert page.count <= limit
        entries = [row["key"] for row in page.rows] + page.common_prefixes
        listed += sorted(entries, key=str.encode)
        if not page.truncated:
            break
        assert page.count == limit
        start = Seek(page.last, inclusive=False) if page.last_row else Seek(successor(page.last) or "")
    assert listed == naive


def test_a_delimiter_skips_what_lies_beneath() -> None:
    """Four folders of 500 keys cost a handful of rows, not two thousand."""
    keys = [f"f{folder}/{number:04}" for folder in range(4) for number in range(500)]
    read = 0

    def fetch(seek: Seek, high: str | None, count: int) -> list[dict[str, object]]:
        nonlocal read
        rows = [{"key": key, "sequence": 1} for key in keys if key >= seek.low][:count]
        read += len(rows)
        return rows

    page = list_page(fetch, "", "/", None, 1000)
    assert page.common_prefixes == ["f0/", "f1/", "f2/", "f3/"] and not page.truncated
    assert read <= 20


def _policy(**changes: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::birds/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **changes}]})


def test_what_is_public() -> None:
    assert is_public(_policy())
    assert is_public(_policy(Principal={"AWS": "*"}))
    assert is_public(_policy(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))
    assert not is_public(_policy(Effect="Deny"))
    assert not is_public(_policy(Principal={"AWS": "arn:aws:iam::222222222222:root"}))
    assert not is_public(_policy(Condition={"StringEquals": {"aws:PrincipalAccount": "222222222222"}}))
