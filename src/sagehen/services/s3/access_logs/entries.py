"""One request to a bucket, and the line that it is in a log. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sagehen.domain.arn import Arn
from sagehen.domain.identity import canonical_id

# What a line says of an operation, where it is not the method on OBJECT or BUCKET.
_NAMES = {
    "AbortMultipartUpload": "REST.DELETE.UPLOAD",
    "CompleteMultipartUpload": "REST.POST.UPLOAD",
    "CopyObject": "REST.COPY.OBJECT",
    "CreateMultipartUpload": "REST.POST.UPLOADS",
    "DeleteBucketPolicy": "REST.DELETE.BUCKETPOLICY",
    "DeleteObjects": "REST.POST.MULTI_OBJECT_DELETE",
    "DeleteObjectTagging": "REST.DELETE.OBJECT_TAGGING",
    "GetBucketAcl": "REST.GET.ACL",
    "GetBucketCors": "REST.GET.CORS",
    "GetBucketEncryption": "REST.GET.ENCRYPTION",
    "GetBucketLifecycleConfiguration": "REST.GET.LIFECYCLE",
    "GetBucketLocation": "REST.GET.LOCATION",
    "GetBucketLogging": "REST.GET.LOGGING_STATUS",
    "GetBucketNotificationConfiguration": "REST.GET.NOTIFICATION",
    "GetBucketPolicy": "REST.GET.BUCKETPOLICY",
    "GetBucketTagging": "REST.GET.TAGGING",
    "GetBucketVersioning": "REST.GET.VERSIONING",
    "GetBucketWebsite": "REST.GET.WEBSITE",
    "GetObjectAcl": "REST.GET.ACL",
    "GetObjectTagging": "REST.GET.OBJECT_TAGGING",
    "GetPublicAccessBlock": "REST.GET.PUBLIC_ACCESS_BLOCK",
    "ListMultipartUploads": "REST.GET.UPLOADS",
    "ListObjectVersions": "REST.GET.BUCKETVERSIONS",
    "ListParts": "REST.GET.UPLOAD",
    "PutBucketAcl": "REST.PUT.ACL",
    "PutBucketLogging": "REST.PUT.LOGGING_STATUS",
    "PutBucketNotificationConfiguration": "REST.PUT.NOTIFICATION",
    "PutBucketPolicy": "REST.PUT.BUCKETPOLICY",
    "PutBucketTagging": "REST.PUT.TAGGING",
    "PutBucketVersioning": "REST.PUT.VERSIONING",
    "PutBucketWebsite": "REST.PUT.WEBSITE",
    "PutObjectAcl": "REST.PUT.ACL",
    "PutObjectTagging": "REST.PUT.OBJECT_TAGGING",
    "UploadPart": "REST.PUT.PART",
    "UploadPartCopy": "REST.COPY.PART",
}
# What could be used again does not belong into a file that others read; AWS writes it.
_SECRETS = re.compile(r"((?:X-Amz-Signature|Signature|X-Amz-Security-Token)=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was answered.

    Args:
        bucket: It was sent to.
        key: Decoded; '' for the bucket itself.
        at: When it came.
        operation: AWS's name; '' where it never became one.
        website: It came to the bucket's website.
        path, query: As sent.
        requester: ARN; '' for nobody.
        error: S3's code; ''.
        sent_bytes: Of the answer's body.
        object_size: In bytes; None where there is no object in it.
        took_ms: From the last header read to the last byte handed over.
        signature: `SigV2`, `SigV4` or ''.
        in_query: The signature was in the query.
    """

    bucket: str
    key: str
    at: datetime
    peer: str
    requester: str
    request_id: str
    host_id: str
    operation: str
    website: bool
    method: str
    path: str
    query: str
    status: int
    error: str
    sent_bytes: int
    object_size: int | None
    took_ms: int
    referer: str
    user_agent: str
    version_id: str
    signature: str
    in_query: bool
    host: str
    secure: bool


def line(entry: Entry, owner: str) -> str:
    """Return the line of a request.

    Args:
        owner: Account of the bucket.
    """
    query = "?" + _SECRETS.sub(r"\1-", entry.query) if entry.query else ""
    size = "-" if entry.object_size is None else str(entry.object_size)
    fields = [
        canonical_id(owner),
        entry.bucket,
        f"[{entry.at:%d/%b/%Y:%H:%M:%S +0000}]",
        entry.peer,
        _requester(entry.requester),
        entry.request_id,
        _operation(entry),
        quote(entry.key, safe="/") or "-",
        _quoted(f"{entry.method} {entry.path}{query} HTTP/1.1"),
        str(entry.status),
        entry.error or "-",
        str(entry.sent_bytes) if entry.sent_bytes else "-",
        size,
        str(entry.took_ms),
        str(entry.took_ms),
        _quoted(entry.referer),
        _quoted(entry.user_agent),
        entry.version_id or "-",
        entry.host_id,
        entry.signature or "-",
        "-",
        ("QueryString" if entry.in_query else "AuthHeader") if entry.signature else "-",
        _bare(entry.host),
        "TLSv1.2" if entry.secure else "-",
        "-",
        "-",
    ]
    return " ".join(fields)


def _operation(entry: Entry) -> str:
    resource = "OBJECT" if entry.key else "BUCKET"
    if entry.website:
        return f"WEBSITE.{entry.method}.OBJECT"
    return _NAMES.get(entry.operation) or f"REST.{entry.method}.{resource}"


def _requester(arn: str) -> str:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return "-"
    return canonical_id(parsed.account_id) if parsed.resource == "root" else arn


def _quoted(text: str) -> str:
    return f'"{_clean(text)}"' if text else '"-"'


def _bare(text: str) -> str:
    return _clean(text).replace(" ", "+") or "-"


def _clean(text: str) -> str:
    """Keep a client's text inside of its field and on its line."""
    return "".join(f"%{ord(c):02X}" if ord(c) < 32 or c in '"\x7f' else c for c in text)
