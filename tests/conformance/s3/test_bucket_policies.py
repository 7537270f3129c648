"""Bucket policies: what is no policy is refused where it is put, and the bucket stays its owner's."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


@pytest.fixture
def s3(client: ClientFactory) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"policies-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    s3.delete_bucket(Bucket=name)


def broken(statement: dict[str, Any]) -> list[Any]:
    """Return twelve things that were taken once, after which the bucket answered nothing but 400."""
    condition = {"StringEqualz": {"aws:SourceIp": "1.2.3.4"}}
    return [
        {**statement, "Condition": condition},
        {**statement, "Condition": {"StringEquals": {"nocolon": "x"}}},
        {**statement, "Condition": {"StringEquals": {"aws:a": {"b": 1}}}},
        {**statement, "Condition": []},
        {**statement, "Extra": 1},
        {**statement, "NotAction": "s3:GetObject"},
        {**statement, "NotPrincipal": "*"},
        {**statement, "Action": []},
        {**statement, "Action": "s3:a:b"},
        {**statement, "Resource": []},
        {**statement, "Principal": {"Nobody": "x"}},
        {**statement, "Sid": 1},
    ]


def test_a_broken_policy_is_refused_and_locks_nobody_out(s3: Any, bucket: str) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    for each in broken(statement):
        document = json.dumps({"Version": "2012-10-17", "Statement": [each]})
        with pytest.raises(ClientError) as caught:
            s3.put_bucket_policy(Bucket=bucket, Policy=document)
        assert caught.value.response["Error"]["Code"] == "MalformedPolicy", each
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        s3.list_objects_v2(Bucket=bucket)
    twice = [{**statement, "Sid": "a b"}] * 2
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": twice}))
    s3.list_objects_v2(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)


def test_root_of_the_owner_can_always_take_a_policy_back(s3: Any, bucket: str) -> None:
    everything = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": everything}))
    with pytest.raises(ClientError):
        s3.list_objects_v2(Bucket=bucket)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == everything
    s3.delete_bucket_policy(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)


def test_a_policy_names_the_user_and_not_the_name(client: ClientFactory, s3: Any, bucket: str) -> None:
    iam, name = client("iam"), f"bob-{uuid.uuid4().hex[:8]}"
    user = iam.create_user(UserName=name)["User"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": user["Arn"]},
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    document = json.dumps({"Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=document)

    def principal() -> str:
        shown = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        return str(shown["Statement"][0]["Principal"]["AWS"])

    assert principal() == user["Arn"]
    iam.delete_user(UserName=name)
    assert principal() == user["UserId"]
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_policy(Bucket=bucket, Policy=document)
    assert caught.value.response["Error"]["Message"] == "Invalid principal in policy"
    s3.delete_bucket_policy(Bucket=bucket)
