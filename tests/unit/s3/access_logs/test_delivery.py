"""Server access logs: lines, keys, and what is delivered when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.identity import canonical_id
from sagehen.services.s3.access_logs.delivery import log_key
from sagehen.services.s3.access_logs.entries import Entry, line
from sagehen.services.s3.access_logs.errors import (
    CrossLocationLoggingProhibitted,
    InvalidTargetBucketForLogging,
)
from sagehen.services.s3.records.buckets import Bucket
from tests.unit.s3.conftest import OWNER, S3, Rights

AT = datetime(2026, 2, 6, 0, 0, 38, tzinfo=UTC)
GET = Entry(
    bucket="birds",
    key="a b/ü.txt",
    at=AT,
    peer="192.0.2.3",
    requester=f"arn:aws:iam::{OWNER}:user/ada",
    request_id="request-1",
    host_id="host-1",
    operation="GetObject",
    website=False,
    method="GET",
    path="/birds/a%20b/%C3%BC.txt",
    query="",
    status=200,
    error="",
    sent_bytes=4,
    object_size=4,
    took_ms=7,
    referer="",
    user_agent="curl/8",
    version_id="",
    signature="SigV4",
    in_query=False,
    host="127.0.0.1:4566",
    secure=False,
)


def test_a_line() -> None:
    assert line(GET, OWNER) == (
        f"{canonical_id(OWNER)} birds [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::{OWNER}:user/ada "
        'request-1 REST.GET.OBJECT a%20b/%C3%BC.txt "GET /birds/a%20b/%C3%BC.txt HTTP/1.1" 200 - 4 4 7 7 "-" '
        '"curl/8" - host-1 SigV4 - AuthHeader 127.0.0.1:4566 - - -'
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"operation": "GetBucketVersioning", "key": ""}, " REST.GET.VERSIONING - "),
        ({"operation": "ListObjectsV2", "key": ""}, " REST.GET.BUCKET - "),
        ({"operation": "CopyObject", "method": "PUT"}, " REST.COPY.OBJECT "),
        ({"website": True}, " WEBSITE.GET.OBJECT "),
        ({"requester": "*"}, " 192.0.2.3 - request-1 "),
        ({"requester": f"arn:aws:iam::{OWNER}:root"}, f" {canonical_id(OWNER)} request-1 "),
        ({"status": 404, "error": "NoSuchKey"}, '" 404 NoSuchKey 4 '),
        ({"query": "X-Amz-Signature=abc&x=y", "in_query": True}, "?X-Amz-Signature=-&x=y HTTP/1.1"),
        ({"query": "Signature=abc&x=y"}, "?Signature=-&x=y HTTP/1.1"),
        ({"user_agent": 'a" 200 -\n'}, '"a%22 200 -%0A"'),  # no client writes a field or a line of its own
    ],
)
def test_what_a_line_says(changes: dict[str, Any], expected: str) -> None:
    assert expected in line(replace(GET, **changes), OWNER)


def test_keys_of_logs() -> None:
    source = Bucket("birds", OWNER, "us-east-1", AT)
    later = AT.replace(hour=5)
    assert log_key({"TargetPrefix": "log/"}, source, AT, later, "U") == "log/2026-02-06-05-00-38-U"
    parted = {"TargetPrefix": "p/", "TargetObjectKeyFormat": {"PartitionedPrefix": {}}}
    folder = f"p/{OWNER}/us-east-1/birds/2026/02/06"
    assert log_key(parted, source, AT, later, "U") == f"{folder}/2026-02-06-05-00-38-U"
    parted["TargetObjectKeyFormat"] = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    assert log_key(parted, source, AT, later, "U") == f"{folder}/2026-02-06-00-00-00-U"


async def logged_to(s3: S3, **enabled: Any) -> None:
    status = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "in/", **enabled}}
    await s3("PutBucketLogging", Bucket="birds", BucketLoggingStatus=status)


async def test_lines_are_delivered_in_batches(s3: S3, rights: Rights) -> None:
    await s3("CreateBucket", Bucket="logs")
    assert not s3.service.access_logs.wants("birds")
    await logged_to(s3)
    assert s3.service.access_logs.wants("birds") and not s3.service.access_logs.wants("logs")
    for key in ("one", "two"):
        s3.service.access_logs.log(replace(GET, key=key))
    assert (await s3("ListObjectsV2", Bucket="logs"))["KeyCount"] == 0
    await s3.clock.advance(6)
    async with asyncio.timeout(60):
        while not (found := (await s3("ListObjectsV2", Bucket="logs"))["Contents"]):
            await asyncio.sleep(0.01)
    assert len(found) == 1 and found[0]["Key"].startswith("in/")
    text = (await s3.read("logs", found[0]["Key"])).decode()
    assert [row.split()[8] for row in text.splitlines()] == ["one", "two"]
    # What is not delivered yet is when the service ends.
    s3.service.access_logs.log(replace(GET, key="three"))
    await s3.service.access_logs.stop()
    assert (await s3("ListObjectsV2", Bucket="logs"))["KeyCount"] == 2
    await s3("PutBucketLogging", Bucket="birds", BucketLoggingStatus={})
    assert not s3.service.access_logs.wants("birds")
    assert await s3("GetBucketLogging", Bucket="birds") == {}


async def test_a_target_that_lets_nobody_in(
    s3: S3, rights: Rights, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3("CreateBucket", Bucket="logs")
    await logged_to(s3)
    s3.service.access_logs.log(GET)
    monkeypatch.setattr(rights, "is_allowed", lambda principal, access, environment: False)
    await s3.service.access_logs.deliver()
    assert (await s3("ListObjectsV2", Bucket="logs"))["KeyCount"] == 0
    assert "lets logging.s3.amazonaws.com write to it" in caplog.text


async def test_targets_that_are_none(s3: S3) -> None:
    with pytest.raises(InvalidTargetBucketForLogging, match="does not exist"):
        await logged_to(s3)
    where = {"LocationConstraint": "eu-west-1"}
    await s3("CreateBucket", Bucket="logs", CreateBucketConfiguration=where)
    with pytest.raises(CrossLocationLoggingProhibitted) as caught:
        await logged_to(s3)
    assert caught.value.members == {"SourceBucketLocation": None, "TargetBucketLocation": "eu-west-1"}


async def test_memory_is_bounded(s3: S3, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    await s3("CreateBucket", Bucket="logs")
    await logged_to(s3)
    monkeypatch.setattr("sagehen.services.s3.access_logs.delivery._HELD_BYTES", 1000)
    for _ in range(10):
        s3.service.access_logs.log(GET)
    await s3.service.access_logs.deliver()
    listed = await s3("ListObjectsV2", Bucket="logs")
    assert sum(entry["Size"] for entry in listed["Contents"]) <= 1000
    assert "were dropped: too many at once" in caplog.text
