"""Condition keys of IAM that a request brings along."""

from __future__ import annotations

from sagehen.api.operation import Request
from sagehen.domain.access import ConditionValue

# Condition key -> member of the input.
# These and their members: documented (Service Authorization Reference, condition keys for Amazon S3).
_LIST_KEYS = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
_ACL_KEYS = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
}
_WRITE_KEYS = {"s3:if-none-match": "IfNoneMatch", "s3:if-match": "IfMatch"}
_PUT_KEYS = {
    **_ACL_KEYS,
    **_WRITE_KEYS,
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
# Whether a request that needs s3:PutObject makes an object: what is only on the way to one takes no
# If-None-Match, and policies that want the header except it.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
_CREATES = "s3:ObjectCreationOperation"


def _keys(table: dict[str, str], request: Request) -> dict[str, ConditionValue]:
    return {key: str(request[name]) for key, name in table.items() if request.get(name) is not None}


def list_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the keys of a listing: prefix, delimiter, and the page's size as it was asked for.

    Documented: Service Authorization Reference, Actions, resources, and condition keys for Amazon S3.
    """
    keys = _keys(_LIST_KEYS, request)
    # A listing without a prefix has the empty one: policies often ask for it.
    keys.setdefault("s3:prefix", "")
    return keys


def acl_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the keys of an ACL that comes in headers; one in the body has none."""
    return _keys(_ACL_KEYS, request)


def deletion_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the key of a conditional deletion, `s3:if-match`."""
    return _keys({"s3:if-match": "IfMatch"}, request)


def part_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the key that says that a part makes no object."""
    return {_CREATES: "false"}


def completion_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the keys of the request that makes an object of parts."""
    return {**_keys(_WRITE_KEYS, request), _CREATES: "true"}


def put_conditions(request: Request, creates: bool = True) -> dict[str, ConditionValue]:
    """Return the keys of an upload, as its request asks for it.

    Args:
        creates: It is all of the object, not the beginning of a multipart upload.
    """
    return {**_keys(_PUT_KEYS, request), _CREATES: str(creates).lower()}
