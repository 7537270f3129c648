"""The encryption that an upload asks for, or that its bucket gives to what asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.s3.encryption.kms_keys import METHODS
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.records.buckets import Bucket, BucketRecords

# Members of an upload that say how; the customer's key is no encryption of S3's.
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
_NO_RULE: Mapping[str, Any] = {"Rules": [{}]}


def encryption_of(buckets: BucketRecords, bucket: Bucket, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the encryption that an upload asks for, or the bucket's default."""
    # Of the key recorded, of the context from memory.
    of_kms = request.get("SSEKMSKeyId") or request.get("SSEKMSEncryptionContext")
    if of_kms and request.get("ServerSideEncryption") not in METHODS:
        raise InvalidArgument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            request.get("ServerSideEncryption") or "null",
        )
    # AES256 wins over a bucket's default with KMS: what is asked for is done (documented: PutObject).
    method = request.get("ServerSideEncryption")
    if method == "AES256":
        return {"ServerSideEncryption": method}
    if method and method not in METHODS:  # aws:fsx, which belongs to access points
        raise NotImplementedOperation(f"Encryption as {method} is not implemented.")
    stored = buckets.configuration(bucket.name, "encryption")
    if method:
        asked = {name: request[name] for name in _ENCRYPTION if request.get(name) is not None}
        bucket_key = asked.pop("BucketKeyEnabled", (stored or _NO_RULE)["Rules"][0].get("BucketKeyEnabled"))
        # Without the header the bucket's own setting holds; bucket keys exist in one layer only.
        return asked | ({"BucketKeyEnabled": True} if bucket_key and method == "aws:kms" else {})
    if stored is None:
        return {"ServerSideEncryption": "AES256"}
    rule = stored["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    encryption = {"ServerSideEncryption": default["SSEAlgorithm"]}
    if default.get("KMSMasterKeyID"):
        encryption["SSEKMSKeyId"] = default["KMSMasterKeyID"]
    if default["SSEAlgorithm"] == "aws:kms":
        asked_for = request.get("BucketKeyEnabled")
        if rule.get("BucketKeyEnabled") if asked_for is None else asked_for:
            encryption["BucketKeyEnabled"] = True
    return encryption
