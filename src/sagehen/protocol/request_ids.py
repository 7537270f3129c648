"""The headers that carry a request's id."""

from __future__ import annotations

import base64
import hashlib

from sagehen.protocol.model import ServiceDescription


def is_s3(service: ServiceDescription) -> bool:
    """Whether a service has S3's own headers and bare `<Error>` documents.

    Smithy's models say so by `noErrorWrapping`; botocore's do not, but they keep S3's signature.
    """
    return str(service.metadata.get("signatureVersion", "")).startswith("s3")


def host_id(request_id: str) -> str:
    """Make S3's second id (`x-amz-id-2`), which says nothing here but is expected."""
    return base64.b64encode(hashlib.sha384(request_id.encode()).digest()).decode()


def request_id_headers(service: ServiceDescription, request_id: str) -> dict[str, str]:
    if is_s3(service):
        return {"x-amz-request-id": request_id, "x-amz-id-2": host_id(request_id)}
    return {"x-amzn-RequestId": request_id}
