"""Policies that ask what a request says of conditions, ACLs, redirects, and which tags an object has."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3

from .conftest import refused


def deny(s3: Any, bucket: str, actions: list[str], condition: dict[str, Any], effect: str = "Deny") -> None:
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": [f"s3:{action}" for action in actions],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": condition,
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def test_writes_have_to_be_conditional(s3: Any, bucket: str) -> None:
    """The policy of AWS's user guide: parts are excepted, the completion is not."""
    missing = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    deny(s3, bucket, ["PutObject"], missing)
    new = {"Bucket": bucket, "Key": "k"}
    assert refused(s3.put_object, **new)["Code"] == "AccessDenied"
    s3.put_object(**new, IfNoneMatch="*")
    assert refused(s3.copy_object, Bucket=bucket, Key="l", CopySource=f"{bucket}/k")["Code"] == "AccessDenied"
    new["Key"] = "parts"
    new["UploadId"] = s3.create_multipart_upload(**new)["UploadId"]
    part = s3.upload_part(**new, PartNumber=1, Body=b"x")
    s3.upload_part_copy(**new, PartNumber=2, CopySource=f"{bucket}/k")
    whole = {**new, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}
    assert refused(s3.complete_multipart_upload, **whole)["Code"] == "AccessDenied"
    s3.complete_multipart_upload(**whole, IfNoneMatch="*")


def test_deletions_have_to_be_conditional(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    deny(s3, bucket, ["DeleteObject"], {"Null": {"s3:if-match": "true"}})
    assert refused(s3.delete_object, Bucket=bucket, Key="k")["Code"] == "AccessDenied"
    several = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    assert several["Errors"][0]["Code"] == "AccessDenied"
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k", "ETag": etag}]})
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"y")["ETag"]
    s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert refused(s3.get_object, Bucket=bucket, Key="k")["Code"] == "NoSuchKey"


@pytest.mark.parametrize(
    ("acl", "key"), [({"ACL": "public-read"}, "acl"), ({"GrantRead": 'uri="http://x"'}, "grant-read")]
)
def test_acls_that_are_not_to_be_put(s3: Any, bucket: str, acl: dict[str, str], key: str) -> None:
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k")
    value = next(iter(acl.values()))
    deny(s3, bucket, ["PutBucketAcl", "PutObjectAcl"], {"StringEquals": {f"s3:x-amz-{key}": value}})
    assert refused(s3.put_bucket_acl, Bucket=bucket, **acl)["Code"] == "AccessDenied"
    assert refused(s3.put_object_acl, Bucket=bucket, Key="k", **acl)["Code"] == "AccessDenied"
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")


def test_objects_that_are_not_to_redirect(s3: Any, bucket: str) -> None:
    away = {"StringLike": {"s3:x-amz-website-redirect-location": "http*"}}
    deny(s3, bucket, ["PutObject"], away)
    moved = {"Bucket": bucket, "Key": "k", "WebsiteRedirectLocation": "https://example.com/"}
    assert refused(s3.put_object, **moved)["Code"] == "AccessDenied"
    s3.put_object(**{**moved, "WebsiteRedirectLocation": "/elsewhere"})


def test_buckets_that_are_not_to_have_acls(client: Any, bucket: str) -> None:
    iam, name = client("iam"), bucket.removeprefix("test-")
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "s3:CreateBucket",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"s3:x-amz-object-ownership": "BucketOwnerEnforced"}},
        },
    ]
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    s3 = client("s3", credentials={**key, "SessionToken": None})
    try:
        made = {"Bucket": f"{bucket}-2"}
        assert refused(s3.create_bucket, **made)["Code"] == "AccessDenied"
        assert refused(s3.create_bucket, **made, ObjectOwnership="ObjectWriter")["Code"] == "AccessDenied"
        s3.create_bucket(**made, ObjectOwnership="BucketOwnerEnforced")
        s3.delete_bucket(**made)
    finally:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName="p")
        iam.delete_user(UserName=name)


def test_a_website_shows_what_has_a_tag(s3: Any, bucket: str, endpoint_url: str) -> None:
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.delete_public_access_block(Bucket=bucket)
    public = {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}}
    deny(s3, bucket, ["GetObject"], public, effect="Allow")
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"home", Tagging="public=yes")
    s3.put_object(Bucket=bucket, Key="draft.html", Body=b"draft", Tagging="public=no")
    port = endpoint_url.rsplit(":", 1)[1].rstrip("/")
    host = {"Host": f"{bucket}.s3-website.localhost:{port}"}
    for path, status in (("/", 200), ("/draft.html", 403)):
        assert urllib3.request("GET", endpoint_url + path, headers=host, timeout=60).status == status
