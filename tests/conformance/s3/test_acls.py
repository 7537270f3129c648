"""ACLs: what is refused, what is shown, and that they let others in or not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from .conftest import empty, refused

MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FAKE = "http://acs.amazonaws.com/groups/s3/FakeGroup"
NOT_SUPPORTED = {
    "Code": "AccessControlListNotSupported",
    "Message": "The bucket does not allow ACLs",
    "Status": 400,
}


@pytest.fixture
def with_acls(s3: Any) -> Iterator[str]:
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="module")
def nobody(client: Any) -> Any:
    return client("s3", config=Config(signature_version=UNSIGNED))


@pytest.fixture(scope="module")
def stranger(client: Any) -> Any:
    return client("s3", account="210987654321")


@pytest.fixture(scope="module")
def me(s3: Any) -> dict[str, str]:
    return {"ID": s3.list_buckets()["Owner"]["ID"]}


def grant(grantee: dict[str, str], permission: str) -> dict[str, Any]:
    kind = "Group" if "URI" in grantee else "CanonicalUser"
    return {"Grantee": {**grantee, "Type": kind}, "Permission": permission}


def invalid(message: str | None, name: str, value: str) -> dict[str, Any]:
    error = {"Code": "InvalidArgument", "ArgumentName": name, "ArgumentValue": value, "Status": 400}
    return {**error, "Message": message or ""}


def test_what_is_no_acl(s3: Any, bucket: str, me: dict[str, str]) -> None:
    """Said before it is looked at whether the bucket takes ACLs (recorded)."""

    def error(**request: Any) -> dict[str, Any]:
        found = refused(s3.put_bucket_acl, Bucket=bucket, **request)
        return {**found, "Message": found["Message"] or ""}

    def document(**changes: Any) -> dict[str, Any]:
        return error(AccessControlPolicy={"Owner": me, "Grants": [grant({"URI": LOGS}, "WRITE")], **changes})

    assert error(ACL="fake-acl") == invalid(None, "x-amz-acl", "fake-acl")
    assert error(GrantWrite=f'uri="{FAKE}"') == invalid("Invalid group uri", "uri", FAKE)
    fake_key = 'fakekey="1234"'
    assert error(GrantWrite=fake_key) == invalid(
        "Argument format not recognized", "x-amz-grant-write", fake_key
    )
    assert error(GrantWrite='id="wrong-id"') == invalid("Invalid id", "id", "wrong-id")
    malformed = {"Code": "MalformedACLError", "Message": MALFORMED, "Status": 400}
    assert error(AccessControlPolicy={"Grants": [grant({"URI": LOGS}, "WRITE")]}) == malformed
    assert document(Grants=[grant({"URI": LOGS}, "WRONG-PERMISSION")]) == malformed
    assert document(Owner={"ID": "wrong-id"}) == invalid("Invalid id", "CanonicalUser/ID", "wrong-id")
    assert document(Grants=[grant({"URI": FAKE}, "WRITE")]) == invalid("Invalid group uri", "Group/URI", FAKE)
    assert document(Grants=[grant({"ID": "wrong-id"}, "READ")]) == invalid(
        "Invalid id", "CanonicalUser/ID", "wrong-id"
    )
    assert error(AccessControlPolicy={}) == malformed
    assert error() == {
        "Code": "MissingSecurityHeader",
        "Message": "Your request was missing a required header",
        "MissingHeaderName": "x-amz-acl",
        "Status": 400,
    }
    assert error(ACL="private", GrantRead=f'uri="{LOGS}"') == {
        "Code": "InvalidRequest",
        "Message": "Specifying both Canned ACLs and Header Grants is not allowed",
        "Status": 400,
    }
    both = error(ACL="private", AccessControlPolicy={"Owner": me, "Grants": []})
    assert both == {
        "Code": "UnexpectedContent",
        "Message": "This request does not support content",
        "Status": 400,
    }


def test_a_bucket_without_acls(s3: Any, bucket: str, me: dict[str, str]) -> None:
    assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="private") == NOT_SUPPORTED
    assert refused(s3.put_object, Bucket=bucket, Key="k", ACL="public-read") == NOT_SUPPORTED
    s3.put_object(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    assert refused(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read") == NOT_SUPPORTED
    assert s3.get_object_acl(Bucket=bucket, Key="k")["Grants"] == [grant(me, "FULL_CONTROL")]


def test_acls_of_a_new_bucket(s3: Any) -> None:
    name = f"test-{uuid.uuid4()}"
    error = refused(s3.create_bucket, Bucket=name, ACL="public-read")
    assert (error["Code"], error["Status"]) == ("InvalidBucketAclWithObjectOwnership", 400)
    error = refused(s3.create_bucket, Bucket=name, ACL="public-read", ObjectOwnership="ObjectWriter")
    assert error["Code"] == "InvalidBucketAclWithBlockPublicAccessError"


def test_acls_are_shown_as_they_were_put(s3: Any, with_acls: str, me: dict[str, str]) -> None:
    def shown() -> list[Any]:
        answer = s3.get_bucket_acl(Bucket=with_acls)
        assert answer["Owner"] == me
        return list(answer["Grants"])

    mine, readable = grant(me, "FULL_CONTROL"), grant({"URI": EVERYBODY}, "READ")
    assert shown() == [mine]
    s3.put_bucket_acl(Bucket=with_acls, ACL="public-read")
    assert shown() == [mine, readable]
    s3.put_bucket_acl(Bucket=with_acls, ACL="log-delivery-write")
    assert shown() == [mine, grant({"URI": LOGS}, "WRITE"), grant({"URI": LOGS}, "READ_ACP")]
    s3.put_bucket_acl(Bucket=with_acls, GrantRead=f'uri="{LOGS}"')
    assert shown() == [grant({"URI": LOGS}, "READ")]
    document = {"Owner": me, "Grants": [mine, grant({"URI": LOGS}, "WRITE")]}
    s3.put_bucket_acl(Bucket=with_acls, AccessControlPolicy=document)
    assert shown() == document["Grants"]
    # An object does not inherit its bucket's.
    s3.put_object(Bucket=with_acls, Key="k")
    assert s3.get_object_acl(Bucket=with_acls, Key="k")["Grants"] == [mine]
    upload = s3.create_multipart_upload(Bucket=with_acls, Key="m", ACL="public-read")["UploadId"]
    where = {"Bucket": with_acls, "Key": "m", "UploadId": upload}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**where, PartNumber=1, Body=b"x")["ETag"]}
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [part]})
    assert s3.get_object_acl(Bucket=with_acls, Key="m")["Grants"] == [mine, readable]
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    error = refused(s3.put_bucket_ownership_controls, Bucket=with_acls, OwnershipControls=enforced)
    assert error["Code"] == "InvalidBucketAclWithObjectOwnership"


def test_what_is_public_is_read_by_nobody_in_particular(s3: Any, nobody: Any, with_acls: str) -> None:
    s3.put_object(Bucket=with_acls, Key="open", Body=b"to all", ACL="public-read")
    s3.put_object(Bucket=with_acls, Key="shut", Body=b"to none")
    assert nobody.get_object(Bucket=with_acls, Key="open")["Body"].read() == b"to all"
    assert refused(nobody.get_object, Bucket=with_acls, Key="shut")["Status"] == 403
    assert refused(nobody.get_object, Bucket=with_acls, Key="none")["Code"] == "AccessDenied"
    assert refused(nobody.put_object, Bucket=with_acls, Key="new")["Status"] == 403
    assert refused(nobody.list_objects_v2, Bucket=with_acls)["Status"] == 403
    s3.put_bucket_acl(Bucket=with_acls, ACL="public-read")
    assert nobody.list_objects_v2(Bucket=with_acls)["KeyCount"] == 2
    assert refused(nobody.get_object, Bucket=with_acls, Key="none")["Code"] == "NoSuchKey"
    assert refused(nobody.delete_object, Bucket=with_acls, Key="open")["Status"] == 403
    s3.put_object_acl(Bucket=with_acls, Key="open", ACL="private")
    assert refused(nobody.get_object, Bucket=with_acls, Key="open")["Status"] == 403
    s3.put_object_acl(Bucket=with_acls, Key="open", ACL="public-read")
    block = {"IgnorePublicAcls": True}
    s3.put_public_access_block(Bucket=with_acls, PublicAccessBlockConfiguration=block)
    assert refused(nobody.get_object, Bucket=with_acls, Key="open")["Status"] == 403
    s3.put_object_acl(Bucket=with_acls, Key="open", ACL="public-read")  # put, and ignored
    s3.put_public_access_block(Bucket=with_acls, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert nobody.get_object(Bucket=with_acls, Key="open")["ContentLength"] == 6
    for call, request in (
        (s3.put_object_acl, {"Key": "open", "ACL": "public-read"}),
        (s3.put_object, {"Key": "more", "ACL": "public-read"}),
        (s3.put_bucket_acl, {"ACL": "public-read"}),
    ):
        error = refused(call, Bucket=with_acls, **request)
        assert error["Code"] == "AccessDenied" and "BlockPublicAcls" in error["Message"]


def test_grants_to_another_account(s3: Any, stranger: Any, nobody: Any, with_acls: str) -> None:
    other = stranger.list_buckets()["Owner"]["ID"]
    s3.put_object(Bucket=with_acls, Key="k", Body=b"for you", GrantRead=f'id="{other}"')
    assert stranger.get_object(Bucket=with_acls, Key="k")["Body"].read() == b"for you"
    assert refused(nobody.get_object, Bucket=with_acls, Key="k")["Status"] == 403
    assert refused(stranger.get_object_acl, Bucket=with_acls, Key="k")["Status"] == 403
    assert refused(stranger.put_object, Bucket=with_acls, Key="new")["Status"] == 403
    s3.put_bucket_acl(Bucket=with_acls, GrantWrite=f'id="{other}"')
    stranger.put_object(Bucket=with_acls, Key="new", Body=b"mine")
    # The writer owns what he wrote, and reads it though the bucket is not his.
    assert s3.list_objects(Bucket=with_acls, Prefix="new")["Contents"][0]["Owner"]["ID"] == other
    assert stranger.get_object(Bucket=with_acls, Key="new")["Body"].read() == b"mine"
    assert stranger.get_object_acl(Bucket=with_acls, Key="new")["Owner"]["ID"] == other
    s3.put_object_acl(Bucket=with_acls, Key="k", ACL="authenticated-read")
    assert stranger.get_object(Bucket=with_acls, Key="k")["ContentLength"] == 7
    assert refused(nobody.get_object, Bucket=with_acls, Key="k")["Status"] == 403


def test_versions_have_acls_of_their_own(s3: Any, nobody: Any, with_acls: str) -> None:
    s3.put_bucket_versioning(Bucket=with_acls, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=with_acls, Key="k", Body=b"1", ACL="public-read")["VersionId"]
    second = s3.put_object(Bucket=with_acls, Key="k", Body=b"2")["VersionId"]
    assert nobody.get_object(Bucket=with_acls, Key="k", VersionId=first)["Body"].read() == b"1"
    assert refused(nobody.get_object, Bucket=with_acls, Key="k", VersionId=second)["Status"] == 403
    assert refused(nobody.get_object, Bucket=with_acls, Key="k")["Status"] == 403
    s3.delete_object(Bucket=with_acls, Key="k")
    error = refused(s3.put_object_acl, Bucket=with_acls, Key="k", ACL="private")
    assert (error["Code"], error["Method"], error["Status"]) == ("MethodNotAllowed", "PUT", 405)
    # Only the ACL that is to be put meets the marker (recorded).
    assert refused(s3.get_object_acl, Bucket=with_acls, Key="k")["Code"] == "NoSuchKey"
