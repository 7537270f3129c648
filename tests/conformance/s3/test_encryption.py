"""Objects under customers' keys and under KMS's, as clients see them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import refused
from .test_forms import posted, sent

SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
FORM = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided"
BIG = bytes(range(256)) * 4096 * 9  # 9 MiB: two parts


@pytest.fixture(scope="module")
def kms(client: Any) -> Any:
    return client("kms")


@pytest.fixture
def key(kms: Any) -> Iterator[str]:
    arn = str(kms.create_key()["KeyMetadata"]["Arn"])
    yield arn
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)


@pytest.fixture
def stranger(client: Any) -> Iterator[Any]:
    """S3 as a user sees it who may do all in S3, and nothing with keys."""
    iam, name = client("iam"), f"sse-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    yield client("s3", credentials={**made, "SessionToken": None})
    iam.delete_access_key(UserName=name, AccessKeyId=made["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)


def test_a_customers_key(s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    put = s3.put_object(**named, Body=b"secret", **SSE_C)
    assert put["SSECustomerAlgorithm"] == "AES256" and "ServerSideEncryption" not in put
    assert s3.get_object(**named, **SSE_C)["Body"].read() == b"secret"
    assert s3.get_object(**named, Range="bytes=2-3", **SSE_C)["Body"].read() == b"cr"
    error = refused(s3.get_object, **named)
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400) and error["Message"].startswith(FORM)
    other = {**SSE_C, "SSECustomerKey": b"o" * 32}
    assert refused(s3.get_object, **named, **other)["Status"] == 403
    assert refused(s3.head_object, **named)["Status"] == 400
    assert refused(s3.put_object, **named, Body=b"", **{**SSE_C, "SSECustomerKey": b"short"}) == {
        "Code": "InvalidArgument",
        "Message": "The secret key was invalid for the specified algorithm.",
        "ArgumentName": "x-amz-server-side-encryption",
        "ArgumentValue": "null",
        "Status": 400,
    }


def test_large_files_under_a_customers_key(s3: Any, bucket: str) -> None:
    s3.upload_fileobj(io.BytesIO(BIG), bucket, "big", ExtraArgs=SSE_C)
    assert s3.head_object(Bucket=bucket, Key="big", **SSE_C)["ContentLength"] == len(BIG)
    again = io.BytesIO()
    s3.download_fileobj(bucket, "big", again, ExtraArgs=SSE_C)
    assert again.getvalue() == BIG
    source = {f"CopySource{name}": value for name, value in SSE_C.items()}
    s3.copy_object(Bucket=bucket, Key="plain", CopySource=f"{bucket}/big", **source)
    assert s3.get_object(Bucket=bucket, Key="plain")["Body"].read() == BIG


def test_a_key_of_kms(s3: Any, kms: Any, key: str, bucket: str, stranger: Any) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    put = s3.put_object(**named, Body=b"secret", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    assert s3.get_object(**named)["Body"].read() == b"secret"
    error = refused(stranger.get_object, **named)
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert "is not authorized to perform: kms:Decrypt on resource" in error["Message"]
    kms.disable_key(KeyId=key)
    assert refused(s3.get_object, **named) == {
        "Code": "KMS.DisabledException",
        "Message": f"{key} is disabled.",
        "Status": 400,
    }
    disabled = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert refused(s3.put_object, **named, **disabled)["Code"] == "KMS.DisabledException"
    kms.enable_key(KeyId=key)
    assert s3.get_object(**named)["Body"].read() == b"secret"


def test_a_key_that_is_not_there(s3: Any, bucket: str) -> None:
    missing = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": str(uuid.uuid4())}
    error = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"", **missing)
    assert (error["Code"], error["Status"]) == ("KMS.NotFoundException", 400)
    unasked = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"", SSEKMSKeyId=missing["SSEKMSKeyId"])
    assert unasked["Code"] == "InvalidArgument"


def test_without_a_key_id_it_is_aws_s3s_own(s3: Any, kms: Any, bucket: str, stranger: Any) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="aws:kms")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert put["SSEKMSKeyId"] == managed
    assert s3.get_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == managed
    # Its policy lets everybody of the account use it, through S3.
    assert stranger.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def test_the_buckets_default(s3: Any, key: str, bucket: str, stranger: Any) -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.upload_fileobj(io.BytesIO(BIG), bucket, "big")
    head = s3.head_object(Bucket=bucket, Key="big")
    assert (head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (key, True)
    again = io.BytesIO()
    s3.download_fileobj(bucket, "big", again)
    assert again.getvalue() == BIG
    assert refused(stranger.put_object, Bucket=bucket, Key="k", Body=b"")["Code"] == "AccessDenied"
    assert stranger.head_object(Bucket=bucket, Key="big")["ContentLength"] == len(BIG)
    plain = s3.put_object(Bucket=bucket, Key="plain", Body=b"1", ServerSideEncryption="AES256")
    assert plain["ServerSideEncryption"] == "AES256" and "SSEKMSKeyId" not in plain
    own = s3.put_object(Bucket=bucket, Key="own", Body=b"1", BucketKeyEnabled=False)
    assert own["SSEKMSKeyId"] == key and "BucketKeyEnabled" not in own


def test_a_form_with_a_customers_key(s3: Any, bucket: str) -> None:
    secret = SSE_C["SSECustomerKey"]
    assert isinstance(secret, bytes)
    header = "x-amz-server-side-encryption-customer-"
    fields = {
        f"{header}algorithm": "AES256",
        f"{header}key": base64.b64encode(secret).decode(),
        f"{header}key-MD5": base64.b64encode(hashlib.md5(secret).digest()).decode(),
    }
    assert sent(posted(s3, bucket, fields)).status == 204
    assert s3.get_object(Bucket=bucket, Key="k", **SSE_C)["Body"].read() == b"data"
    assert refused(s3.get_object, Bucket=bucket, Key="k")["Status"] == 400
