"""Lifecycle rules: put, refused, shown, and done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.waiting import eventually

from .conftest import refused

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def put(s3: Any, bucket: str, *rules: dict[str, Any]) -> Any:
    return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def test_rules_come_back(s3: Any, bucket: str) -> None:
    rules = [
        {"ID": "one", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 7}},
        {
            "ID": "two",
            "Status": "Disabled",
            "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
            "Expiration": {"Date": LONG_AGO},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
        },
    ]
    assert put(s3, bucket, *rules)["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    shown = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["Expiration"]
    assert shown.startswith('expiry-date="') and shown.endswith(' 00:00:00 GMT", rule-id="one"')
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == {
        "Code": "NoSuchLifecycleConfiguration",
        "Message": "The lifecycle configuration does not exist",
        "BucketName": bucket,
        "Status": 404,
    }


def test_refused_rules(s3: Any, bucket: str) -> None:
    expiring = {"ID": "one", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 7}}
    error = refused(
        s3.put_bucket_lifecycle_configuration,
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [expiring, expiring]},
    )
    assert error == {
        "Code": "InvalidArgument",
        "Message": "Rule ID must be unique. Found same ID for more than one rule",
        "ArgumentName": "ID",
        "ArgumentValue": "one",
        "Status": 400,
    }
    del expiring["Filter"]
    without = {"Rules": [expiring]}
    error = refused(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=without)
    assert error["Code"] == "MalformedXML"


def test_what_is_over_goes(s3: Any, bucket: str) -> None:
    for key in ("old/a", "old/b", "new/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    put(s3, bucket, {"Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Date": LONG_AGO}})

    def left() -> list[str]:
        found = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        return found if len(found) < 2 else []

    assert eventually(left) == ["new/a"]
    assert refused(s3.head_object, Bucket=bucket, Key="old/b")["Status"] == 404
