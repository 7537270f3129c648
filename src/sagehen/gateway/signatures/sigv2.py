"""Signature Version 2 of S3's signed query, which boto3 still presigns with in us-east-1.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

# Query parameters that are part of the resource, and so of what is signed: documented, and as botocore signs
# them (`HmacV1Auth.QSAOfInterest`; a test compares).
_SUBRESOURCES = frozenset(
    [
        "accelerate",
        "acl",
        "cors",
        "defaultObjectAcl",
        "location",
        "logging",
        "partNumber",
        "policy",
        "requestPayment",
        "torrent",
        "versioning",
        "versionId",
        "versions",
        "website",
        "uploads",
        "uploadId",
        "response-content-type",
        "response-content-language",
        "response-expires",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "delete",
        "lifecycle",
        "tagging",
        "restore",
        "storageClass",
        "notification",
        "replication",
        "analytics",
        "metrics",
        "inventory",
        "select",
        "select-type",
        "object-lock",
    ]
)
_OWN = frozenset(("AWSAccessKeyId", "Signature", "Expires"))


def string_to_sign(
    method: str, resource_path: str, query: str, headers: Mapping[str, str], expires: str
) -> str:
    """Return what a `query-v2` signature signs.

    Args:
        method: Upper case.
        resource_path: As sent, with the bucket in front even for a virtual host.
        query: As sent.
        headers: Lower-case names.
        expires: The `Expires` parameter.
    """
    # boto3 moves the x-amz-* headers that it signed, Content-MD5 and Content-Type into the query.
    moved = {name.lower(): value for name, value in parse_qsl(query) if name not in _OWN}
    known = {**moved, **headers}
    lines = [method, known.get("content-md5", ""), known.get("content-type", ""), expires]
    lines += [f"{name}:{known[name].strip()}" for name in sorted(known) if name.startswith("x-amz-")]
    return "\n".join([*lines, resource_path + _subresources(query)])


def resource_paths(path: str) -> tuple[str, ...]:
    """Return what a client may have signed as the path: a bucket alone is `/bucket/` as well as `/bucket`."""
    is_bucket = path.count("/") == 1 and len(path) > 1
    return (path, path + "/") if is_bucket else (path,)


def _subresources(query: str) -> str:
    pairs = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if name in _SUBRESOURCES:
            pairs.append((name, f"{name}{equals}{unquote(value)}"))
    pairs.sort(key=lambda pair: pair[0])
    return "?" + "&".join(text for _, text in pairs) if pairs else ""


def sign(secret: str, text: str) -> str:
    """Return the base64 HMAC-SHA1 of `text`: the algorithm is the protocol's, not our choice."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8"), "sha1")).decode()
