"""Object Lock as clients see it; the locks are short, or of the kind that root passes over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import refused

LOCKED = {
    "Code": "AccessDenied",
    "Message": "Access Denied because object protected by object lock.",
    "Status": 403,
}
MISSING = {"Code": "InvalidRequest", "Message": "Bucket is missing Object Lock Configuration", "Status": 400}


@pytest.fixture
def safe(s3: Any) -> Iterator[str]:
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    yield name
    for entry in s3.list_object_versions(Bucket=name).get("Versions", []):
        named = {"Bucket": name, "Key": entry["Key"], "VersionId": entry["VersionId"]}
        s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
        s3.delete_object(**named, BypassGovernanceRetention=True)
    for entry in s3.list_object_versions(Bucket=name).get("DeleteMarkers", []):
        s3.delete_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])
    s3.delete_bucket(Bucket=name)


def soon(hours: float = 1) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


def test_a_locked_bucket_stays_versioned(s3: Any, safe: str) -> None:
    assert s3.get_bucket_versioning(Bucket=safe)["Status"] == "Enabled"
    stored = s3.get_object_lock_configuration(Bucket=safe)["ObjectLockConfiguration"]
    assert stored == {"ObjectLockEnabled": "Enabled"}
    suspended = {"Status": "Suspended"}
    assert refused(s3.put_bucket_versioning, Bucket=safe, VersioningConfiguration=suspended) == {
        "Code": "InvalidBucketState",
        "Message": "An Object Lock configuration is present on this bucket, so the versioning state cannot "
        "be changed.",
        "Status": 409,
    }


def test_a_bucket_without(s3: Any, bucket: str) -> None:
    configuration = {"ObjectLockEnabled": "Enabled"}
    error = refused(s3.put_object_lock_configuration, Bucket=bucket, ObjectLockConfiguration=configuration)
    assert (error["Code"], error["Status"]) == ("InvalidBucketState", 409)
    assert refused(s3.get_object_lock_configuration, Bucket=bucket) == {
        "Code": "ObjectLockConfigurationNotFoundError",
        "Message": "Object Lock configuration does not exist for this bucket",
        "BucketName": bucket,
        "Status": 404,
    }
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    named = {"Bucket": bucket, "Key": "k"}
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": soon()}
    assert refused(s3.put_object_retention, **named, Retention=retention) == MISSING
    assert refused(s3.get_object_retention, **named) == MISSING
    assert refused(s3.put_object_legal_hold, **named, LegalHold={"Status": "ON"}) == MISSING
    held = {"ObjectLockLegalHoldStatus": "ON"}
    assert refused(s3.put_object, **named, Body=b"1", **held) == MISSING
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=configuration)
    s3.put_object(**named, Body=b"1", **held)
    assert s3.head_object(**named)["ObjectLockLegalHoldStatus"] == "ON"
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "MalformedXML"),
        ({"Mode": "GOVERNANCE"}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
        ({"Mode": "NONE", "Days": 1}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidArgument"),
    ],
)
def test_refused_defaults(s3: Any, safe: str, rule: dict[str, Any], code: str) -> None:
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}
    error = refused(s3.put_object_lock_configuration, Bucket=safe, ObjectLockConfiguration=configuration)
    assert error["Code"] == code


def test_retention(s3: Any, safe: str) -> None:
    put = s3.put_object(Bucket=safe, Key="k", Body=b"1")
    named = {"Bucket": safe, "Key": "k"}
    assert refused(s3.get_object_retention, **named) == {
        "Code": "NoSuchObjectLockConfiguration",
        "Message": "The specified object does not have a ObjectLock configuration",
        "Status": 404,
    }
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": soon()}
    s3.put_object_retention(**named, Retention=retention)
    assert s3.get_object_retention(**named)["Retention"] == retention
    head = s3.head_object(**named)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == tuple(retention.values())
    version = {**named, "VersionId": put["VersionId"]}
    assert refused(s3.delete_object, **version) == LOCKED
    shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": soon(0.5)}
    assert refused(s3.put_object_retention, **named, Retention=shorter) == LOCKED
    s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon(2)})
    s3.put_object_retention(**named, Retention=shorter, BypassGovernanceRetention=True)
    past = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2020, 1, 1, tzinfo=UTC)}
    error = refused(s3.put_object_retention, **named, Retention=past)
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "RetainUntilDate")
    s3.put_object_retention(**named, Retention={}, BypassGovernanceRetention=True)
    s3.delete_object(**version)


def test_a_legal_hold(s3: Any, safe: str) -> None:
    put = s3.put_object(Bucket=safe, Key="k", Body=b"1", ObjectLockLegalHoldStatus="ON")
    version = {"Bucket": safe, "Key": "k", "VersionId": put["VersionId"]}
    assert s3.get_object_legal_hold(**version)["LegalHold"] == {"Status": "ON"}
    assert refused(s3.delete_object, **version, BypassGovernanceRetention=True) == LOCKED
    s3.put_object_legal_hold(**version, LegalHold={"Status": "OFF"})
    s3.delete_object(**version)


def test_headers_that_say_too_little(s3: Any, safe: str, bucket: str) -> None:
    named = {"Bucket": safe, "Key": "k", "Body": b"1"}
    assert refused(s3.put_object, **named, ObjectLockMode="GOVERNANCE") == {
        "Code": "InvalidArgument",
        "Message": "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
        "ArgumentName": "x-amz-object-lock-retain-until-date",
        "Status": 400,
    }
    s3.put_object(**{**named, "Bucket": bucket})
    error = refused(s3.delete_object, Bucket=bucket, Key="k", BypassGovernanceRetention=True)
    assert error["Code"] == "InvalidArgument"


def test_a_delete_marker_has_no_lock(s3: Any, safe: str) -> None:
    s3.put_object(Bucket=safe, Key="k", Body=b"1")
    marker = s3.delete_object(Bucket=safe, Key="k")["VersionId"]
    named = {"Bucket": safe, "Key": "k", "VersionId": marker}
    assert refused(s3.get_object_retention, **named)["Code"] == "MethodNotAllowed"
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": soon()}
    assert refused(s3.put_object_retention, **named, Retention=retention)["Code"] == "MethodNotAllowed"
