"""Locks with the present passed in, and what of it rules and other callers feel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.object_lock.locks import Lock, ObjectLocked, check_deletion, check_retention
from tests.unit.s3.conftest import S3

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("lock", "bypass", "held"),
    [
        (Lock(), False, False),
        (Lock("GOVERNANCE", NOW + DAY), False, True),
        (Lock("GOVERNANCE", NOW + DAY), True, False),
        (Lock("COMPLIANCE", NOW + DAY), True, True),
        (Lock("COMPLIANCE", NOW), False, False),
        (Lock(hold="ON"), True, True),
        (Lock("GOVERNANCE", NOW - DAY, "OFF"), False, False),
    ],
)
def test_deletion(lock: Lock, bypass: bool, held: bool) -> None:
    details = {"Lock": lock.stored()}
    assert Lock.of(details) == lock
    if held:
        with pytest.raises(ObjectLocked):
            check_deletion(details, NOW, bypass)
    else:
        check_deletion(details, NOW, bypass)


@pytest.mark.parametrize(
    ("mode", "days", "bypass", "allowed"),
    [
        ("GOVERNANCE", 3, False, True),
        ("GOVERNANCE", 1, False, False),
        ("GOVERNANCE", 1, True, True),
        ("", 0, False, False),
        ("", 0, True, True),
        ("COMPLIANCE", 3, False, False),
    ],
)
def test_changing_a_retention(mode: str, days: int, bypass: bool, allowed: bool) -> None:
    def change(present: str) -> None:
        until = NOW + days * DAY if days else None
        check_retention(Lock(present, NOW + 2 * DAY), mode, until, NOW, bypass)

    if allowed:
        change("GOVERNANCE")
    else:
        with pytest.raises(ObjectLocked):
            change("GOVERNANCE")
    if mode != "COMPLIANCE":
        with pytest.raises(ObjectLocked):
            change("COMPLIANCE")
    check_retention(Lock("COMPLIANCE", NOW), mode, NOW + DAY, NOW, bypass)  # it is over


async def locked_bucket(s3: S3, **rule: Any) -> None:
    await s3("CreateBucket", Bucket="safe", ObjectLockEnabledForBucket=True)
    if rule:
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}
        await s3("PutObjectLockConfiguration", Bucket="safe", ObjectLockConfiguration=configuration)


async def test_the_default_holds_until_its_day(s3: S3) -> None:
    await locked_bucket(s3, Mode="COMPLIANCE", Days=1)
    put = await s3("PutObject", Bucket="safe", Key="k", Body=b"1")
    named = {"Bucket": "safe", "Key": "k", "VersionId": put["VersionId"]}
    head = await s3("HeadObject", **named)
    assert head["ObjectLockRetainUntilDate"] - s3.clock.now() == DAY
    with pytest.raises(ObjectLocked):
        await s3("DeleteObject", **named, BypassGovernanceRetention=True)
    await s3("DeleteObject", Bucket="safe", Key="k")  # a marker hides, and deletes nothing
    assert await s3.read("safe", "k", VersionId=put["VersionId"]) == b"1"
    await s3.service.lifecycles.stop()
    await s3.service.access_logs.stop()
    await s3.clock.advance(86400)
    await s3("DeleteObject", **named)
    with pytest.raises(ServiceError):
        await s3("HeadObject", **named)


async def test_governance_is_passed_over_by_who_may(s3: S3) -> None:
    await locked_bucket(s3, Mode="GOVERNANCE", Years=1)
    put = await s3("PutObject", Bucket="safe", Key="k", Body=b"1")
    named = {"Bucket": "safe", "Key": "k", "VersionId": put["VersionId"]}
    right = ("s3:BypassGovernanceRetention", "arn:aws:s3:::safe/k")
    s3.rights.refused.add(right)
    for bypass in ({}, {"BypassGovernanceRetention": True}):
        with pytest.raises(ObjectLocked):
            await s3("DeleteObject", **named, **bypass)
        entry = {"Key": "k", "VersionId": put["VersionId"]}
        answer = await s3("DeleteObjects", Bucket="safe", Delete={"Objects": [entry]}, **bypass)
        assert answer["Errors"] == [
            {
                **entry,
                "Code": "AccessDenied",
                "Message": "Access Denied because object protected by object lock.",
            }
        ]
    s3.rights.refused.remove(right)
    await s3("DeleteObject", **named, BypassGovernanceRetention=True)


async def test_rules_leave_alone_what_is_locked(s3: S3) -> None:
    await locked_bucket(s3)
    kept = await s3(
        "PutObject",
        Bucket="safe",
        Key="k",
        Body=b"1",
        ObjectLockLegalHoldStatus="ON",
        ContentMD5="xMpCOKC5I4INzFCab3WEmw==",
    )
    gone = await s3("PutObject", Bucket="safe", Key="k", Body=b"2")
    await s3("PutObject", Bucket="safe", Key="k", Body=b"3")
    rule = {"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    await s3("PutBucketLifecycleConfiguration", Bucket="safe", LifecycleConfiguration={"Rules": [rule]})
    await s3.service.lifecycles.stop()
    await s3.service.access_logs.stop()
    await s3.clock.advance(3 * 86400)
    await s3.service.lifecycles.do_what_is_due()
    listed = await s3("ListObjectVersions", Bucket="safe")
    ids = {entry["VersionId"] for entry in listed["Versions"]}
    assert kept["VersionId"] in ids and gone["VersionId"] not in ids


async def test_copies_and_uploads_in_parts_bring_their_own(s3: S3) -> None:
    await locked_bucket(s3)
    until = s3.clock.now() + DAY
    retained = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    await s3("PutObject", Bucket="birds", Key="source", Body=b"1")
    copied = await s3("CopyObject", Bucket="safe", Key="k", CopySource="birds/source", **retained)
    assert (await s3("HeadObject", Bucket="safe", Key="k"))["ObjectLockRetainUntilDate"] == until
    again = await s3("CopyObject", Bucket="safe", Key="k2", CopySource="safe/k")
    assert "ObjectLockMode" not in await s3("HeadObject", Bucket="safe", Key="k2")
    assert copied["VersionId"] != again["VersionId"]
    upload = await s3("CreateMultipartUpload", Bucket="safe", Key="m", **retained)
    named = {"Bucket": "safe", "Key": "m", "UploadId": upload["UploadId"]}
    part = await s3("UploadPart", **named, PartNumber=1, Body=b"1")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    done = await s3("CompleteMultipartUpload", **named, MultipartUpload={"Parts": parts})
    with pytest.raises(ObjectLocked):
        await s3("DeleteObject", Bucket="safe", Key="m", VersionId=done["VersionId"])
    with pytest.raises(ServiceError, match="Bucket is missing Object Lock Configuration"):
        await s3("CopyObject", Bucket="birds", Key="k", CopySource="birds/source", **retained)


async def test_rights_of_uploads_with_locks(s3: S3) -> None:
    await locked_bucket(s3)
    s3.rights.asked.clear()
    until = s3.clock.now() + 3 * DAY
    context = s3.context("PutObject")
    request = {
        "Bucket": "safe",
        "Key": "k",
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": until,
    }
    accesses = {access.action: access for access in s3.operations["PutObject"].accesses(context, request)}
    assert set(accesses) == {"s3:PutObject", "s3:PutObjectRetention"}
    keys = accesses["s3:PutObjectRetention"].conditions
    assert keys["s3:object-lock-remaining-retention-days"] == "3"
    assert keys["s3:object-lock-mode"] == "GOVERNANCE"
